import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization
import Testing

/// A share group's member against brokers that answer by script.
@Suite("Share consumer", .timeLimit(.minutes(1))) struct ShareConsumerTests {
    private static let id = KafkaUUID(high: 1, low: 2)

    private struct State: Sendable {
        var joins = 0
        var beats = 0
        /// How often each broker was asked.
        var fetches: [Int32: Int] = [:]
        var closings: [Int32] = []
        var leaves = 0
    }

    private final class Model: Sendable {
        let state = Mutex(State())
    }

    /// Topic t has two partitions, each on a broker of its own, that lend one batch each.
    private static func script(_ model: Model, versions: ClosedRange<Int16> = 1...1) -> ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: ["t": 2], ids: ["t": id], coordinator: { _ in 2 })
        script.answer(ShareGroupHeartbeatRequest.self, versions: versions) { request, call in
            guard call.node == 2 else { return .init(errorCode: .notCoordinator) }
            return model.state.withLock { state -> ShareGroupHeartbeatResponse in
                switch request.memberEpoch {
                case 0: state.joins += 1
                case -1: state.leaves += 1
                default:
                    state.beats += 1
                    // The first heartbeat after joining finds the member forgotten.
                    if state.beats == 1 { return .init(errorCode: .unknownMemberId) }
                }
                var response = ShareGroupHeartbeatResponse(memberId: request.memberId, memberEpoch: 1)
                response.heartbeatIntervalMs = 50
                response.assignment = .init(topicPartitions: [.init(topicId: id, partitions: [0, 1])])
                return response
            }
        }
        script.answer(ShareFetchRequest.self, versions: versions) { _, call in
            let count = model.state.withLock { state in
                state.fetches[call.node, default: 0] += 1
                return state.fetches[call.node] ?? 0
            }
            var data = ShareFetchResponse.PartitionData(partitionIndex: call.node - 1)
            data.currentLeader.leaderId = -1
            if count == 1 {
                data.records = .bytes(try TestBatch.bytes(["from \(call.node)"], at: 0))
                data.acquiredRecords = [.init(firstOffset: 0, lastOffset: 0, deliveryCount: 1)]
            } else {
                try await Task.sleep(for: .milliseconds(20))
            }
            return .init(responses: [.init(topicId: id, partitions: [data])])
        }
        script.answer(ShareAcknowledgeRequest.self, versions: versions) { request, call in
            model.state.withLock { $0.closings.append(call.node) }
            return .init(
                responses: request.topics.map { topic in
                    .init(topicId: id, partitions: topic.partitions.map { .init(partitionIndex: $0.partitionIndex) })
                }
            )
        }
        return script
    }

    private static func with(
        _ script: ScriptedCluster.Script,
        _ body: @Sendable @escaping (KafkaShareConsumer) async throws -> Void
    ) async throws {
        try await ScriptedCluster.with(nodes: 2, script) { scripted in
            let address = ServerAddress(host: "127.0.0.1", port: scripted.ports[1] ?? 0)
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: [address])) { cluster in
                let consumer = KafkaShareConsumer(cluster: cluster, configuration: .init(groupID: "g"))
                try await body(consumer)
                await consumer.close()
            }
        }
    }

    @Test func readsFromAllLeadersAndJoinsAgain() async throws {
        let model = Model()
        try await Self.with(Self.script(model)) { consumer in
            try consumer.subscribe(topics: ["t"])
            var values: Set<String> = []
            while values.count < 2 {
                let batch = try #require(try await consumer.nextBatch(timeout: .seconds(20)))
                var records = try batch.batch.records()
                while let record = try records.next() { values.insert(record.value.map { String(buffer: $0) } ?? "") }
                consumer.acknowledge(batch, as: .accept)
            }
            #expect(values == ["from 1", "from 2"] && consumer.isAssigned)
            // Forgotten by the group meanwhile, it joins again while it waits.
            while model.state.withLock({ $0.joins }) < 2 {
                let isNothing = try await consumer.nextBatch(timeout: .milliseconds(20)) == nil
                #expect(isNothing)
            }
            #expect(consumer.takeFailures().isEmpty)
        }
        let state = model.state.withLock { $0 }
        #expect(Set(state.closings) == [1, 2] && state.closings.count == 2 && state.leaves == 1)
    }

    @Test func callsEnd() async throws {
        try await Self.with(Self.script(Model())) { consumer in
            #expect(throws: KafkaClientError.self) { try consumer.subscribe(topics: []) }
            try consumer.subscribe(topics: ["t"])
            consumer.wakeup()
            let woken = await #expect(throws: KafkaClientError.self) { try await consumer.nextBatch() }
            #expect(woken?.code == .wokenUp)
            await consumer.close()
            let closed = await #expect(throws: KafkaClientError.self) { try await consumer.nextBatch() }
            #expect(closed?.code == .closed)
            #expect(throws: KafkaClientError.self) { try consumer.subscribe(topics: ["t"]) }
        }
    }

    /// Kafka 4.0 had a preview whose messages were others.
    @Test func thePreviewIsNotSpoken() async throws {
        try await Self.with(Self.script(Model(), versions: 0...0)) { consumer in
            try consumer.subscribe(topics: ["t"])
            let error = await #expect(throws: KafkaClientError.self) {
                try await consumer.nextBatch(timeout: .seconds(20))
            }
            #expect(error?.code == .unsupportedByBroker)
            #expect(error?.message.split(separator: "does not offer share groups").count == 2)
        }
    }

    @Test func configuration() throws {
        var set = PropertySet([
            "group.id": "g", "max.poll.records": "7", "share.acknowledgement.mode": "explicit", "nonsense": "1",
        ])
        let configuration = try ShareConsumerConfiguration(properties: &set)
        #expect(configuration.groupID == "g" && configuration.maxRecords == 7 && set.unknownNames == ["nonsense"])
        var empty = PropertySet([:])
        #expect(throws: KafkaClientError.self) { try ShareConsumerConfiguration(properties: &empty) }
    }
}
