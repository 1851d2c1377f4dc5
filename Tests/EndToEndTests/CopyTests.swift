import Foundation
import KafkaTestSupport
import Testing

/// Topics read to an end, and copied through a pipe.
@Suite("Reading with an end, and JSON", .timeLimit(.minutes(2)))
struct CopyTests {
    private func consume(_ broker: BrokerProcess, _ topic: String, _ words: String...) async throws -> CommandResult {
        try await Swkafka.run(
            ["console-consumer", "--bootstrap-server", broker.address, "--topic", topic] + words
        )
    }

    /// Without what tells where the record was.
    private func content(_ line: String) -> String {
        line.replacing(/"topic":"[a-z]+"/, with: "").replacing(/"offset":[0-9]+/, with: "")
    }

    @Test func aTopicIsCopiedByteForByte() async throws {
        try await BrokerProcess.with { broker in
            for topic in ["source", "target"] {
                _ = try await broker.swkafka("topics", "--create", "--topic", topic, "--partitions", "3")
            }
            let records = [
                #"{"partition":0,"timestamp":1700000000000,"key":{"base64":"AP8="},"value":{"base64":"gIE="}}"#,
                #"{"partition":1,"timestamp":1700000000001,"key":"k","value":null}"#,
                #"{"partition":2,"timestamp":1700000000002,"key":"","value":""}"#,
                #"{"partition":2,"timestamp":1700000000003,"value":"v","headers":[{"key":"h","value":"1"},{"key":"h","value":null},{"key":"","value":""}]}"#,
            ]
            for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
                let sent = try await broker.swkafka(
                    "console-producer",
                    "--topic",
                    "source",
                    "--input",
                    "json",
                    "--compression-codec",
                    codec,
                    input: records.joined(separator: "\n") + "\n"
                )
                #expect(sent.status == 0, "\(sent)")
            }
            let committed = try await Swkafka.run([
                "producer-perf-test", "--bootstrap-server", broker.address, "--topic", "source", "--num-records", "20",
                "--payload-monotonic", "--transactional-id", "copy", "--transaction-duration-ms", "1000000",
            ])
            #expect(committed.status == 0, "\(committed)")
            let words = [
                "--from-beginning", "--exit-at-end", "--output", "json", "--isolation-level", "read_committed",
            ]
            let read = try await Swkafka.run(
                ["console-consumer", "--bootstrap-server", broker.address, "--topic", "source"] + words
            )
            #expect(read.status == 0 && read.lines.count == 40, "\(read)")
            let copied = try await Swkafka.run(
                ["console-producer", "--bootstrap-server", broker.address, "--topic", "target", "--input", "json"],
                input: read.text
            )
            #expect(copied.status == 0, "\(copied)")
            let again = try await Swkafka.run(
                ["console-consumer", "--bootstrap-server", broker.address, "--topic", "target"] + words
            )
            #expect(again.lines.map(content).sorted() == read.lines.map(content).sorted())
            #expect(try await consume(broker, "target", "--exit-at-end", "--count").text == "40\n")
        }
    }

    @Test func ends() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t")
            #expect(try await consume(broker, "t", "--exit-at-end").output.isEmpty)
            // Each transaction leaves a marker, an offset that no reader gets.
            for first in [0, 5] {
                let input = (first..<first + 5).map { "{\"value\":\"\($0)\",\"timestamp\":\(1000 + $0)}\n" }.joined()
                let sent = try await Swkafka.run(
                    [
                        "console-producer", "--bootstrap-server", broker.address, "--topic", "t", "--input", "json",
                    ],
                    input: input
                )
                #expect(sent.status == 0, "\(sent)")
                let marked = try await Swkafka.run([
                    "producer-perf-test", "--bootstrap-server", broker.address, "--topic", "t", "--num-records", "1",
                    "--record-size", "1", "--transactional-id", "marker", "--transaction-duration-ms", "100000",
                ])
                #expect(marked.status == 0, "\(marked)")
            }
            // Offsets: 0–4, 5 and its marker 6, 7–11, 12 and its marker 13.
            #expect(try await consume(broker, "t", "--exit-at-end", "--count").text == "12\n")
            #expect(try await consume(broker, "t", "--from", "2", "--until", "5").lines == ["2", "3", "4"])
            #expect(
                try await consume(broker, "t", "--from", "@1003", "--until", "@1006", "--max-messages", "2").lines == [
                    "3", "4",
                ]
            )
            #expect(try await consume(broker, "t", "--tail", "3").lines.prefix(2) == ["8", "9"])
            #expect(try await consume(broker, "t", "--tail", "100", "--count").text == "12\n")
            #expect(try await consume(broker, "t", "--from", "10", "--exit-at-end", "--count").text == "3\n")
            #expect(try await consume(broker, "t", "--from", "-1h", "--exit-at-end", "--count").text == "7\n")
            #expect(try await consume(broker, "t", "--partition", "9", "--exit-at-end").status == 1)
        }
    }

    @Test func aWrongLineIsNamed() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t")
            let result = try await broker.swkafka(
                "console-producer",
                "--topic",
                "t",
                "--input",
                "json",
                input: "{\"value\":\"a\"}\n{\"valu\":\"b\"}\n"
            )
            #expect(result.status == 1 && result.errors.contains("Line 2 is no record: "), "\(result)")
            #expect(try await consume(broker, "t", "--exit-at-end").text == "a\n")
        }
    }
}
