import Foundation
import Testing

@testable import SwkafkaCommands

/// Records through `console-producer` and back through `console-consumer`, as in Kafka's recorded transcripts.
@Suite(.timeLimit(.minutes(2))) struct RecordTranscriptTests {
    private static let everything = [
        "--from-beginning", "--formatter-property", "print.key=true", "--formatter-property", "print.headers=true",
        "--formatter-property", "key.separator=|",
    ]

    /// Writes `input` to a fresh topic and reads back `count` records.
    private func roundTrip(
        _ bench: CommandBench,
        _ topic: String,
        _ options: [String],
        _ input: String,
        count: Int
    ) async throws -> String {
        let written = try await bench.run(["console-producer", "--topic", topic] + options, input: Data(input.utf8))
        #expect(written == Transcript(status: 0, output: "", errors: ""))
        let read = try await bench.run(
            ["console-consumer", "--topic", topic, "--max-messages", String(count)] + Self.everything,
            input: .init()
        )
        #expect(read.status == 0)
        #expect(read.errors == "Processed a total of \(count) messages\n")
        return read.output
    }

    @Test func linesAsTheyAreRead() async throws {
        try await CommandBench.with { bench in
            let colon = ["--property", "parse.key=true", "--property", "key.separator=:"]
            let headers = ["--reader-property", "parse.headers=true", "--reader-property", "parse.key=true"]
            let cases: [(options: [String], input: String, output: [String])] = [
                ([], "hello\nworld\n", ["NO_HEADERS|null|hello", "NO_HEADERS|null|world"]),
                ([], "a\r\nb\rc", ["NO_HEADERS|null|a", "NO_HEADERS|null|b", "NO_HEADERS|null|c"]),
                ([], "\nx\n\n", ["NO_HEADERS|null|", "NO_HEADERS|null|x", "NO_HEADERS|null|"]),
                (["--sync"], "s1\ns2\n", ["NO_HEADERS|null|s1", "NO_HEADERS|null|s2"]),
                (
                    colon + ["--property", "null.marker=NIL"], "a:b:c\n:x\nz:\nk:NIL\nNIL:v\n",
                    ["NO_HEADERS|a|b:c", "NO_HEADERS||x", "NO_HEADERS|z|", "NO_HEADERS|k|null", "NO_HEADERS|null|v"]
                ),
                (headers, "h1:v1,h2:v2\tkey\tvalue\n", ["h1:v1,h2:v2|key|value"]),
            ]
            for (number, item) in cases.enumerated() {
                let read = try await roundTrip(bench, "t\(number)", item.options, item.input, count: item.output.count)
                #expect(read == item.output.map { $0 + "\n" }.joined())
            }
        }
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func everyCodec(codec: String) async throws {
        try await CommandBench.with { bench in
            let lines = (0..<500).map { "line \($0) of many that look alike\n" }.joined()
            let written = try await bench.run(
                "console-producer",
                "--topic",
                "t",
                "--compression-codec",
                codec,
                input: lines
            )
            #expect(written.status == 0)
            let read = try await bench.run(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--max-messages",
                "500"
            )
            #expect(read.output == lines)
        }
    }

    @Test func aWrongLineEndsTheInputButNotWhatCameBefore() async throws {
        try await CommandBench.with { bench in
            let options = ["--property", "parse.key=true", "--property", "key.separator=:"]
            let written = try await bench.run(
                ["console-producer", "--topic", "w"] + options,
                input: Data("ok:1\nnosep\nlater:2\n".utf8)
            )
            #expect(written.status == 1)
            #expect(written.errors.hasPrefix("No key separator found on line number 2: 'nosep'."))
            let read = try await bench.run("get-offsets", "--topic", "w")
            #expect(read.output == "w:0:1\n")
        }
    }

    @Test func lostRecordsAreCounted() async throws {
        try await CommandBench.with { bench in
            let input = String(repeating: "x", count: 200) + "\nsmall\n"
            let options = ["--producer-property", "max.request.size=150"]
            let written = try await bench.run(["console-producer", "--topic", "w"] + options, input: Data(input.utf8))
            #expect(written.status == 1)
            #expect(written.errors.contains("key: null, value: 200 bytes"))
            #expect(written.errors.hasSuffix("1 of 2 records were not acknowledged.\n"))
            #expect(try await bench.run("get-offsets", "--topic", "w").output == "w:0:1\n")
            let sync = try await bench.run(
                ["console-producer", "--topic", "w", "--sync"] + options,
                input: Data(input.utf8)
            )
            #expect(sync.status == 1)
            #expect(try await bench.run("get-offsets", "--topic", "w").output == "w:0:1\n")
        }
    }

    @Test func whereToStartAndWhereToEnd() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "m0\nm1\nm2\n")
            func read(_ options: String...) async throws -> Transcript {
                try await bench.run(["console-consumer", "--topic", "t"] + options)
            }
            #expect(try await read("--partition", "0", "--offset", "2", "--max-messages", "1").output == "m2\n")
            #expect(
                try await read("--partition", "0", "--offset", "earliest", "--max-messages", "2").output == "m0\nm1\n"
            )
            let none = Transcript(status: 0, output: "", errors: "Processed a total of 0 messages\n")
            #expect(try await read("--from-beginning", "--max-messages", "0") == none)
            #expect(try await read("--from-beginning", "--max-messages", "-5") == none)
            let timedOut = try await read("--timeout-ms", "200")
            #expect(timedOut.status == 0)
            #expect(timedOut.output.isEmpty)
            #expect(timedOut.errors.hasSuffix("Processed a total of 0 messages\n"))
            let reset = try await read("--consumer-property", "auto.offset.reset=earliest", "--max-messages", "1")
            #expect(reset.output == "m0\n")
            let conflict = try await read("--from-beginning", "--consumer-property", "auto.offset.reset=latest")
            #expect(conflict.status == 2)
            let grouped = try await read("--from-beginning", "--max-messages", "1", "--group", "g")
            #expect(grouped.output == "m0\n")
            #expect(grouped.errors == "Processed a total of 1 messages\n")
            let next = try await read("--from-beginning", "--max-messages", "1", "--group", "g")
            #expect(next.output == "m1\n")
            let conflicting = try await read("--group", "a", "--consumer-property", "group.id=b")
            #expect(conflicting.status == 2)
            let events = try await read("--from-beginning", "--max-messages", "1", "--enable-systest-events")
            #expect(events.output == "m0\nshutdown_complete\n")
            let pattern = try await bench.run(
                "console-consumer",
                "--include",
                "[st]",
                "--from-beginning",
                "--max-messages",
                "3"
            )
            #expect(pattern.output == "m0\nm1\nm2\n")
        }
    }

    @Test func wrongDataEndOrAreSkipped() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "12345678\nx\n12345678\n")
            let options = ["--topic", "t", "--from-beginning", "--value-deserializer", "LongDeserializer"]
            let number = "3544952156018063160\n"
            let stopped = try await bench.run(["console-consumer"] + options)
            #expect(stopped.status == 1)
            #expect(stopped.output == number)
            let skipped = try await bench.run(
                ["console-consumer", "--skip-message-on-error", "--max-messages", "3"] + options,
                input: .init()
            )
            #expect(skipped.status == 0)
            #expect(skipped.output == number + number)
        }
    }
}
