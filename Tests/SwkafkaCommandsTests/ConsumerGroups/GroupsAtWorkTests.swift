import Foundation
import Glibc
import KafkaClient
import NIOCore
import Testing

@testable import SwkafkaCommands

/// What `consumer-groups` adds to Kafka's script: lag in seconds, other forms of output, looking again and again.
@Suite(.timeLimit(.minutes(2))) struct GroupsAtWorkTests {
    /// A group that has read one of three records, which are 90, 60 and 30 s old.
    private static func withLag(_ body: @Sendable @escaping (CommandBench) async throws -> Void) async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t", "--partitions", "1")
            let servers = try ServerAddress.parseList(bench.address)
            let nowMs = testContext(output: MemorySink(), errors: MemorySink()).nowMs()
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
                try await KafkaProducer.withProducer(cluster) { producer in
                    for age: Int64 in [90, 60, 30] {
                        var record = ProducerRecord(topic: "t", partition: 0, value: ByteBuffer(string: "\(age)"))
                        record.timestampMs = nowMs - age * 1000
                        _ = try await producer.send(record)
                    }
                }
            }
            let reset = ["--reset-offsets", "--group", "g", "--topic", "t", "--to-offset", "1", "--execute"]
            #expect(try await bench.run(["consumer-groups"] + reset).status == 0)
            try await body(bench)
        }
    }

    private static func describe(_ bench: CommandBench, _ options: String...) async throws -> Transcript {
        try await bench.run(["consumer-groups", "--describe", "--group", "g"] + options)
    }

    @Test func lagInSecondsIsTheAgeOfTheNextRecord() async throws {
        try await Self.withLag { bench in
            let json = try await Self.describe(bench, "--output", "json")
            #expect(json.output.contains("\"lag\": 2,\n"), "\(json)")
            #expect(json.output.contains("\"lagSeconds\": 60"), "\(json)")
            #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.output.utf8)) }
            let yaml = try await Self.describe(bench, "--output", "yaml")
            #expect(yaml.output.contains("lag: 2\n"), "\(yaml)")
            #expect(yaml.output.contains("lagSeconds: 60"), "\(yaml)")
            let table = try await Self.describe(bench, "--output", "table")
            #expect(table.output.split(separator: "\n").last?.contains(" 1m") == true, "\(table)")
            let text = try await Self.describe(bench)
            let cells = text.output.split(separator: "\n").last?.split(separator: " ").prefix(6) ?? []
            #expect(cells == ["g", "t", "0", "1", "3", "2"], "\(text)")
            let end = ["--reset-offsets", "--group", "g", "--topic", "t", "--to-latest", "--execute"]
            #expect(try await bench.run(["consumer-groups"] + end).status == 0)
            let done = try await Self.describe(bench, "--output", "json")
            #expect(done.output.contains("\"lagSeconds\": 0"), "\(done)")
        }
    }

    @Test(arguments: ["json", "text"])
    func watchingLooksUntilAnInterruption(format: String) async throws {
        try await Self.withLag { bench in
            let interruptions = ManualInterruptions()
            let output = InterruptingSink(interruptions, .signal(SIGINT))
            var context = testContext(output: output, errors: MemorySink())
            context.interruptions = interruptions
            let words = [
                "consumer-groups", "--describe", "--group", "g", "--watch", "1", "--output", format,
                "--bootstrap-server", bench.address,
            ]
            #expect(await runCommand(words, in: context) == .signal(SIGINT))
            if format == "json" {
                #expect(output.text.split(separator: "\n").count == 1, "one line for each look")
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(output.text.utf8)) }
            } else {
                #expect(output.text.contains("CURRENT-OFFSET"))
            }
        }
    }

    /// The broker's own rules for expressions, so that what is valid here is valid there.
    @Test(arguments: [
        ("orders-[0-9]+", true), ("[(]?=x", true), ("(?i)a|b", true), ("\\pL+", true), ("a{2,5}", true), ("", true),
        ("(a", false), ("a(?=b)", false), ("(?<!a)b", false), ("(a)\\1", false), ("(?>a)", false), ("a++", false),
        ("a**", false), ("[z-a]", false),
    ])
    func expressions(expression: String, isValid: Bool) async {
        let told = await transcript(
            "consumer-groups",
            "--bootstrap-server",
            "127.0.0.1:1",
            "--validate-regex",
            expression
        )
        #expect(told.status == (isValid ? 0 : 1), "\(told)")
        #expect(told.output.contains(isValid ? "is valid" : "is invalid"))
    }
}
