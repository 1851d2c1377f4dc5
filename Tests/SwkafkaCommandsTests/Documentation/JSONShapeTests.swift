import ArgumentParser
import Foundation
import Testing

@testable import SwkafkaCommands

/// What the man pages say of JSON is what the commands print.
@Suite("Shapes of JSON", .timeLimit(.minutes(2)))
struct JSONShapeTests {
    /// The shapes in the part "JSON" of a command's discussion, by what stands before them.
    static func documented(_ type: any ParsableCommand.Type) -> [String: JSONShape] {
        let lines = type.configuration.discussion.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "JSON") else { return [:] }
        var shapes: [String: JSONShape] = [:]
        for line in lines[(start + 1)...].prefix(while: { $0.isEmpty || $0.first == " " || $0.contains(": ") }) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let label = KeyValueOptions.trimmed(line[..<colon])
            shapes[label] = JSONShape(parsing: KeyValueOptions.trimmed(line[line.index(after: colon)...]))
        }
        return shapes
    }

    private func expect(_ output: String, _ type: any ParsableCommand.Type, _ label: String, _ comment: String) throws {
        let documented = try #require(Self.documented(type)[label], "\(comment): '\(label)' is not documented")
        let shape = JSONShape(of: try JSONSerialization.jsonObject(with: Data(output.utf8)))
        #expect(documented.allows(shape), "\(comment): documented \(documented), printed \(shape)")
    }

    @Test func commandsPrintWhatTheyPromise() async throws {
        try await CommandBench.with { bench in
            let created = try await bench.run(
                "topics",
                "--create",
                "--topic",
                "t",
                "--partitions",
                "2",
                "--config",
                "segment.bytes=1048576"
            )
            #expect(created.status == 0, "\(created)")
            _ = try await bench.run("console-producer", "--topic", "t", input: "a\nb\n")
            let metrics = try await bench.run("client-metrics", "--alter", "--name", "m", "--metrics", "*")
            #expect(metrics.status == 0, "\(metrics)")
            let quota = try await bench.run(
                "configs",
                "--alter",
                "--user",
                "u",
                "--add-config",
                "request_percentage=50"
            )
            #expect(quota.status == 0, "\(quota)")
            _ = try await bench.run(
                "console-consumer",
                "--topic",
                "t",
                "--group",
                "g",
                "--from-beginning",
                "--exit-at-end"
            )
            let cases: [(any ParsableCommand.Type, String, [String])] = [
                (TopicsCommand.self, "--list", ["topics", "--list"]),
                (TopicsCommand.self, "--describe", ["topics", "--describe"]),
                (ConsumerGroupsCommand.self, "--list", ["consumer-groups", "--list"]),
                (ConsumerGroupsCommand.self, "--describe", ["consumer-groups", "--describe", "--group", "g"]),
                (
                    ConsumerGroupsCommand.self, "--describe --members",
                    ["consumer-groups", "--describe", "--group", "g", "--members"]
                ),
                (
                    ConsumerGroupsCommand.self, "--describe --state",
                    ["consumer-groups", "--describe", "--group", "g", "--state"]
                ),
                (
                    ConsumerGroupsCommand.self, "--reset-offsets",
                    ["consumer-groups", "--reset-offsets", "--to-earliest", "--group", "g", "--all-topics"]
                ),
                (GroupsCommand.self, "--list", ["groups", "--list"]),
                (
                    ConfigsCommand.self, "--describe",
                    ["configs", "--describe", "--entity-type", "topics", "--entity-name", "t"]
                ),
                (
                    ConfigsCommand.self, "--describe of users, clients and ips",
                    ["configs", "--describe", "--entity-type", "users"]
                ),
                (GetOffsetsCommand.self, "get-offsets", ["get-offsets", "--topic", "t"]),
                (LogDirsCommand.self, "--describe", ["log-dirs", "--describe"]),
                (DescribeCommand.self, "the cluster", ["describe"]),
                (BrokerAPIVersionsCommand.self, "broker-api-versions", ["broker-api-versions"]),
                (TransactionsListCommand.self, "list", ["transactions", "list"]),
                (
                    DescribeProducersCommand.self, "describe-producers",
                    ["transactions", "describe-producers", "--topic", "t", "--partition", "0"]
                ),
                (
                    ProducerPerfTestCommand.self, "producer-perf-test",
                    [
                        "producer-perf-test", "--topic", "t", "--num-records", "10", "--record-size", "10",
                        "--throughput", "-1",
                    ]
                ),
                (
                    ConsumerPerfTestCommand.self, "consumer-perf-test",
                    ["consumer-perf-test", "--topic", "t", "--num-records", "5"]
                ),
                (DoctorCommand.self, "doctor", ["doctor"]),
                (ClientMetricsCommand.self, "--list", ["client-metrics", "--list"]),
                (ClientMetricsCommand.self, "--describe", ["client-metrics", "--describe"]),
            ]
            for (type, label, words) in cases {
                let result = try await bench.run(words + ["--output", "json"])
                #expect(result.status == 0, "\(words): \(result)")
                try expect(result.output, type, label, words.joined(separator: " "))
                let table = try await bench.run(words + ["--output", "tsv"])
                let lines = table.output.split(separator: "\n", omittingEmptySubsequences: false)
                let tabs = lines.first.map { $0.count { $0 == "\t" } }
                #expect(
                    lines.prefix { !$0.isEmpty }.allSatisfy { line in line.count { $0 == "\t" } == tabs },
                    "\(words): \(table)"
                )
            }
        }
    }

    /// A command that has --output says what its JSON is, in the man page.
    @Test func everyCommandIsDocumented() {
        func check(_ type: any ParsableCommand.Type, _ path: [String]) {
            let path = path + [type.configuration.commandName ?? ""]
            for subcommand in type.configuration.subcommands { check(subcommand, path) }
            guard OptionTable(help: type.helpMessage(includeHidden: true, columns: 10_000)).options["output"] != nil
            else {
                return
            }
            #expect(("\n" + type.configuration.discussion).contains("\nJSON\n"), "\(path.joined(separator: " "))")
        }
        for type in Swkafka.configuration.subcommands { check(type, ["swkafka"]) }
    }

    @Test func shapes() throws {
        let shape = try #require(JSONShape(parsing: "[{a, b: [{c}], d: {…}, e: {f}}], and more"))
        #expect(
            shape
                == .list(
                    .object(["a": .plain, "b": .list(.object(["c": .plain])), "d": .any, "e": .object(["f": .plain])])
                )
        )
        #expect(JSONShape(parsing: "[{a, b: [{c}") == nil)
    }
}
