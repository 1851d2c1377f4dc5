import Testing

@testable import SwkafkaCommands

/// `--bootstrap-controller`: what can be told and changed while no broker runs (KIP-919).
@Suite("Commands that ask a controller", .timeLimit(.minutes(1))) struct ControllerOptionTests {
    private static func ask(_ bench: ClusterBench, _ words: String...) async -> Transcript {
        await transcript(words + ["--bootstrap-controller", bench.controller])
    }

    @Test func configsWithoutABroker() async throws {
        try await ClusterBench.with([]) { bench in
            let change = ["--add-config", "log.retention.ms=1000"]
            for entity in [["--broker-defaults"], ["--broker", "1"]] {
                let words = ["configs", "--alter", "--bootstrap-controller", bench.controller]
                let changed = await transcript(words + entity + change)
                #expect(changed.status == 0, "\(changed)")
            }
            let described = await Self.ask(bench, "configs", "--describe", "--entity-type", "brokers")
            #expect(described.status == 0, "\(described)")
            let lines = described.output.split(separator: "\n")
            #expect(lines.first == "Dynamic configs for broker 1 are:", "\(described)")
            #expect(lines.count { $0.hasPrefix("  log.retention.ms=1000 sensitive=false") } == 2, "\(described)")
            let quota = await Self.ask(
                bench,
                "configs",
                "--alter",
                "--user",
                "alice",
                "--add-config",
                "producer_byte_rate=1"
            )
            // Only brokers tell quotas, and what is not known is not changed.
            #expect(quota.status == 1 && quota.errors.contains("does not offer DescribeClientQuotas"), "\(quota)")
            let other = await Self.ask(bench, "configs", "--describe", "--broker", "7")
            #expect(other.status == 1 && other.errors.contains("7 is not among"), "\(other)")
        }
    }

    @Test func otherCommandsWithoutABroker() async throws {
        try await ClusterBench.with([]) { bench in
            let rules = await Self.ask(bench, "acls", "--list")
            #expect(rules.status == 1 && rules.errors.contains("No Authorizer is configured"), "\(rules)")
            let moves = await Self.ask(bench, "reassign-partitions", "--list")
            #expect(moves.output == "No partition reassignments found.\n", "\(moves)")
            // Topics are known to brokers alone.
            let topics = await Self.ask(bench, "configs", "--describe", "--entity-type", "topics")
            #expect(topics.status == 1 && topics.output.isEmpty && topics.errors.contains("ask a broker"), "\(topics)")
        }
    }

    @Test func aBrokerIsNoController() async throws {
        try await ClusterBench.with([2]) { bench in
            let words = ["configs", "--describe", "--broker-defaults", "--bootstrap-controller", bench.addresses]
            let result = await transcript(words)
            #expect(result.status == 1 && result.errors.contains("is a broker, not a controller"), "\(result)")
        }
    }

    @Test(arguments: [
        ["--bootstrap-server", "h:1", "--bootstrap-controller", "h:2"], ["--bootstrap-controller", "h"],
        ["--zookeeper", "h:1", "--bootstrap-controller", "h:2"],
    ])
    func mistakes(words: [String]) async {
        for command in [["configs", "--describe", "--broker-defaults"], ["acls", "--list"]] {
            let result = await transcript(command + words)
            #expect(result.status == 2 && !result.errors.isEmpty, "\(result)")
        }
    }
}
