import Foundation
import KafkaTestSupport
import Testing

/// Whether clusters of real processes keep their promises while things go wrong, and whether it would be noticed.
@Suite("Verification of clusters") struct ClusterVerifyTests {
    /// How long chance strikes in `make torture`; nil otherwise.
    private static let torture = ProcessInfo.processInfo.environment["SWKAFKA_VERIFY"]
    /// Brings a cut, a kill, a slow broker, another cut and a pause in the 20 s of other runs.
    private static let seed: UInt64 = 203

    private static let internalTopics = [
        "--override", "offsets.topic.num.partitions=3", "--override", "transaction.state.log.num.partitions=3",
    ]

    @Test func nothingAcknowledgedIsLostWhateverHappens() async throws {
        try await LocalCluster.with(brokers: 3, Self.internalTopics) { cluster in
            let seed = Self.torture == nil ? Self.seed : UInt64.random(in: 0...UInt64(UInt32.max))
            let words = [
                "verify", "--random", "kill,pause,cut,slow", "--seed", "\(seed)", "--duration", Self.torture ?? "20s",
            ]
            let report = try await cluster.run(words + ["--rate", "400", "--producers", "3"])
            print("cluster verify:\n\(report)")
            #expect(report.contains("No violation"))
        }
    }

    /// A broker that acknowledges what nobody else has yet, and is killed.
    @Test func aClusterThatAcknowledgesEarlyIsFoundOut() async throws {
        let environment = ["SWKAFKA_TEST_ONLY_ACKNOWLEDGE_EARLY": "yes"]
        try await LocalCluster.with(brokers: 3, Self.internalTopics, environment: environment) { cluster in
            let script = cluster.directory + "/script"
            // Followers that are cut off lack what is acknowledged; then their leader is gone for good.
            let text = """
                500ms cut 1001|1002|1003
                2500ms kill 1001
                2600ms clear
                until 9s
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: script))
            let words = ["cluster", "verify", "--play", script, "--rate", "400", "--producers", "2"]
            let found = try await Swkafka.run(words + ["--data-dir", cluster.directory])
            #expect(found.status == 1, "\(found)")
            #expect(found.text.contains("VIOLATION     lost: "), "\(found)")
            #expect(found.text.contains("Again with    swkafka cluster verify --data-dir "))
            try FileManager.default.removeItem(atPath: script)
        }
    }

    @Test func saysWhatIsWrong() async throws {
        for words in [
            ["--random", "dance"], ["--duration", "long"], ["--partitions", "0"], ["--play", "a", "--random", "kill"],
        ] {
            let usage = try await Swkafka.run(["cluster", "verify"] + words)
            #expect(usage.status == 2, "\(usage)")
        }
    }
}
