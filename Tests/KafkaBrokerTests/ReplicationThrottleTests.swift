import KafkaMessages
import KafkaTestSupport
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Moves of partitions whose copying is limited (KIP-73).
@Suite struct ReplicationThrottleTests {
    /// Followers that hurry, and take a little at a time.
    private static let properties = [
        "replica.fetch.backoff.ms": "50", "replica.fetch.wait.max.ms": "50", "replica.fetch.max.bytes": "4000",
        "replica.fetch.response.max.bytes": "4000",
    ]

    private static func alter(
        _ client: TestClient,
        _ type: Int8,
        _ name: String,
        _ values: [String: String?]
    ) async throws -> ErrorCode? {
        let resource = IncrementalAlterConfigsRequest.AlterConfigsResource(
            resourceType: type,
            resourceName: name,
            configs: values.map { .init(name: $0.key, configOperation: $0.value == nil ? 1 : 0, value: $0.value) }
        )
        return try await client.send(IncrementalAlterConfigsRequest(resources: [resource])).responses.first?.errorCode
    }

    private static func size(_ client: TestClient) async throws -> Int64 {
        let response = try await client.send(DescribeLogDirsRequest(topics: nil))
        return response.results.flatMap(\.topics).filter { $0.name == "t" }.flatMap(\.partitions)
            .reduce(0) { $0 + $1.partitionSize }
    }

    private static func isMoving(_ client: TestClient) async throws -> Bool {
        try await !client.send(ListPartitionReassignmentsRequest(topics: nil)).topics.isEmpty
    }

    private static func wait(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "waited a minute for \(what)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Either side alone holds up the move, and lets it go on when the limit is taken away.
    @Test(arguments: ["leader", "follower"]) func aMoveIsHeldUp(side: String) async throws {
        try await withCluster(Self.properties) { cluster in
            let (_, one) = try await cluster.start(1)
            let (_, two) = try await cluster.start(2)
            for client in [one, two] { try await client.metadata { $0.brokers.count == 2 } }
            let topic = CreateTopicsRequest.CreatableTopic(
                name: "t",
                numPartitions: -1,
                replicationFactor: -1,
                assignments: [.init(partitionIndex: 0, brokerIds: [1])]
            )
            #expect(try await one.send(CreateTopicsRequest(topics: [topic])).topics.map(\.errorCode) == [.none])
            let text = String(repeating: "x", count: 2000)
            try await Self.wait("the leader") { try await one.produce("t", try batch([text])).errorCode == .none }
            for _ in 0..<20 { #expect(try await one.produce("t", try batch([text])).errorCode == .none) }
            let throttledBroker = side == "leader" ? "1" : "2"
            let rate = "\(side).replication.throttled.rate"
            #expect(try await Self.alter(one, 4, throttledBroker, [rate: "1"]) == ErrorCode.none)
            let replicas = ["\(side).replication.throttled.replicas": "0:\(throttledBroker)"]
            #expect(try await Self.alter(one, 2, "t", replicas) == ErrorCode.none)
            // Both brokers must have heard of it before anything moves.
            for client in [one, two] {
                try await Self.wait("the configs") {
                    let request = DescribeConfigsRequest(
                        resources: [
                            .init(resourceType: 2, resourceName: "t", configurationKeys: replicas.map(\.key))
                        ]
                    )
                    let answer = try await client.send(request)
                    return answer.results.first?.configs.first?.value == replicas.values.first
                }
            }
            let move = AlterPartitionReassignmentsRequest(
                topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, replicas: [2])])]
            )
            #expect(try await one.send(move).responses.first?.partitions.first?.errorCode == ErrorCode.none)
            // The first answer passes; a byte a second is not enough for another.
            try await Self.wait("the first records") { try await Self.size(two) > 0 }
            for _ in 0..<20 {
                #expect(try await Self.isMoving(one))
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await Self.size(two) < 20_000)
            #expect(try await Self.alter(one, 4, throttledBroker, [rate: nil]) == ErrorCode.none)
            try await Self.wait("the end of the move") { try await !Self.isMoving(one) }
            let after = try await two.metadata { $0.topics.first?.partitions[0].leaderId == 2 }
            #expect(after.topics[0].partitions[0].replicaNodes == [2])
            #expect(try await two.fetch("t", from: 20).highWatermark == 21)
        }
    }
}
