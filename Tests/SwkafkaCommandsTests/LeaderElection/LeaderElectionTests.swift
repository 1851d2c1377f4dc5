import Foundation
import KafkaClient
import KafkaMessages
import Testing

@testable import SwkafkaCommands

@Suite struct LeaderElectionTests {
    private func partition(_ number: Int32) -> TopicPartition { TopicPartition(topic: "foo", partition: number) }

    private var results: [TopicPartition: Result<Void, KafkaClientError>] {
        [
            partition(0): .success(()), partition(1): .success(()),
            partition(2): .failure(KafkaClientError(.broker, "No need.", brokerError: .electionNotNeeded)),
            partition(3): .failure(
                KafkaClientError(.broker, "It is not there.", brokerError: .preferredLeaderNotAvailable)
            ),
        ]
    }

    @Test func textAsKafkas() {
        let report = LeaderElectionReport(type: .preferred, results: results, isOfAll: false)
        #expect(
            report.text == """
                Successfully completed leader election (PREFERRED) for partitions foo-0, foo-1
                Valid replica already elected for partitions foo-2
                Error completing leader election (PREFERRED) for partition: foo-3: It is not there.

                """
        )
        #expect(report.failures == 1)
        let all = LeaderElectionReport(
            type: .unclean,
            results: [partition(2): results[partition(2)]].compactMapValues { $0 },
            isOfAll: true
        )
        #expect(all.text.isEmpty && all.failures == 0)
    }

    @Test func files() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func read(_ text: String) throws -> [TopicPartition] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return try ElectionFile.partitions(path)
        }
        #expect(
            try read(#"{"partitions":[{"topic":"foo","partition":1},{"topic":"foo","partition":0}]}"#)
                == [partition(1), partition(0)]
        )
        let twice = #"{"partitions":[{"topic":"foo","partition":0},{"topic":"foo","partition":0}]}"#
        #expect(throws: CommandFailure("Replica election data contains duplicate partitions: [foo-0]")) {
            try read(twice)
        }
        for wrong in [
            "", "[]", "{}", #"{"partitions":[{"topic":"foo"}]}"#, #"{"partitions":[{"topic":1,"partition":-1}]}"#,
        ] {
            #expect(throws: CommandFailure.self) { try read(wrong) }
        }
    }

    @Test(
        arguments: [
            ["--all-topic-partitions"], ["--election-type", "x", "--all-topic-partitions"],
            ["--election-type", "preferred"], ["--election-type", "preferred", "--topic", "t"],
            ["--election-type", "preferred", "--topic", "t", "--partition", "0", "--all-topic-partitions"],
        ]
    )
    func wrongWords(words: [String]) async {
        let result = await transcript(["leader-election", "--bootstrap-server", "127.0.0.1:1"] + words)
        #expect(result.status == 2, "\(result)")
    }

    @Test func againstABroker() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "foo", "--partitions", "1")
            let known = ["leader-election", "--election-type", "PREFERRED", "--topic", "foo", "--partition"]
            let elected = try await bench.run(known + ["0"])
            #expect(
                elected
                    == Transcript(status: 0, output: "Valid replica already elected for partitions foo-0\n", errors: "")
            )
            let missing = try await bench.run(known + ["9"])
            #expect(missing.status == 1 && missing.errors == "1 replica(s) could not be elected\n", "\(missing)")
            #expect(missing.output.hasPrefix("Error completing leader election (PREFERRED) for partition: foo-9: "))
            let all = try await bench.run("leader-election", "--election-type", "preferred", "--all-topic-partitions")
            #expect(all == Transcript(status: 0, output: "", errors: ""))
        }
    }
}
