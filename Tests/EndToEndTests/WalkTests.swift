import Foundation
import KafkaTestSupport
import Testing

@Suite("A newcomer's walk", .timeLimit(.minutes(2)))
struct WalkTests {
    @Test func linesInAndOut() async throws {
        try await BrokerProcess.with { broker in
            let created = try await broker.swkafka("topics", "--create", "--topic", "walk", "--partitions", "2")
            #expect(created.text == "Created topic walk.\n")
            #expect(created.status == 0)

            let input = "first\n\nthird with \u{e9}\u{4e16}\nlast, without an end"
            let produced = try await broker.swkafka("console-producer", "--topic", "walk", input: input)
            #expect(produced.status == 0, "\(produced)")
            #expect(produced.output.isEmpty)

            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "walk",
                "--from-beginning",
                "--max-messages",
                "4"
            )
            #expect(consumed.status == 0)
            #expect(
                consumed.text.split(separator: "\n", omittingEmptySubsequences: false).sorted()
                    == (input + "\n").split(separator: "\n", omittingEmptySubsequences: false).sorted()
            )
            #expect(consumed.errors.contains("Processed a total of 4 messages"))

            let described = try await broker.swkafka("topics", "--describe", "--topic", "walk")
            #expect(described.lines.count == 3)
            #expect(described.lines.first?.hasPrefix("Topic: walk\tTopicId: ") == true)
            #expect(described.lines.first?.contains("\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: ") == true)
            #expect(described.lines.last?.hasPrefix("\tTopic: walk\tPartition: 1\tLeader: ") == true)

            let offsets = try await broker.swkafka("get-offsets", "--topic", "walk")
            #expect(offsets.lines.compactMap { Int($0.split(separator: ":")[2]) }.reduce(0, +) == 4)

            let overview = try await broker.swkafka("describe")
            #expect(overview.status == 0)
            #expect(overview.text.contains("walk"))
            #expect(overview.text.contains(broker.address))

            let deleted = try await broker.swkafka("topics", "--delete", "--topic", "walk")
            #expect(deleted.status == 0)
            let listed = try await broker.swkafka("topics", "--list")
            #expect(!listed.text.contains("walk"))
        }
    }

    /// Many batches and segments: what comes out is what went in, in order.
    @Test func thirtyMegabytes() async throws {
        let input = (0..<300_000).map { "\($0) \(String(repeating: "abcdefghi ", count: 9))\n" }.joined()
        try await BrokerProcess.with(["--ephemeral", "--override", "log.segment.bytes=4194304"]) { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            let produced = try await broker.swkafka("console-producer", "--topic", "t", input: input)
            #expect(produced.status == 0, "\(produced.errors)")
            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--max-messages",
                "300000"
            )
            #expect(consumed.output == Data(input.utf8))
        }
    }

    @Test func keysHeadersAndNulls() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            let produced = try await broker.swkafka(
                "console-producer",
                "--topic",
                "t",
                "--property",
                "parse.key=true",
                "--property",
                "parse.headers=true",
                "--property",
                "key.separator=|",
                "--property",
                "headers.delimiter=!",
                "--property",
                "null.marker=NIL",
                input: "a:1,b:2!key|value\nNIL!NIL|NIL\n"
            )
            #expect(produced.status == 0, "\(produced)")
            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--max-messages",
                "2",
                "--property",
                "print.key=true",
                "--property",
                "print.headers=true",
                "--property",
                "print.partition=true",
                "--property",
                "print.offset=true"
            )
            #expect(
                consumed.text == """
                    Partition:0\tOffset:0\ta:1,b:2\tkey\tvalue
                    Partition:0\tOffset:1\tNO_HEADERS\tnull\tnull

                    """
            )
        }
    }

    @Test func configsAndDeletedRecords() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            let altered = try await broker.swkafka(
                "configs",
                "--alter",
                "--entity-type",
                "topics",
                "--entity-name",
                "t",
                "--add-config",
                "retention.ms=1000,cleanup.policy=[compact,delete]"
            )
            #expect(altered.text == "Completed updating config for topic t.\n", "\(altered)")
            let described = try await broker.swkafka("configs", "--describe", "--topic", "t")
            #expect(described.text.hasPrefix("Dynamic configs for topic t are:\n  cleanup.policy=compact,delete "))

            _ = try await broker.swkafka(
                "console-producer",
                "--topic",
                "t",
                "--property",
                "parse.key=true",
                input: "k\ta\nk\tb\nk\tc\n"
            )
            try await withTemporaryDirectory { directory in
                let file = directory + "/offsets.json"
                try #"{"partitions":[{"topic":"t","partition":0,"offset":2}],"version":1}"#
                    .write(toFile: file, atomically: true, encoding: .utf8)
                let removed = try await broker.swkafka("delete-records", "--offset-json-file", file)
                #expect(removed.status == 0, "\(removed)")
                #expect(removed.lines.last == "partition: t-0\tlow_watermark: 2")
            }
            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--max-messages",
                "1"
            )
            #expect(consumed.text == "c\n")
        }
    }
}
