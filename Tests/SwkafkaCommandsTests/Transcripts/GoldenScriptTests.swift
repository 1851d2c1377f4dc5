import Foundation
import KafkaClient
import NIOCore
import Synchronization
import Testing

@testable import SwkafkaCommands

/// Kafka's own recorded transcripts, script by script, against our own broker.
@Suite(.timeLimit(.minutes(5))) struct GoldenScriptTests {
    /// The settings of the recorded broker that shine through.
    private static let settings = ["log.segment.bytes": "1073741824", "log.retention.hours": "-1", "node.id": "1"]

    /// Identifiers that are drawn anew each time.
    private static let masked: @Sendable (String) -> String = { text in
        text.replacing(/TopicId: [A-Za-z0-9_-]{22}/, with: "TopicId: ID")
    }

    /// The settings of a topic by their names: Kafka's order is that of a hash table.
    private static func sortingConfigs(_ text: String) -> String {
        text.replacing(/Configs: ([^\t\n]*)/) { match in
            // A comma may stand in a value, too, in front of a word without `=`.
            var settings: [String] = []
            for part in match.1.split(separator: ",") {
                if part.contains("=") || settings.isEmpty {
                    settings.append(String(part))
                } else {
                    settings[settings.count - 1] += ",\(part)"
                }
            }
            return "Configs: " + settings.sorted().joined(separator: ",")
        }
    }

    @Test func topics() async throws {
        let payID = Mutex("")
        let script = GoldenScript(
            name: "topics",
            differences: [
                "abbreviation": "options may be shortened, as some of Kafka's other scripts have it",
                "create-underscore-warning": "warnings stand on standard error",
                "create-dot-warning": "warnings stand on standard error",
            ],
            changing: { item in
                guard item.id == "describe-topic-id" else { return item.argv }
                return item.argv.dropLast() + [payID.withLock { $0 }]
            },
            masking: { Self.sortingConfigs(Self.masked($0)) }
        )
        try await CommandBench.with(Self.settings) { bench in
            try await script.check(bench, matching: 94, of: 99) { item in
                if item.id == "describe-topic-id" {
                    let described = try await bench.run("topics", "--describe", "--topic", "pay").output
                    let id = described.firstMatch(of: /TopicId: (\S+)/).map { String($0.1) } ?? ""
                    payID.withLock { $0 = id }
                }
                // From here on the topic of offsets was there.
                guard item.id == "list-internal" else { return }
                _ = try await bench.run(
                    "consumer-groups",
                    "--reset-offsets",
                    "--group",
                    "g",
                    "--all-topics",
                    "--to-latest",
                    "--execute"
                )
            }
        }
    }

    @Test func configs() async throws {
        let ours = "this broker knows other settings, and never a secret"
        let loggers = "this broker has one logger, root"
        let script = GoldenScript(
            name: "configs",
            differences: [
                "describe-topic-all": ours, "describe-broker-all": ours,
                "alter-broker": "log.cleaner.threads is fixed while this broker runs",
                "describe-group": "the broker's setting is named too, as Kafka 4.1 does",
                "describe-groups": "a group that has settings is listed, be there members or not",
                "describe-broker-set": "it was not set", "describe-brokers": "it was not set",
                "describe-logger-root": loggers, "alter-logger": loggers,
            ],
            // Kafka's follows a hash table.
            masking: { text in
                text.replacing(/(SCRAM-SHA-512=\S+), (SCRAM-SHA-256=\S+)/) { "\($0.2), \($0.1)" }
            }
        )
        try await CommandBench.with(Self.settings) { bench in
            for topic in ["t1", "t2"] { _ = try await bench.run("topics", "--create", "--topic", topic) }
            try await script.check(bench, matching: 89, of: 100)
        }
    }

    @Test func getOffsets() async throws {
        let script = GoldenScript(
            name: "get-offsets",
            differences: [
                "time--6": "a partition without an answer makes the exit status 1",
                "broker-list": "the old spelling works here too",
            ],
            // The recorded broker had other internal topics.
            masking: { $0.replacing(/__[a-z_]+:[0-9]+:[0-9]+\n/, with: "") }
        )
        try await CommandBench.with(Self.settings) { bench in
            try await RecordedTopics(bench: bench).make()
            try await script.check(bench, matching: 42, of: 46) { item in
                guard item.id == "sort-order" else { return }
                _ = try await bench.run("topics", "--create", "--topic", "many", "--partitions", "12")
            }
        }
    }

    @Test func deleteRecords() async throws {
        let failed = "a partition that fails makes the exit status 1"
        let script = GoldenScript(
            name: "delete-records",
            differences: [
                "out-of-range": failed, "unknown-partition": failed, "unknown-topic": failed, "compacted": failed,
                "negative": failed, "mixed": failed,
            ]
        )
        try await CommandBench.with(Self.settings) { bench in
            try await RecordedTopics(bench: bench).makeForDeletion()
            try await script.check(bench, matching: 14, of: 22)
        }
    }

    @Test func logDirs() async throws {
        let script = GoldenScript(
            name: "log-dirs",
            differences: [:],
            masking: { text in
                // One line for each partition, as Kafka's order is that of a hash table; the recorded broker had other
                // topics besides.
                text.replacing(/"logDir":"[^"]*"/, with: "\"logDir\":\"TMP/data\"")
                    .replacing(/\{"partition":"(?:__|e2e|vp|perf)[^}]*\},?/, with: "")
                    .replacing(/\{("partition":[^}]*)\},?/) { "\n\($0.1)\n" }
            }
        )
        try await CommandBench.with(Self.settings) { bench in
            for (topic, count) in [("t1", "1"), ("t2", "2")] {
                _ = try await bench.run("topics", "--create", "--topic", topic, "--partitions", count)
            }
            try await script.check(bench, matching: 6, of: 7)
        }
    }

    @Test func cluster() async throws {
        let script = GoldenScript(
            name: "cluster",
            differences: [
                "cluster-id-controller": "this broker's controller has no port of its own",
                "cluster-id-before": "options may stand before the subcommand",
                "list-endpoints": "as Kafka 4.0 has it; the recorded release did not", "cluster-id-help": "it is help",
            ],
            masking: { $0.replacing(/Cluster ID: [A-Za-z0-9_-]{22}/, with: "Cluster ID: ID") }
        )
        try await CommandBench.with(Self.settings) { bench in try await script.check(bench, matching: 7, of: 12) }
    }

    @Test func consoleConsumer() async throws {
        let epoch = "the leader's epoch is known here"
        let whole = "a __consumer_offsets of its own; held by InternalRecordPrinterTests"
        let old = "the old name is still understood"
        let script = GoldenScript(
            name: "console-consumer",
            differences: [
                "print-epoch": epoch, "print-all": epoch,
                "deserializer-null-key": "null, where Kafka reads the word null as a number",
                "deserializer-bytearray": "the bytes, where Kafka prints a Java object's name",
                "formatter-old-name": old, "offsets-formatter-old-name": old, "offsets-formatter": whole,
                "group-metadata-formatter": whole, "transaction-log-formatter": whole,
                "bad-topic-name": "exit 1, since nothing can ever be read",
                "dead-broker": "exit 1, and at once",
            ],
            changing: Self.readingToItsEnd,
            masking: { $0.replacing(/LogAppendTime:\d+/, with: "LogAppendTime:T") }
        )
        let settings = Self.settings.merging(["group.initial.rebalance.delay.ms": "0"]) { $1 }
        try await CommandBench.with(settings) { bench in
            try await RecordedTopics(bench: bench).make()
            try await script.check(bench, matching: 71, of: 84)
        }
    }

    /// Kafka's script knows only a time limit to end at, which a busy machine exceeds: where it printed records, ours
    /// reads to the end instead, unless it starts beyond it. What comes never is waited for shortly.
    private static func readingToItsEnd(_ item: GoldenCase) -> [String] {
        var words = item.argv
        guard let limit = words.firstIndex(of: "--timeout-ms"), limit + 1 < words.count else { return words }
        let readsRecords = item.exit == 0 && !item.stdout.isEmpty
        let endsItself = readsRecords && !item.id.contains("out-of-range")
        let patience = ["--timeout-ms", readsRecords ? "10000" : "1000"]
        words.replaceSubrange(limit...limit + 1, with: endsItself ? ["--exit-at-end"] : patience)
        return words
    }

    @Test func consoleProducer() async throws {
        let lost = "lost records make the exit status 1"
        let script = GoldenScript(
            name: "console-producer",
            differences: [
                "too-large-async": lost, "bad-topic-name": lost, "dead-broker": lost,
                "broker-list": "the old spelling works here too",
            ]
        )
        try await CommandBench.with(Self.settings) { bench in
            _ = try await bench.run("topics", "--create", "--topic", "w")
            let topic = WrittenTopic(bench: bench, name: "w")
            try await script.check(bench, matching: 53, of: 59) { _ in
                try await topic.mark()
            } after: { item in
                guard let written = item.written, script.differences[item.id] == nil else { return }
                let found = try await topic.sinceMark()
                #expect(found == written, "\(item.id)")
            }
        }
    }
}
