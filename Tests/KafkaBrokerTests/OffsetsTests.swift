import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaBroker

@Suite struct OffsetsTests {
    private func list(
        _ client: TestClient,
        _ timestamp: Int64,
        partition: Int32 = 0,
        version: Int16? = nil
    ) async throws -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        let request = ListOffsetsRequest(
            replicaId: -1,
            topics: [.init(name: "t", partitions: [.init(partitionIndex: partition, timestamp: timestamp)])]
        )
        return try await client.send(request, version: version).topics[0].partitions[0]
    }

    @Test func findsOffsetsByTime() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            #expect(try await list(client, -3).offset == -1)
            #expect(try await list(client, -1).offset == 0)
            _ = try await client.produce("t", try batch(["a", "b"], timestampMs: 1000))
            _ = try await client.produce("t", try batch(["c"], timestampMs: 5000))
            _ = try await client.produce("t", try batch(["d"], timestampMs: 3000))
            for version in Int16(1)...10 {
                let latest = try await list(client, -1, version: version)
                #expect(latest.offset == 4 && latest.timestamp == -1)
                #expect(latest.leaderEpoch == (version >= 4 ? 0 : -1))
                #expect(try await list(client, -2, version: version).offset == 0)
                let found = try await list(client, 2000, version: version)
                #expect(found.offset == 2 && found.timestamp == 5000)
            }
            #expect(try await list(client, 1001).offset == 1)
            #expect(try await list(client, 9000).offset == -1)
            let maximum = try await list(client, -3)
            #expect(maximum.offset == 2 && maximum.timestamp == 5000)
            #expect(try await list(client, -4).offset == 0)
            #expect(try await list(client, -5).offset == -1)
            #expect(try await list(client, -3, version: 6).errorCode == .unsupportedVersion)
            #expect(try await list(client, -9).errorCode == .unsupportedVersion)
            #expect(try await list(client, -1, partition: 4).errorCode == .unknownTopicOrPartition)
            let twice = ListOffsetsRequest(
                replicaId: -1,
                topics: [
                    .init(
                        name: "t",
                        partitions: [
                            .init(partitionIndex: 0, timestamp: -1), .init(partitionIndex: 0, timestamp: -2),
                        ]
                    )
                ]
            )
            let codes = try await client.send(twice).topics[0].partitions.map(\.errorCode)
            #expect(codes == [.invalidRequest, .invalidRequest])
        }
    }

    @Test func tellsWhereEpochsEnd() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            _ = try await client.produce("t", try batch(["a", "b"]))
            for version in Int16(2)...4 {
                let request = OffsetForLeaderEpochRequest(
                    replicaId: -1,
                    topics: [
                        .init(
                            topic: "t",
                            partitions: [
                                .init(partition: 0, leaderEpoch: 0), .init(partition: 0, leaderEpoch: 9),
                                .init(partition: 0, currentLeaderEpoch: 4, leaderEpoch: 0),
                                .init(partition: 8, leaderEpoch: 0),
                            ]
                        )
                    ]
                )
                let found = try await client.send(request, version: version).topics[0].partitions
                #expect(found.map(\.endOffset) == [2, -1, -1, -1])
                #expect(found.map(\.errorCode) == [.none, .none, .unknownLeaderEpoch, .unknownTopicOrPartition])
            }
        }
    }

    private func delete(
        _ client: TestClient,
        _ topic: String,
        before offset: Int64
    ) async throws -> DeleteRecordsResponse.DeleteRecordsPartitionResult {
        let request = DeleteRecordsRequest(
            topics: [.init(name: topic, partitions: [.init(partitionIndex: 0, offset: offset)])],
            timeoutMs: 1000
        )
        return try await client.send(request).topics[0].partitions[0]
    }

    @Test func deletesRecords() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            try await client.create("c", configs: ["cleanup.policy": "compact"])
            for _ in 0..<5 { _ = try await client.produce("t", try batch(["x"])) }
            #expect(try await delete(client, "t", before: 2).lowWatermark == 2)
            #expect(try await client.fetch("t", from: 1).errorCode == .offsetOutOfRange)
            #expect(try await client.fetch("t", from: 2).logStartOffset == 2)
            #expect(try await list(client, -2).offset == 2)
            #expect(try await delete(client, "t", before: 1).lowWatermark == 2)
            #expect(try await delete(client, "t", before: 6).errorCode == .offsetOutOfRange)
            #expect(try await delete(client, "t", before: -2).errorCode == .offsetOutOfRange)
            #expect(try await delete(client, "t", before: -1).lowWatermark == 5)
            #expect(try await delete(client, "c", before: 0).errorCode == .policyViolation)
            #expect(try await delete(client, "nope", before: 0).errorCode == .unknownTopicOrPartition)
        }
    }
}
