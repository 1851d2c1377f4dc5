import Foundation
import KafkaBroker
import KafkaMessages
import Testing

@testable import KafkaClient
@testable import SwkafkaCommands

@Suite struct ReassignPartitionsTests {
    private static func partition(_ number: Int32, _ topic: String = "t") -> TopicPartition {
        TopicPartition(topic: topic, partition: number)
    }

    private static func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    @Test func plans() throws {
        let text = """
            {"version":1,"partitions":[{"topic":"t","partition":1,"replicas":[2,3],"log_dirs":["any","/d"]},
            {"topic":"t","partition":0,"replicas":[1]}]}
            """
        let plan = try Self.withFile(text) { try ReassignmentPlan(path: $0) }
        #expect(plan.targets == [Self.partition(1): [2, 3], Self.partition(0): [1]])
        #expect(plan.directories == [ReplicaName(partition: Self.partition(1), broker: 3): "/d"])
        #expect(
            ReassignmentPlan.json(plan.targets)
                == "{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":0,\"replicas\":[1],"
                + "\"log_dirs\":[\"any\"]},{\"topic\":\"t\",\"partition\":1,\"replicas\":[2,3],"
                + "\"log_dirs\":[\"any\",\"any\"]}]}"
        )
        for wrong in [
            "", "[]", #"{"version":2,"partitions":[]}"#, #"{"partitions":[{"topic":"t","partition":0}]}"#,
            #"{"partitions":[{"topic":"t","partition":-1,"replicas":[1]}]}"#,
            #"{"partitions":[{"topic":"t","partition":0,"replicas":["1"]}]}"#,
            #"{"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":["any","any"]}]}"#,
        ] {
            #expect(throws: CommandFailure.self, "\(wrong)") {
                try Self.withFile(wrong) { _ = try ReassignmentPlan(path: $0) }
            }
        }
    }

    @Test func throttlesNameSendersAndReceivers() {
        let moves = ReassignmentMoves(
            ongoing: [
                Self.partition(5, "o"): PartitionReassignment(
                    replicas: [4, 1],
                    addingReplicas: [4],
                    removingReplicas: [1]
                )
            ],
            proposed: [Self.partition(0): [2, 3], Self.partition(10): [1]],
            current: [Self.partition(0): [1, 2], Self.partition(10): [1]]
        )
        #expect(moves.brokers == [1, 2, 3, 4])
        let changes = moves.topicChanges.mapValues { changes in changes.map(\.value) }
        #expect(changes[.topic("t")] == ["0:1,0:2,10:1", "0:3"])
        #expect(changes[.topic("o")] == ["5:1", "5:4"])
        let rates = moves.brokerChanges(bytesPerSecond: 77)
        #expect(rates.count == 4 && rates[.broker(3)]?.map(\.value) == ["77", "77"])
    }

    @Test func directoriesOfReplicas() {
        func directory(_ path: String, isFuture: Bool) -> LogDirectory {
            let replica = LogDirectory.Replica(size: 1, offsetLag: 0, isFuture: isFuture)
            return LogDirectory(
                path: path,
                error: .none,
                totalBytes: nil,
                usableBytes: nil,
                replicas: [Self.partition(0): replica]
            )
        }
        let here = directory("/a", isFuture: false)
        let there = directory("/b", isFuture: true)
        let move = { DirectoryMove(of: Self.partition(0), to: $0, directories: $1) }
        #expect(move("/b", []) == .missing && move("/a", [here]) == .done)
        #expect(move("/b", [here]) == .idle(current: "/a"))
        #expect(move("/b", [here, there]) == .active(current: "/a", future: "/b"))
        let name = ReplicaName(partition: Self.partition(0), broker: 7)
        #expect(
            move("/b", [here, there]).line(name, target: "/b") == "Reassignment of replica t-0-7 is still in progress."
        )
        #expect(
            move("/c", [here, there]).line(name, target: "/c")
                == "Partition t-0 on broker 7 is being moved to log dir /b instead of /c."
        )
    }

    @Test(
        arguments: [
            [], ["--list", "--verify"], ["--execute"], ["--generate", "--topics-to-move-json-file", "f"],
            ["--list", "--throttle", "1"], ["--list", "--preserve-throttles"],
            ["--verify", "--reassignment-json-file", "f", "--additional"],
            ["--generate", "--topics-to-move-json-file", "f", "--broker-list", "1,x"],
            ["--execute", "--reassignment-json-file", "f", "--throttle", "-5"],
        ]
    )
    func wrongWords(words: [String]) async {
        let result = await transcript(["reassign-partitions", "--bootstrap-server", "127.0.0.1:1"] + words)
        #expect(result.status == 2, "\(result)")
    }

    // MARK: Recorded

    /// The recorded command lines of Kafka's own script, in their order, on two brokers of which one stops.
    @Test func everyRecordedCommandLine() async throws {
        let cases = try GoldenCase.all("reassign-partitions")
        #expect(cases.count == 25)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in cases.flatMap({ $0.files ?? [:] }) {
            let path = name.replacingOccurrences(of: "TMP", with: folder.path)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        try await ClusterBench.with([1001, 1002]) { bench in
            let create = ["topics", "--create", "--topic", "mv", "--replica-assignment", "1001,1001"]
            let created = await transcript(create + ["--bootstrap-server", bench.addresses])
            #expect(created.status == 0, "\(created)")
            for item in cases {
                if item.id == "execute-stuck" { await bench.brokers[1002]?.broker.shutdown() }
                await Self.check(item, bench, folder.path)
                // What was begun has to be done before the next case.
                let begins = item.exit == 0 && item.id.hasPrefix("execute") && item.id != "execute-stuck"
                if begins {
                    try await bench.wait("the end of \(item.id)") {
                        await bench.run("reassign-partitions", "--list").output
                            == "No partition reassignments found.\n"
                    }
                }
            }
            // Recorded with the timeout that clearing the throttles of a broker that is down runs into.
            let plan = "\(folder.path)/stuck.json"
            let words = ["--cancel", "--preserve-throttles", "--reassignment-json-file", plan]
            let cancelled = await transcript(
                ["reassign-partitions", "--bootstrap-server", bench.addresses] + words
            )
            #expect(
                cancelled.output == "Successfully cancelled partition reassignment for: mv-0\n"
                    + "None of the specified partition moves are active."
            )
            #expect(await bench.run("reassign-partitions", "--list").output == "No partition reassignments found.\n")
        }
    }

    private static let usageErrors: Set<String> = ["no-action", "two-actions", "execute-no-file", "no-bootstrap"]

    private static func check(_ item: GoldenCase, _ bench: ClusterBench, _ folder: String) async {
        let words = item.argv.map {
            $0.replacingOccurrences(of: "BROKER1001,BROKER1002", with: bench.addresses)
                .replacingOccurrences(of: "TMP", with: folder)
        }
        let result = await transcript(["reassign-partitions"] + words)
        #expect(result.status == (usageErrors.contains(item.id) ? 2 : item.exit), "\(item.id): \(result)")
        guard item.exit == 0 else {
            // Ours stand on standard error; what JSON lacks is said in other words.
            let message = (item.stderr + item.stdout).replacingOccurrences(of: "Error: ", with: "")
            let last = message.split(separator: "Exception: ").last.map(String.init) ?? message
            let exact = !usageErrors.contains(item.id) && item.id != "execute-bad-json"
            if exact {
                #expect(
                    result.errors.contains(last.trimmingCharacters(in: .whitespacesAndNewlines)),
                    "\(item.id): \(result)"
                )
            }
            return
        }
        // Who is proposed is a matter of chance.
        let isProposal = item.id == "generate"
        let steady = { (text: String) in
            isProposal ? text.replacing(#/\[100[12]\]/#, with: "[N]") : text
        }
        #expect(steady(result.output) == steady(item.stdout), "\(item.id): \(result)")
    }
}
