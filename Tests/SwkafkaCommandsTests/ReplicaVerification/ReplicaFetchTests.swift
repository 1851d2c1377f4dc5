import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization
import Testing

@testable import SwkafkaCommands

/// `replica-verification` against two brokers that answer by script: what it asks, and what it makes of refusals.
@Suite("Fetches of a replica verification", .timeLimit(.minutes(1))) struct ReplicaFetchTests {
    private final class Log: Sendable {
        let requests = Mutex<[(node: Int32, version: Int16, request: FetchRequest)]>([])

        func note(_ request: FetchRequest, _ call: ScriptedCluster.Call) -> Int {
            requests.withLock { requests in
                requests.append((call.node, call.version, request))
                return requests.count { $0.node == call.node }
            }
        }
    }

    private static let id = KafkaUUID(high: 1, low: 2)

    /// Topic t has one partition, on both brokers, from offset `start` to 6.
    private static func script(
        versions: ClosedRange<Int16>,
        start: Int64 = 0,
        answer: @escaping @Sendable (FetchRequest, ScriptedCluster.Call) throws -> FetchResponse.PartitionData
    ) -> ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: ["t": 1], ids: ["t": id])
        script.answer(ListOffsetsRequest.self, versions: 1...6) { request, _ in
            ListOffsetsResponse(
                topics: request.topics.map { topic in
                    .init(
                        name: topic.name,
                        partitions: topic.partitions.map {
                            .init(partitionIndex: $0.partitionIndex, offset: $0.timestamp == -2 ? start : 6)
                        }
                    )
                }
            )
        }
        script.answer(FetchRequest.self, versions: versions) { request, call in
            let data = try answer(request, call)
            return FetchResponse(responses: [.init(topic: "t", topicId: id, partitions: [data])])
        }
        return script
    }

    private static func page(from offset: Int64) throws -> FetchResponse.PartitionData {
        var data = FetchResponse.PartitionData()
        data.highWatermark = 6
        var bytes = ByteBuffer()
        for first: Int64 in [0, 3] where first + 2 >= offset {
            var batch = try TestBatch.bytes(["a", "b", "c"], at: first)
            bytes.writeBuffer(&batch)
        }
        data.records = .bytes(bytes)
        return data
    }

    private static func run(_ script: ScriptedCluster.Script, _ options: String...) async throws -> Transcript {
        try await ScriptedCluster.with(nodes: 2, script) { cluster in
            try await CommandBench(address: cluster.address).run(
                ["replica-verification", "--exit-at-end", "--fetch-size", "1000", "--max-wait-ms", "20"] + options
            )
        }
    }

    /// Neither a consumer nor a replica: -2, as Kafka's tool says, in either place where the id may stand.
    @Test(arguments: [Int16(11), 12, 17])
    func whoAsks(version: Int16) async throws {
        let log = Log()
        let script = Self.script(versions: 4...version) { request, call in
            _ = log.note(request, call)
            return try Self.page(from: request.topics[0].partitions[0].fetchOffset)
        }
        let result = try await Self.run(script, "--time", "-2")
        #expect(result.status == 0 && result.errors == "The copies of 1 partition are the same.\n", "\(result)")
        let asked = log.requests.withLock { $0 }
        #expect(Set(asked.map(\.node)) == [1, 2])
        for (_, spoken, request) in asked {
            #expect(spoken == version)
            #expect((version < 15 ? request.replicaId : request.replicaState.replicaId) == -2)
            #expect(request.maxWaitMs == 20 && request.minBytes == 1)
            #expect(request.sessionId == 0 && request.sessionEpoch == -1)
            let partition = request.topics.first?.partitions.first
            #expect(partition?.fetchOffset == 0 && partition?.partitionMaxBytes == 1000)
            #expect(version < 13 ? request.topics.first?.topic == "t" : request.topics.first?.topicId == Self.id)
        }
    }

    /// A broker that hangs up twice holds things up, and is complained about once.
    @Test func aBrokerThatFails() async throws {
        struct HangUp: Error {}
        let log = Log()
        let script = Self.script(versions: 4...17) { request, call in
            if log.note(request, call) <= 2, call.node == 2 { throw HangUp() }
            return try Self.page(from: request.topics[0].partitions[0].fetchOffset)
        }
        let result = try await Self.run(script, "--time", "-2")
        #expect(result.status == 0, "\(result)")
        let complaints = result.errors.split(separator: "\n").filter { $0.hasPrefix("Broker 2 cannot be asked") }
        #expect(complaints.count == 1, "\(result)")
    }

    @Test func aReplicaThatRefuses() async throws {
        let log = Log()
        let script = Self.script(versions: 4...17) { request, call in
            if log.note(request, call) <= 2, call.node == 2 { return .init(errorCode: .kafkaStorageError) }
            return try Self.page(from: request.topics[0].partitions[0].fetchOffset)
        }
        let result = try await Self.run(script, "--time", "-2")
        #expect(result.status == 0, "\(result)")
        let complaints = result.errors.split(separator: "\n").filter {
            $0.hasPrefix("Broker 2 does not give its copy of t-0") && $0.contains("KAFKA_STORAGE_ERROR")
        }
        #expect(complaints.count == 1, "\(result)")
    }

    /// Retention has deleted where it stood; comparing goes on where the log begins now.
    @Test func whatIsGoneIsSkipped() async throws {
        let starts = Mutex(0)
        var script = Self.script(versions: 4...17, start: 3) { request, _ in
            let offset = request.topics[0].partitions[0].fetchOffset
            if offset < 3 { return .init(errorCode: .offsetOutOfRange) }
            return try Self.page(from: offset)
        }
        // The log's beginning is 0 at first, and 3 when it is looked for again.
        script.answer(ListOffsetsRequest.self, versions: 1...6) { request, _ in
            ListOffsetsResponse(
                topics: request.topics.map { topic in
                    .init(
                        name: topic.name,
                        partitions: topic.partitions.map {
                            (partition) -> ListOffsetsResponse.ListOffsetsPartitionResponse in
                            guard partition.timestamp == -2 else { return .init(offset: 6) }
                            let isFirst = starts.withLock { count in
                                count += 1
                                return count == 1
                            }
                            return .init(offset: isFirst ? 0 : 3)
                        }
                    )
                }
            )
        }
        let result = try await Self.run(script, "--time", "-2")
        #expect(result.status == 0, "\(result)")
        #expect(result.errors.contains("Records of t-0 before offset 3 are gone; going on there."), "\(result)")
    }

    @Test func differentBatchesAreTheEnd() async throws {
        let script = Self.script(versions: 4...17) { request, call in
            var data = FetchResponse.PartitionData()
            data.highWatermark = 6
            data.records = .bytes(
                try TestBatch.bytes(call.node == 1 ? ["a", "b", "c"] : ["a", "b", "c", "d"], at: 0)
            )
            return data
        }
        let result = try await Self.run(script, "--time", "-2")
        #expect(result.status == 1, "\(result)")
        #expect(
            result.output.hasSuffix(": partition t-0: replica 1's offset 2 doesn't match replica 2's offset 3\n"),
            "\(result)"
        )
    }
}
