import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Controller and brokers as processes of their own would be, over real sockets.
@Suite struct ClusterTests {
    private static func topic(_ name: String, _ assignments: [[Int32]]) -> CreateTopicsRequest {
        CreateTopicsRequest(
            topics: [
                .init(
                    name: name,
                    numPartitions: -1,
                    replicationFactor: -1,
                    assignments: assignments.enumerated().map {
                        .init(partitionIndex: Int32($0.offset), brokerIds: $0.element)
                    }
                )
            ]
        )
    }

    @Test func brokersTakePartAndGiveWay() async throws {
        try await withCluster { cluster in
            let (first, one) = try await cluster.start(1001)
            let (_, two) = try await cluster.start(1002)
            for client in [one, two] { try await client.metadata { $0.brokers.map(\.nodeId) == [1001, 1002] } }
            let request = Self.topic("t", [[1001, 1002], [1002, 1001]])
            #expect(try await one.send(request).topics.map(\.errorCode) == [.none])
            // Whoever was asked knows at once, the other a moment later.
            #expect(try await one.send(MetadataRequest(topics: nil)).topics.map(\.name) == ["t"])
            let seen = try await two.metadata { $0.topics.map(\.name) == ["t"] }
            #expect(seen.topics[0].partitions.map(\.leaderId) == [1001, 1002])
            // A broker that stops has others take over first.
            await first.shutdown()
            let after = try await two.metadata { $0.topics[0].partitions.allSatisfy { $0.leaderId == 1002 } }
            #expect(after.topics[0].partitions.map(\.isrNodes) == [[1002], [1002]])
            #expect(after.topics[0].partitions.map(\.leaderEpoch) == [1, 0])
            try await two.metadata { $0.brokers.map(\.nodeId) == [1002] }
        }
    }

    @Test func adminRequestsReachTheController() async throws {
        try await withCluster { cluster in
            let (_, one) = try await cluster.start(1001)
            try await one.metadata { !$0.brokers.isEmpty }
            #expect(try await one.send(Self.topic("t", [[1001]])).topics.map(\.errorCode) == [.none])
            let again = try await one.send(Self.topic("t", [[1001]]))
            #expect(again.topics.map(\.errorCode) == [.topicAlreadyExists])
            let more = try await one.send(CreatePartitionsRequest(topics: [.init(name: "t", count: 3)]))
            #expect(more.results.map(\.errorCode) == [.none])
            #expect(try await one.send(MetadataRequest(topics: nil)).topics[0].partitions.count == 3)
            let ids = try await one.send(InitProducerIdRequest())
            #expect(ids.errorCode == .none && ids.producerId == 0)
            let deleted = try await one.send(DeleteTopicsRequest(topicNames: ["t"]), version: 5)
            #expect(deleted.responses.map(\.errorCode) == [.none])
            #expect(try await one.send(MetadataRequest(topics: nil)).topics.isEmpty)
        }
    }

    @Test func aBrokerWithoutHeartbeatsIsFenced() async throws {
        try await withCluster(["broker.session.timeout.ms": "5000"]) { cluster in
            let controller = try await cluster.controllerClient()
            let (_, one) = try await cluster.start(1001)
            let clusterID = try #require(try await one.send(MetadataRequest(topics: [])).clusterId)
            // One that registers and falls silent.
            let registration = BrokerRegistrationRequest(
                brokerId: 7,
                clusterId: clusterID,
                incarnationId: .random(),
                listeners: [.init(name: "PLAINTEXT", host: "127.0.0.1", port: 1, securityProtocol: 0)]
            )
            let epoch = try await controller.send(registration).brokerEpoch
            let beat = BrokerHeartbeatRequest(brokerId: 7, brokerEpoch: epoch, currentMetadataOffset: epoch)
            #expect(try await controller.send(beat).isFenced == false)
            try await one.metadata { $0.brokers.map(\.nodeId) == [7, 1001] }
            #expect(try await one.send(Self.topic("t", [[7, 1001]])).topics.map(\.errorCode) == [.none])
            // A second process with its number has to wait for that.
            var twin = registration
            twin.incarnationId = .random()
            #expect(try await controller.send(twin).errorCode == .duplicateBrokerRegistration)
            let after = try await one.metadata { $0.topics.first?.partitions.first?.leaderId == 1001 }
            #expect(after.topics[0].partitions[0].isrNodes == [1001] && after.brokers.map(\.nodeId) == [1001])
            #expect(try await controller.send(twin).errorCode == .none)
            #expect(try await controller.send(beat).errorCode == .staleBrokerEpoch)
        }
    }

    @Test func theQuorumIsDescribed() async throws {
        try await withCluster { cluster in
            let controller = try await cluster.controllerClient()
            let (_, one) = try await cluster.start(1001)
            try await one.metadata { !$0.brokers.isEmpty }
            let request = DescribeQuorumRequest(
                topics: [.init(topicName: "__cluster_metadata", partitions: [.init(partitionIndex: 0)])]
            )
            let described = try await controller.send(request)
            let partition = try #require(described.topics.first?.partitions.first)
            #expect(partition.leaderId == 1 && partition.leaderEpoch == 1 && partition.highWatermark > 5)
            #expect(partition.currentVoters.map(\.replicaId) == [1])
            #expect(partition.observers.map(\.replicaId) == [1001])
            // Whoever waits for more lacks nothing, and is told so before it gets more.
            let deadline = ContinuousClock.now + .seconds(60)
            var lag: Int64 = 1
            while lag != 0, ContinuousClock.now < deadline {
                let now = try #require(try await controller.send(request).topics.first?.partitions.first)
                lag = now.highWatermark - (now.observers.first?.logEndOffset ?? 0)
            }
            #expect(lag == 0)
            #expect(described.nodes.first?.listeners.first?.port == UInt16(cluster.controller.port))
        }
    }

    @Test func aLoneVoterGivesNoVotes() async throws {
        try await withCluster { cluster in
            let controller = try await cluster.controllerClient()
            let candidate = VoteRequest.PartitionData(candidateEpoch: 9, candidateId: 5, lastOffset: 100)
            let vote = VoteRequest(
                voterId: 1,
                topics: [.init(topicName: "__cluster_metadata", partitions: [candidate])]
            )
            let answer = try #require(try await controller.send(vote).topics.first?.partitions.first)
            #expect(answer.errorCode == .none && !answer.voteGranted && answer.leaderId == 1)
            var foreign = vote
            foreign.clusterId = "another"
            #expect(try await controller.send(foreign).errorCode == .inconsistentClusterId)
            #expect(try await controller.send(VoteRequest()).errorCode == .invalidRequest)
            let begin = BeginQuorumEpochRequest(
                voterId: 1,
                topics: [.init(topicName: "__cluster_metadata", partitions: [.init(leaderId: 5, leaderEpoch: 0)])]
            )
            #expect(try await controller.send(begin).topics.first?.partitions.first?.errorCode == .fencedLeaderEpoch)
        }
    }

    private static func fetch(offset: Int64 = 0, epoch: Int32 = 0) -> FetchRequest {
        let partition = FetchRequest.FetchPartition(
            partition: 0,
            currentLeaderEpoch: 1,
            fetchOffset: offset,
            lastFetchedEpoch: epoch,
            partitionMaxBytes: 1 << 20
        )
        return FetchRequest(
            replicaState: .init(replicaId: 50),
            maxWaitMs: 0,
            minBytes: 0,
            topics: [.init(topicId: KafkaUUID(high: 0, low: 1), partitions: [partition])]
        )
    }

    private static func code(_ controller: TestClient, _ request: FetchRequest) async throws -> ErrorCode {
        let response = try await controller.send(request, version: 17)
        guard response.errorCode == .none else { return response.errorCode }
        return try #require(response.responses.first?.partitions.first).errorCode
    }

    @Test func metadataAreFetchedByTheRules() async throws {
        try await withCluster { cluster in
            let controller = try await cluster.controllerClient()
            let all = try await controller.send(Self.fetch(), version: 17)
            let data = try #require(all.responses.first?.partitions.first)
            #expect(data.errorCode == .none && data.currentLeader.leaderId == 1 && data.highWatermark > 0)
            #expect((data.records?.count ?? 0) > 100 && all.nodeEndpoints.first?.nodeId == 1)
            // A log that goes on where this one has ended comes from somewhere else.
            let answer = try await controller.send(Self.fetch(offset: 1000, epoch: 1), version: 17)
            let diverging = try #require(answer.responses.first?.partitions.first).divergingEpoch
            #expect(diverging.epoch == 1 && diverging.endOffset == data.highWatermark)
        }
    }

    @Test func refusesFetchesOfOtherThings() async throws {
        try await withCluster { cluster in
            let controller = try await cluster.controllerClient()
            var foreign = Self.fetch()
            foreign.clusterId = "another"
            #expect(try await Self.code(controller, foreign) == .inconsistentClusterId)
            var topic = Self.fetch()
            topic.topics[0].topicId = .random()
            #expect(try await Self.code(controller, topic) == .invalidRequest)
            var partition = Self.fetch()
            partition.topics[0].partitions[0].partition = 1
            #expect(try await Self.code(controller, partition) == .invalidRequest)
            var none = Self.fetch()
            none.topics = []
            #expect(try await Self.code(controller, none) == .invalidRequest)
            #expect(try await Self.code(controller, Self.fetch(offset: -5)) == .invalidRequest)
            #expect(try await Self.code(controller, Self.fetch(epoch: 7)) == .invalidRequest)
            var old = Self.fetch()
            old.topics[0].partitions[0].currentLeaderEpoch = 0
            #expect(try await Self.code(controller, old) == .fencedLeaderEpoch)
            var new = Self.fetch()
            new.topics[0].partitions[0].currentLeaderEpoch = 2
            #expect(try await Self.code(controller, new) == .unknownLeaderEpoch)
        }
    }

    @Test func anEnvelopeCarriesAClientsRequest() async throws {
        try await withCluster { cluster in
            let controller = try await cluster.controllerClient()
            let inner = IncrementalAlterConfigsRequest(
                resources: [
                    .init(
                        resourceType: 4,
                        resourceName: "",
                        configs: [.init(name: "log.retention.ms", configOperation: 0, value: "12345")]
                    )
                ]
            )
            let frame = try RequestEncoder.encode(inner, version: 1, correlationID: 77, clientID: "somebody")
            var bytes = try frame.flattened()
            bytes.moveReaderIndex(forwardBy: 4)
            let envelope = EnvelopeRequest(
                requestData: bytes.slice(),
                requestPrincipal: nil,
                clientHostAddress: ByteBuffer(bytes: [127, 0, 0, 1])
            )
            let response = try await controller.send(envelope)
            #expect(response.errorCode == .none)
            var reader = try #require(response.responseData)
            #expect(reader.readInteger(as: Int32.self) == 77)
            let answer = try RequestEncoder.decode(IncrementalAlterConfigsResponse.self, version: 1, from: reader)
            #expect(answer.responses.map(\.errorCode) == [.none])
            // What brokers alone may ask does not come in an envelope.
            let stolen = try RequestEncoder.encode(
                AllocateProducerIdsRequest(brokerId: 1),
                version: 0,
                correlationID: 1,
                clientID: nil
            )
            var stolenBytes = try stolen.flattened()
            stolenBytes.moveReaderIndex(forwardBy: 4)
            let refused = EnvelopeRequest(requestData: stolenBytes.slice(), clientHostAddress: ByteBuffer())
            #expect(try await controller.send(refused).errorCode == .invalidRequest)
            let torn = EnvelopeRequest(requestData: ByteBuffer(bytes: [0, 44]), clientHostAddress: ByteBuffer())
            #expect(try await controller.send(torn).errorCode == .invalidRequest)
        }
    }

    @Test func newBrokersBeginWithASnapshot() async throws {
        let interval = ["metadata.log.max.record.bytes.between.snapshots": "2000"]
        try await withCluster(interval) { cluster in
            let controller = try await cluster.controllerClient()
            let (_, one) = try await cluster.start(1001)
            try await one.metadata { !$0.brokers.isEmpty }
            for number in 0..<40 {
                let name = "t\(number)"
                #expect(try await one.send(Self.topic(name, [[1001], [1001]])).topics.map(\.errorCode) == [.none])
            }
            _ = try await one.send(DeleteTopicsRequest(topicNames: ["t0"]), version: 5)
            // Written beside what is decided.
            var snapshot = FetchResponse.SnapshotId()
            let deadline = ContinuousClock.now + .seconds(60)
            repeat {
                let first = try await controller.send(Self.fetch(), version: 17)
                snapshot = try #require(first.responses.first?.partitions.first).snapshotId
            } while snapshot.endOffset < 50 && ContinuousClock.now < deadline
            #expect(snapshot.endOffset > 50 && snapshot.epoch == 1)
            // One that has nothing takes the snapshot and what came after it.
            let (_, two) = try await cluster.start(1002)
            let seen = try await two.metadata { $0.brokers.count == 2 }
            #expect(
                seen.topics.count == 39 && seen.topics.allSatisfy { $0.partitions.map(\.leaderId) == [1001, 1001] }
            )
            #expect(try await two.send(Self.topic("late", [[1002]])).topics.map(\.errorCode) == [.none])
            try await one.metadata { $0.topics.count == 40 }
        }
    }

    @Test func votersAreNotChanged() async throws {
        try await withCluster { cluster in
            let controller = try await cluster.controllerClient()
            #expect(try await controller.send(AddRaftVoterRequest(voterId: 3)).errorCode == .unsupportedVersion)
            #expect(try await controller.send(RemoveRaftVoterRequest(voterId: 1)).errorCode == .unsupportedVersion)
        }
    }

    @Test func aBrokerWithoutAControllerSaysSo() async throws {
        let configuration = try BrokerConfiguration(
            properties: [
                "process.roles": "broker", "node.id": "3", "listeners": "PLAINTEXT://127.0.0.1:0",
                "controller.quorum.bootstrap.servers": "127.0.0.1:1", "initial.broker.registration.timeout.ms": "300",
            ],
            isEphemeral: true
        )
        let error = await #expect(throws: BrokerError.self) {
            try await Broker(configuration: configuration, logger: quietLogger).start()
        }
        #expect(error?.description.contains("127.0.0.1:1") == true)
        #expect(throws: BrokerConfigurationError.self) {
            try BrokerConfiguration(properties: ["process.roles": "broker"], isEphemeral: true)
        }
        #expect(throws: BrokerConfigurationError.self) {
            try BrokerConfiguration(properties: ["process.roles": "controller"], isEphemeral: true)
        }
    }
}
