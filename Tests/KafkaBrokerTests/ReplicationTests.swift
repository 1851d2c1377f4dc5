import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Replicas of partitions on brokers of one process, over real sockets.
@Suite struct ReplicationTests {
    private static let quick = [
        "replica.lag.time.max.ms": "1000", "replica.fetch.backoff.ms": "50", "replica.fetch.wait.max.ms": "100",
        "broker.session.timeout.ms": "1500",
    ]

    private static func topic(
        _ name: String,
        _ assignments: [[Int32]],
        _ configs: [String: String] = [:]
    ) -> CreateTopicsRequest {
        CreateTopicsRequest(
            topics: [
                .init(
                    name: name,
                    numPartitions: -1,
                    replicationFactor: -1,
                    assignments: assignments.enumerated().map {
                        .init(partitionIndex: Int32($0.offset), brokerIds: $0.element)
                    },
                    configs: configs.map { .init(name: $0.key, value: $0.value) }
                )
            ]
        )
    }

    /// Produces until it is acknowledged by all in sync; the leader may still be finding out that it is one.
    private static func produce(_ client: TestClient, _ value: String) async throws -> Int64 {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let answer = try await client.produce("t", try batch([value]))
            if answer.errorCode == .none { return answer.baseOffset }
            let passes: [ErrorCode] = [
                .notLeaderOrFollower, .notEnoughReplicas, .notEnoughReplicasAfterAppend, .unknownTopicOrPartition,
                .requestTimedOut,
            ]
            try #require(passes.contains(answer.errorCode) && ContinuousClock.now < deadline, "\(answer.errorCode)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func whatIsAcknowledgedOutlivesItsLeader() async throws {
        try await withCluster(Self.quick) { cluster in
            let (first, one) = try await cluster.start(1)
            let (_, two) = try await cluster.start(2)
            let (_, three) = try await cluster.start(3)
            for client in [one, two, three] { try await client.metadata { $0.brokers.count == 3 } }
            let request = Self.topic("t", [[1, 2, 3]], ["min.insync.replicas": "2"])
            #expect(try await one.send(request).topics.map(\.errorCode) == [.none])
            for index in 0..<20 { #expect(try await Self.produce(one, "\(index)") == Int64(index)) }
            // A follower may be read from, as far as it knows that records are safe.
            let atFollower = try await two.fetch("t", from: 0, maxWaitMs: 20_000, version: 12)
            #expect(try values(atFollower).first?.value == "0")
            #expect(try await two.fetch("t", from: 0, version: 10).errorCode == .notLeaderOrFollower)
            await first.shutdown()
            let after = try await two.metadata { $0.topics.first?.partitions[0].leaderId == 2 }
            #expect(after.topics[0].partitions[0].isrNodes.sorted() == [2, 3])
            #expect(try await Self.produce(two, "20") == 20)
            let all = try await two.fetch("t", from: 0, maxBytes: 1 << 20, version: 12)
            #expect(try values(all).compactMap(\.value) == (0...20).map(String.init))
            // Who comes back gets what it has missed, joins, and leads again when asked to.
            let (_, again) = try await cluster.start(1)
            try await two.metadata { $0.topics[0].partitions[0].isrNodes.sorted() == [1, 2, 3] }
            let elected = try await two.send(ElectLeadersRequest(electionType: 0, topicPartitions: nil))
            #expect(elected.errorCode == .none)
            try await again.metadata { $0.topics.first?.partitions[0].leaderId == 1 }
            #expect(try await Self.produce(again, "21") == 21)
            let end = try await again.fetch("t", from: 0, maxBytes: 1 << 20, version: 12)
            #expect(try values(end).compactMap(\.value) == (0...21).map(String.init))
        }
    }
}
