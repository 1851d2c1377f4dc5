import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Groups and transactions whose coordinator's broker goes away.
@Suite struct MovingCoordinatorTests {
    private static let settings = [
        "replica.fetch.backoff.ms": "50", "replica.fetch.wait.max.ms": "100", "offsets.topic.num.partitions": "3",
        "transaction.state.log.num.partitions": "3",
    ]

    private struct Nodes {
        var brokers: [Int32: Broker] = [:]
        var clients: [Int32: TestClient] = [:]

        func client(_ id: Int32) throws -> TestClient { try #require(clients[id]) }

        /// Stops a broker and returns a client of another one.
        mutating func stop(_ id: Int32) async throws -> TestClient {
            await brokers[id]?.shutdown()
            brokers[id] = nil
            clients[id] = nil
            return try #require(clients.values.first)
        }
    }

    private static func start(_ cluster: TestCluster) async throws -> Nodes {
        var nodes = Nodes()
        for id: Int32 in 1...3 {
            let (broker, client) = try await cluster.start(id)
            nodes.brokers[id] = broker
            nodes.clients[id] = client
        }
        for client in nodes.clients.values { try await client.metadata { $0.brokers.count == 3 } }
        return nodes
    }

    /// Who looks after `key`, once somebody does.
    private static func coordinator(_ key: String, _ type: Int8, _ client: TestClient) async throws -> Int32 {
        try await eventually {
            let found = try await client.send(FindCoordinatorRequest(keyType: type, coordinatorKeys: [key]))
            let coordinator = try #require(found.coordinators.first)
            return coordinator.errorCode == .none ? coordinator.nodeId : nil
        }
    }

    /// Asks until there is an answer.
    private static func eventually<Answer>(_ body: () async throws -> Answer?) async throws -> Answer {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let answer = try await body() { return answer }
            try #require(ContinuousClock.now < deadline, "waited a minute")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func committedOffsetsAreThereAtTheNextCoordinator() async throws {
        try await withCluster(Self.settings) { cluster in
            var nodes = try await Self.start(cluster)
            let first = try await Self.coordinator("g", 0, try nodes.client(1))
            let commit = OffsetCommitRequest(
                groupId: "g",
                generationIdOrMemberEpoch: -1,
                topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, committedOffset: 42)])]
            )
            _ = try await nodes.client(1).send(
                CreateTopicsRequest(topics: [.init(name: "t", numPartitions: 1, replicationFactor: 3)])
            )
            let before = try nodes.client(first)
            try await Self.eventually {
                let code = try await before.send(commit, version: 8).topics[0].partitions[0].errorCode
                return code == .none ? () : nil
            }
            let other = try await nodes.stop(first)
            let second = try await Self.eventually {
                let found = try await Self.coordinator("g", 0, other)
                return found == first ? nil : found
            }
            let after = try nodes.client(second)
            let request = OffsetFetchRequest(
                groups: [.init(groupId: "g", topics: [.init(name: "t", partitionIndexes: [0])])]
            )
            let offset = try await Self.eventually {
                let group = try #require(try await after.send(request, version: 8).groups.first)
                return group.errorCode == .none ? group.topics[0].partitions[0].committedOffset : nil
            }
            #expect(offset == 42)
        }
    }

    @Test func aTransactionIsEndedByTheNextCoordinator() async throws {
        try await withCluster(Self.settings) { cluster in
            var nodes = try await Self.start(cluster)
            let first = try await Self.coordinator("x", 1, try nodes.client(1))
            // Led by somebody else, so that the marker goes over the network.
            let leaders = [Int32(1), 2, 3].filter { $0 != first }
            let topic = CreateTopicsRequest(
                topics: [
                    .init(
                        name: "t",
                        numPartitions: -1,
                        replicationFactor: -1,
                        assignments: [
                            .init(partitionIndex: 0, brokerIds: [leaders[0], first, leaders[1]]),
                            .init(partitionIndex: 1, brokerIds: [first, leaders[0], leaders[1]]),
                        ]
                    )
                ]
            )
            #expect(try await nodes.client(1).send(topic).topics[0].errorCode == .none)
            let leader = try nodes.client(leaders[0])
            try await leader.metadata { $0.topics.contains { $0.name == "t" } }
            let coordinator = try nodes.client(first)
            let producer = try await Self.eventually {
                let answer = try await coordinator.send(
                    InitProducerIdRequest(transactionalId: "x", transactionTimeoutMs: 60_000)
                )
                return answer.errorCode == .none ? answer : nil
            }
            let add = AddPartitionsToTxnRequest(
                v3AndBelowTransactionalId: "x",
                v3AndBelowProducerId: producer.producerId,
                v3AndBelowProducerEpoch: producer.producerEpoch,
                v3AndBelowTopics: [.init(name: "t", partitions: [0])]
            )
            try await Self.eventually {
                let answer = try await coordinator.send(add, version: 3)
                return answer.resultsByTopicV3AndBelow[0].resultsByPartition[0].partitionErrorCode == .none ? () : nil
            }
            let records = try batch(
                ["in"],
                producerID: producer.producerId,
                epoch: producer.producerEpoch,
                sequence: 0,
                isTransactional: true
            )
            let produced = try await Self.eventually {
                let request = ProduceRequest(
                    transactionalId: "x",
                    acks: -1,
                    timeoutMs: 20_000,
                    topicData: [.init(name: "t", partitionData: [.init(index: 0, records: .bytes(records))])]
                )
                let answer = try await leader.send(request, version: 9).responses[0].partitionResponses[0]
                return answer.errorCode == .none ? answer.baseOffset : nil
            }
            #expect(produced == 0)
            #expect(try values(try await leader.fetch("t", from: 0, isolation: 1)).isEmpty)
            _ = try await nodes.stop(first)
            let second = try await Self.eventually {
                let found = try await Self.coordinator("x", 1, leader)
                return found == first ? nil : found
            }
            let next = try nodes.client(second)
            let end = EndTxnRequest(
                transactionalId: "x",
                producerId: producer.producerId,
                producerEpoch: producer.producerEpoch,
                committed: true
            )
            try await Self.eventually {
                let code = try await next.send(end, version: 3).errorCode
                return code == .none ? () : nil
            }
            let committed = try await leader.fetch("t", from: 0, maxWaitMs: 60_000, isolation: 1)
            #expect(try values(committed).first?.value == "in")
        }
    }
}
