import Foundation
import Testing

@testable import SwkafkaCommands

/// Command lines of Kafka's recorded transcripts against our own broker: results on standard output are Kafka's, letter
/// for letter.
@Suite(.timeLimit(.minutes(2))) struct TopicTranscriptTests {
    @Test func creatingAndListing() async throws {
        try await CommandBench.with { bench in
            #expect(try await bench.run("topics", "--list") == Transcript(status: 0, output: "\n", errors: ""))
            #expect(try await bench.run("topics", "--describe") == Transcript(status: 0, output: "", errors: ""))
            let created = try await bench.run("topics", "--create", "--topic", "orders")
            #expect(created == Transcript(status: 0, output: "Created topic orders.\n", errors: ""))
            let again = try await bench.run("topics", "--create", "--topic", "orders")
            #expect(again.status == 1)
            #expect(again.output.isEmpty)
            #expect(again.errors.hasPrefix("Error while executing topic command : "))
            let harmless = try await bench.run("topics", "--create", "--topic", "orders", "--if-not-exists")
            #expect(harmless == Transcript(status: 0, output: "", errors: ""))
            let underscore = try await bench.run("topics", "--create", "--topic", "my_topic", "--partitions", "3")
            #expect(underscore.output == "Created topic my_topic.\n")
            #expect(underscore.errors.hasPrefix("WARNING: "))
            #expect(try await bench.run("topics", "--list").output == "my_topic\norders\n")
            #expect(try await bench.run("topics", "--list", "--topic", "my.*").output == "my_topic\n")
            #expect(try await bench.run("topics", "--list", "--topic", "nope").output == "\n")
            #expect(
                try await bench.run("topics", "--list", "--topic", "orders", "--output", "json").output
                    == "[\n  {\n    \"topic\": \"orders\",\n    \"internal\": false\n  }\n]\n"
            )
        }
    }

    @Test(arguments: [
        ["--topic", "bad name!"], ["--topic", ""], ["--topic", ".."], ["--topic", "p", "--partitions", "0"],
        ["--topic", "p", "--partitions", "-1"], ["--topic", "p", "--replication-factor", "2"],
        ["--topic", "p", "--replication-factor", "0"], ["--topic", "p", "--replication-factor", "40000"],
        ["--topic", "c", "--config", "no.such=1"], ["--topic", "c", "--config", "retention.ms=abc"],
        ["--topic", "c", "--config", "segment.bytes=1"], ["--topic", "c", "--config", "a=b=c"],
        ["--topic", "c", "--config", "retention.ms"], ["--topic", "a", "--replica-assignment", "1:2"],
        ["--topic", "a", "--replica-assignment", "1:1"], ["--topic", "a", "--replica-assignment", "1:2,1"],
    ])
    func refusals(words: [String]) async throws {
        try await CommandBench.with { bench in
            let result = try await bench.run(["topics", "--create"] + words)
            #expect(result.status == 1)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains("Error while executing topic command : "))
            #expect(try await bench.run("topics", "--list").output == "\n")
        }
    }

    @Test func describing() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run(
                "topics",
                "--create",
                "--topic",
                "pay",
                "--partitions",
                "2",
                "--config",
                "cleanup.policy=compact",
                "--config",
                "retention.ms=1000"
            )
            _ = try await bench.run("topics", "--create", "--topic", "orders")
            let lines =
                "\tTopic: pay\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"
                + "\tTopic: pay\tPartition: 1\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"
            let described = try await bench.run("topics", "--describe", "--topic", "pay").output
            let parts = described.split(separator: "\t", maxSplits: 2)
            #expect(parts.first == "Topic: pay")
            let id = try #require(parts.dropFirst().first).dropFirst("TopicId: ".count)
            let rest =
                "PartitionCount: 2\tReplicationFactor: 1\tConfigs: cleanup.policy=compact,retention.ms=1000\n" + lines
            #expect(parts.last.map { String($0) } == rest)
            let byID = try await bench.run("topics", "--describe", "--topic-id", String(id)).output
            #expect(byID == described.replacing("Elr: \tLastKnownElr: ", with: "Elr: N/A\tLastKnownElr: N/A"))
            let paged = try await bench.run(
                "topics",
                "--describe",
                "--topic",
                "pay",
                "--partition-size-limit-per-response",
                "1"
            )
            #expect(paged.output == described)
            let filtered = try await bench.run(
                "topics",
                "--describe",
                "--at-min-isr-partitions",
                "--under-replicated-partitions",
                "--topic",
                "pay"
            )
            #expect(filtered.output == lines)
            #expect(try await bench.run("topics", "--describe", "--unavailable-partitions").output.isEmpty)
            #expect(try await bench.run("topics", "--describe", "--under-min-isr-partitions").output.isEmpty)
            let overrides = try await bench.run("topics", "--describe", "--topics-with-overrides").output
            #expect(overrides == String(described.prefix(while: { $0 != "\n" })) + "\n")
        }
    }

    @Test func whatIsMissing() async throws {
        try await CommandBench.with { bench in
            for action in [["--describe"], ["--delete"], ["--alter", "--partitions", "5"]] {
                let missing = try await bench.run(["topics", "--topic", "nope"] + action)
                #expect(missing.status == 1)
                #expect(missing.errors.hasPrefix("Error while executing topic command : Topic 'nope' does not exist"))
                let allowed = try await bench.run(
                    ["topics", "--topic", "nope", "--if-exists"] + action,
                    input: .init()
                )
                #expect(allowed == Transcript(status: 0, output: "", errors: ""))
            }
            let id = try await bench.run("topics", "--describe", "--topic-id", "AAAAAAAAAAAAAAAAAAAAAQ")
            #expect(id.status == 1)
            #expect(try await bench.run("topics", "--describe", "--topic-id", "xyz").status == 1)
            #expect(
                try await bench.run("topics", "--describe", "--topic", "a[").errors.contains("a[ is an invalid regex")
            )
        }
    }

    @Test func alteringAndDeleting() async throws {
        try await CommandBench.with { bench in
            for topic in ["pay", "pal", "orders"] { _ = try await bench.run("topics", "--create", "--topic", topic) }
            let silent = Transcript(status: 0, output: "", errors: "")
            #expect(try await bench.run("topics", "--alter", "--topic", "pay", "--partitions", "5") == silent)
            #expect(try await bench.run("topics", "--alter", "--topic", "pay", "--partitions", "2").status == 1)
            #expect(try await bench.run("topics", "--alter", "--topic", "pay", "--partitions", "5").status == 1)
            let assigned = try await bench.run(
                "topics",
                "--alter",
                "--topic",
                "orders",
                "--partitions",
                "2",
                "--replica-assignment",
                "1,1"
            )
            #expect(assigned == silent)
            let short = try await bench.run(
                "topics",
                "--alter",
                "--topic",
                "orders",
                "--partitions",
                "4",
                "--replica-assignment",
                "1,1,1"
            )
            #expect(short.status == 1)
            let described = try await bench.run("topics", "--describe", "--topic", "pay|orders").output
            #expect(described.contains("Topic: orders\tTopicId: "))
            #expect(described.contains("\tPartitionCount: 5\t"))
            #expect(described.contains("\tPartitionCount: 2\t"))
            #expect(try await bench.run("topics", "--delete", "--topic", "pa.") == silent)
            #expect(try await bench.run("topics", "--list").output == "orders\n")
        }
    }
}
