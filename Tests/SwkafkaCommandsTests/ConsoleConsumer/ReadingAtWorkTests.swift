import Foundation
import Testing

@testable import SwkafkaCommands

/// Reading with filters, formats, orders and ends, against a broker in this process.
@Suite("Reading at work", .timeLimit(.minutes(2)))
struct ReadingAtWorkTests {
    /// Three partitions whose records are interleaved in time: n, partition n % 3, at 1000 n ms, in several batches.
    private func fill(_ bench: CommandBench, count: Int = 30) async throws {
        let created = try await bench.run("topics", "--create", "--topic", "t", "--partitions", "3")
        #expect(created.status == 0, "\(created)")
        for start in stride(from: 0, to: count, by: 10) {
            let lines = (start..<min(start + 10, count)).map { n in
                """
                {"partition":\(n % 3),"timestamp":\((n + 1) * 1000),"key":"k\(n)","value":"{\\"n\\":\(n),\
                \\"even\\":\(n % 2 == 0)}","headers":[{"key":"mod","value":"\(n % 5)"}]}

                """
            }
            let sent = try await bench.run(
                ["console-producer", "--topic", "t", "--input", "json"],
                input: Data(lines.joined().utf8)
            )
            #expect(sent.status == 0, "\(sent)")
        }
    }

    private func read(_ bench: CommandBench, _ words: String...) async throws -> Transcript {
        try await bench.run(["console-consumer", "--topic", "t"] + words)
    }

    @Test func filters() async throws {
        try await CommandBench.with { bench in
            try await self.fill(bench)
            let byKey = try await read(bench, "--exit-at-end", "--key", "k7", "--format", "%p:%o %k %s\\n")
            #expect(byKey.output == "1:2 k7 {\"n\":7,\"even\":false}\n", "\(byKey)")
            #expect(byKey.errors == "Processed a total of 1 messages of 30 read\n")
            let counts: [([String], Int)] = [
                (["--where", ".even"], 15), (["--where", ".n>=20", "--where", ".even=true"], 5),
                (["--grep", "\"n\":1[0-9],"], 10), (["--header", "mod=3"], 6), (["--header", "mod"], 30),
                (["--header", "mod", "--header", "none"], 0),
                (["--grep", "even", "--key", "k1", "--where", ".n=1"], 1),
                (["--tail", "2"], 6), (["--tail-total", "7"], 7), (["--tail-total", "7", "--where", ".even"], 3),
            ]
            for (words, count) in counts {
                let result = try await bench.run(
                    ["console-consumer", "--topic", "t", "--count", "--exit-at-end"] + words
                )
                #expect(result.output == "\(count)\n", "\(words): \(result)")
            }
            let limited = try await read(bench, "--exit-at-end", "--where", ".even", "--max-messages", "4", "--count")
            #expect(limited.output == "4\n", "\(limited)")
        }
    }

    @Test func orders() async throws {
        try await CommandBench.with { bench in
            try await self.fill(bench)
            let all = try await read(bench, "--exit-at-end", "--order", "time", "--format", "%k ")
            #expect(all.output == (0..<30).map { "k\($0) " }.joined(), "\(all)")
            #expect(all.errors == "Processed a total of 30 messages\n")
            let some = try await read(
                bench,
                "--exit-at-end",
                "--order",
                "time",
                "--format",
                "%k ",
                "--max-messages",
                "7",
                "--where",
                ".even"
            )
            #expect(some.output == (0..<7).map { "k\($0 * 2) " }.joined(), "\(some)")
            let tail = try await read(bench, "--tail-total", "4", "--format", "%k ")
            #expect(tail.output == "k26 k27 k28 k29 ", "\(tail)")
            let part = try await read(
                bench,
                "--from",
                "@5000",
                "--until",
                "@9000",
                "--order",
                "time",
                "--format",
                "%k "
            )
            #expect(part.output == "k4 k5 k6 k7 ", "\(part)")
        }
    }

    @Test func tabSeparatedRecords() async throws {
        try await CommandBench.with { bench in
            let lines = #"""
                {"timestamp":5,"key":"k\t1","value":"a\\b\nc","headers":[{"key":"h","value":"1"},{"key":"h","value":null}]}
                {"timestamp":6,"key":null,"value":""}

                """#
            let sent = try await bench.run(
                ["console-producer", "--topic", "t", "--input", "json"],
                input: Data(lines.utf8)
            )
            #expect(sent.status == 0, "\(sent)")
            let read = try await self.read(bench, "--exit-at-end", "--output", "tsv")
            #expect(
                read.output == TSVRecordFormatter.header + #"t\#t0\#t0\#t5\#tk\t1\#ta\\b\nc\#th=1,h=\N\#n"#
                    + #"t\#t0\#t1\#t6\#t\N\#t\#t\#n"#,
                "\(read)"
            )
        }
    }

    /// A partition with more than may wait is held back until the others have come as far.
    @Test func unevenPartitions() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t", "--partitions", "2")
            let filler = String(repeating: "x", count: 100_000)
            let large = (0..<120).map { "{\"partition\":0,\"timestamp\":\($0 * 10),\"value\":\"\(filler)\"}\n" }
            let small = (0..<3).map { "{\"partition\":1,\"timestamp\":\($0 * 500 + 5),\"value\":\"s\"}\n" }
            let sent = try await bench.run(
                ["console-producer", "--topic", "t", "--input", "json"],
                input: Data((large + small).joined().utf8)
            )
            #expect(sent.status == 0, "\(sent)")
            let read = try await self.read(bench, "--exit-at-end", "--order", "time", "--format", "%p:%T:%S\\n")
            let lines = read.output.split(separator: "\n")
            let times = lines.compactMap { Int($0.split(separator: ":")[1]) }
            #expect(lines.count == 123 && times == times.sorted(), "\(read.errors)")
        }
    }

    /// A member of a group stops at the end, commits, and the next one begins there.
    @Test(arguments: ["classic", "consumer"])
    func groupsWithAnEnd(protocol name: String) async throws {
        try await CommandBench.with { bench in
            try await self.fill(bench)
            let words = [
                "console-consumer", "--topic", "t", "--group", "g", "--exit-at-end", "--from-beginning", "--count",
                "--consumer-property", "group.protocol=\(name)",
            ]
            let first = try await bench.run(words)
            #expect(first.output == "30\n", "\(first)")
            let second = try await bench.run(words)
            #expect(second.output == "0\n", "\(second)")
            try await self.fill(bench, count: 9, creates: false)
            let third = try await bench.run(words + ["--where", ".even"])
            #expect(third.output == "5\n", "\(third)")
        }
    }

    private func fill(_ bench: CommandBench, count: Int, creates: Bool) async throws {
        let lines = (0..<count).map { "{\"partition\":\($0 % 3),\"value\":\"{\\\"even\\\":\($0 % 2 == 0)}\"}\n" }
        let sent = try await bench.run(
            ["console-producer", "--topic", "t", "--input", "json"],
            input: Data(lines.joined().utf8)
        )
        #expect(sent.status == 0, "\(sent)")
    }

    @Test(
        arguments: [
            ["--order", "time"], ["--order", "size"], ["--tail", "1", "--tail-total", "2"], ["--where", "id=7"],
            ["--grep", "("], ["--format", "%z"], ["--format", "%s", "--output", "json"],
            ["--group", "g", "--tail", "3"], ["--group", "g", "--from", "3", "--exit-at-end"],
            ["--consumer-property", "group.id=g", "--tail-total", "3"],
        ]
    )
    func wrongWords(words: [String]) async {
        let result = await transcript(
            ["console-consumer", "--bootstrap-server", "127.0.0.1:1", "--topic", "t"] + words
        )
        #expect(result.status == 2, "\(result)")
        #expect(result.output.isEmpty && !result.errors.isEmpty)
    }
}
