import KafkaMessages
import KafkaTestSupport
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Replicas of partitions on brokers of one process, over real sockets.
@Suite struct ReplicationTests {
    /// Followers that hurry. Patience stays as it is by default: a machine under load is no reason to leave the ISR.
    private static let quick = ["replica.fetch.backoff.ms": "50", "replica.fetch.wait.max.ms": "100"]

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

    @Test func aForkIsCutAway() async throws {
        try await withTemporaryDirectory { directory in
            try await withCluster(Self.quick) { cluster in
                let (first, one) = try await cluster.start(1, directory: "\(directory)/1")
                let (second, two) = try await cluster.start(2, directory: "\(directory)/2")
                for client in [one, two] { try await client.metadata { $0.brokers.count == 2 } }
                let request = Self.topic("t", [[1, 2]], ["unclean.leader.election.enable": "true"])
                #expect(try await one.send(request).topics.map(\.errorCode) == [.none])
                for index in 0..<5 { #expect(try await Self.produce(one, "\(index)") == Int64(index)) }
                await second.shutdown()
                try await one.metadata { $0.topics[0].partitions[0].isrNodes == [1] }
                for index in 5..<9 { #expect(try await Self.produce(one, "lost \(index)") == Int64(index)) }
                await first.shutdown()
                // Nobody in sync is left: who has less may lead, and writes what the other does not have.
                let heir = try await Self.restart(2, cluster, "\(directory)/2")
                try await heir.metadata { $0.topics.first?.partitions[0].leaderId == 2 }
                for index in 5..<7 { #expect(try await Self.produce(heir, "new \(index)") == Int64(index)) }
                let again = try await Self.restart(1, cluster, "\(directory)/1")
                try await heir.metadata { $0.topics[0].partitions[0].isrNodes.sorted() == [1, 2] }
                _ = try await heir.send(ElectLeadersRequest(electionType: 0, topicPartitions: nil))
                try await again.metadata { $0.topics.first?.partitions[0].leaderId == 1 }
                #expect(try await Self.produce(again, "7") == 7)
                let end = try await again.fetch("t", from: 0, maxBytes: 1 << 20)
                #expect(try values(end).compactMap(\.value) == ["0", "1", "2", "3", "4", "new 5", "new 6", "7"])
            }
        }
    }

    /// Starts a broker on the directory of one that is about to end.
    private static func restart(_ id: Int32, _ cluster: TestCluster, _ directory: String) async throws -> TestClient {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await cluster.start(id, directory: directory).client
            } catch let error as BrokerError where error.code == .directoryInUse && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// A broker that registers, tells that it is there, and does only what the test has it do.
    private static func registerPuppet(_ id: Int32, _ controller: TestClient, _ clusterID: String) async throws -> Int64
    {
        let registration = BrokerRegistrationRequest(
            brokerId: id,
            clusterId: clusterID,
            incarnationId: .random(),
            listeners: [.init(name: "PLAINTEXT", host: "127.0.0.1", port: 1, securityProtocol: 0)]
        )
        let epoch = try await controller.send(registration).brokerEpoch
        let beat = BrokerHeartbeatRequest(brokerId: id, brokerEpoch: epoch, currentMetadataOffset: epoch)
        try #require(try await controller.send(beat).errorCode == .none)
        return epoch
    }

    private static func follow(
        _ client: TestClient,
        _ topicID: KafkaUUID,
        replica: Int32,
        brokerEpoch: Int64,
        offset: Int64,
        leaderEpoch: Int32 = 0,
        lastEpoch: Int32 = 0,
        maxWaitMs: Int32 = 0
    ) async throws -> FetchResponse.PartitionData {
        let request = FetchRequest(
            replicaState: .init(replicaId: replica, replicaEpoch: brokerEpoch),
            maxWaitMs: maxWaitMs,
            minBytes: 1,
            topics: [
                .init(
                    topicId: topicID,
                    partitions: [
                        .init(
                            partition: 0,
                            currentLeaderEpoch: leaderEpoch,
                            fetchOffset: offset,
                            lastFetchedEpoch: lastEpoch,
                            logStartOffset: 0,
                            partitionMaxBytes: 1 << 20
                        )
                    ]
                )
            ]
        )
        return try await client.send(request, version: 17).responses[0].partitions[0]
    }

    @Test func aFollowerThatHangsLeavesTheISRAndJoinsAgain() async throws {
        var settings = Self.quick
        settings["broker.session.timeout.ms"] = "120000"
        settings["replica.lag.time.max.ms"] = "1000"
        try await withCluster(settings) { cluster in
            let controller = try await cluster.controllerClient()
            let (_, one) = try await cluster.start(1)
            try await one.metadata { $0.brokers.count == 1 }
            let clusterID = try #require(try await one.send(MetadataRequest(topics: [])).clusterId)
            let epoch = try await Self.registerPuppet(7, controller, clusterID)
            try await one.metadata { $0.brokers.count == 2 }
            let created = try await one.send(Self.topic("t", [[1, 7]]))
            let id = created.topics[0].topicId
            try await one.metadata { $0.topics.first?.partitions[0].isrNodes == [1, 7] }
            // Not acknowledged before the one that does not fetch is out.
            #expect(try await Self.produce(one, "0") == 0)
            try await one.metadata { $0.topics[0].partitions[0].isrNodes == [1] }
            // Epochs are compared.
            let stale = try await Self.follow(one, id, replica: 7, brokerEpoch: epoch - 1, offset: 0, lastEpoch: -1)
            #expect(stale.errorCode == .notLeaderOrFollower)
            let unknown = try await Self.follow(one, id, replica: 7, brokerEpoch: epoch, offset: 0, leaderEpoch: 9)
            #expect(unknown.errorCode == .unknownLeaderEpoch)
            let stranger = try await Self.follow(one, id, replica: 8, brokerEpoch: 1, offset: 0)
            #expect(stranger.errorCode == .notLeaderOrFollower)
            let beyond = try await Self.follow(one, id, replica: 7, brokerEpoch: epoch, offset: 5, lastEpoch: 0)
            #expect(beyond.divergingEpoch.endOffset == 1 && beyond.divergingEpoch.epoch == 0)
            let away = try await Self.follow(one, id, replica: 7, brokerEpoch: epoch, offset: 5, lastEpoch: -1)
            #expect(away.errorCode == .offsetOutOfRange)
            // It catches up, and is back.
            let first = try await Self.follow(one, id, replica: 7, brokerEpoch: epoch, offset: 0, lastEpoch: -1)
            #expect(try values(first).map(\.value) == ["0"])
            _ = try await Self.follow(one, id, replica: 7, brokerEpoch: epoch, offset: 1)
            try await one.metadata { $0.topics[0].partitions[0].isrNodes.sorted() == [1, 7] }
            // Nobody hands anything over to one who does not listen.
            let leave = BrokerHeartbeatRequest(
                brokerId: 7,
                brokerEpoch: epoch,
                currentMetadataOffset: epoch,
                wantFence: true
            )
            _ = try await controller.send(leave)
        }
    }

    @Test func tooFewInSyncRefuseAcknowledgementByAll() async throws {
        try await withCluster(Self.quick) { cluster in
            let (_, one) = try await cluster.start(1)
            let (second, two) = try await cluster.start(2)
            for client in [one, two] { try await client.metadata { $0.brokers.count == 2 } }
            _ = try await one.send(Self.topic("t", [[1, 2]], ["min.insync.replicas": "2"]))
            #expect(try await Self.produce(one, "0") == 0)
            await second.shutdown()
            try await one.metadata { $0.topics[0].partitions[0].isrNodes == [1] }
            #expect(try await one.produce("t", try batch(["1"])).errorCode == .notEnoughReplicas)
            #expect(try await one.produce("t", try batch(["1"]), acks: 1).errorCode == .none)
            // Nobody sees it until there are two again.
            #expect(try await one.fetch("t", from: 1).highWatermark == 1)
            let (_, _) = try await cluster.start(2)
            let seen = try await one.fetch("t", from: 1, maxWaitMs: 60_000)
            #expect(try values(seen).map(\.value) == ["1"])
        }
    }

    @Test func deletedTopicsGoFromFollowersToo() async throws {
        try await withCluster(Self.quick) { cluster in
            let (_, one) = try await cluster.start(1)
            let (_, two) = try await cluster.start(2)
            for client in [one, two] { try await client.metadata { $0.brokers.count == 2 } }
            for round in 0..<3 {
                #expect(try await one.send(Self.topic("t", [[1, 2]])).topics[0].errorCode == .none)
                #expect(try await Self.produce(one, "\(round)") == 0)
                let copy = try await two.fetch("t", from: 0, maxWaitMs: 60_000)
                #expect(try values(copy).map(\.value) == ["\(round)"])
                let deleted = try await one.send(DeleteTopicsRequest(topicNames: ["t"]), version: 5)
                #expect(deleted.responses[0].errorCode == .none)
                try await two.metadata { $0.topics.isEmpty }
            }
        }
    }
}
