import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Well-formed requests whose numbers no sane client sends: the broker answers something and lives.
@Suite struct HostileValuesTests {
    /// Every served API in its lowest and highest version: at every byte of a sensible request an extreme number of
    /// every width. What still decodes is sent, so every field of every request gets its turn.
    @Test func everyFieldMayBeExtreme() async throws {
        try await withBroker(["num.partitions": "2"]) { client async throws -> Void in
            let id = try await client.create("t", partitions: 2)
            for value in ["one", "two"] { _ = try await client.produce("t", try batch([value])) }
            var connection = try await connect(client.address)
            for (request, versions) in requests(topicID: id) {
                let offered = try #require(client.connection.versions.offered[type(of: request).apiKey.rawValue])
                let served = offered.clamped(to: versions)
                for version in Set([served.lowerBound, served.upperBound]).sorted() {
                    for bytes in extremes(of: try request.encoded(version: version)) {
                        guard let hostile = try? type(of: request).init(decoding: bytes, version: version),
                            !isPatient(hostile)
                        else { continue }
                        if !(await isAnswered(hostile, version: version, on: connection)) {
                            await connection.closeAndWait()
                            connection = try await connect(client.address)
                        }
                    }
                }
            }
            await connection.closeAndWait()
            #expect(try await client.send(MetadataRequest(topics: nil)).brokers.count == 1)
        }
    }

    /// The same for the numbers of a record batch, with a checksum that fits.
    @Test func everyFieldOfABatchMayBeExtreme() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t", configs: ["message.timestamp.after.max.ms": "\(Int64.max)"])
            let sane = try batch(["one", "two"], producerID: 7, epoch: 0, sequence: 0)
            for var bytes in extremes(of: sane) {
                let body = try #require(bytes.getSlice(at: 21, length: bytes.readableBytes - 21))
                bytes.setInteger(body.withUnsafeReadableBytes { CRC32C.checksum($0) }, at: 17)
                _ = try await client.produce("t", bytes)
            }
            var offset: Int64 = 0
            while true {
                let fetched = try values(try await client.fetch("t", from: offset))
                guard let last = fetched.last else { break }
                offset = last.offset + 1
            }
            for timestamp in [0, 1_700_000_000_001, Int64.max, -1, -2, -3, Int64.min] {
                let topic = ListOffsetsRequest.ListOffsetsTopic(name: "t", partitions: [.init(timestamp: timestamp)])
                _ = try await client.send(ListOffsetsRequest(replicaId: -1, topics: [topic]))
            }
        }
    }

    @Test func topicsWithTheLongestTimesCanBeDeleted() async throws {
        try await withBroker { client async throws -> Void in
            let forever = "\(Int64.max)"
            let names = [
                "file.delete.delay.ms", "segment.ms", "segment.jitter.ms", "retention.ms", "flush.ms", "flush.messages",
                "retention.bytes", "message.timestamp.before.max.ms", "message.timestamp.after.max.ms",
            ]
            try await client.create("t", configs: Dictionary(uniqueKeysWithValues: names.map { ($0, forever) }))
            _ = try await client.produce("t", try batch(["one"]))
            let deletion = DeleteTopicsRequest(topics: [.init(name: "t")], timeoutMs: 1000)
            #expect(try await client.send(deletion).responses.map(\.errorCode) == [.none])
            #expect(try await client.produce("t", try batch(["two"])).errorCode == .unknownTopicOrPartition)
        }
    }

    @Test func intervalsOfUpkeepMayBeEndless() async throws {
        let properties = [
            "log.retention.check.interval.ms": "\(Int64.max)",
            "producer.id.expiration.check.interval.ms": "\(Int32.max)",
            "offsets.retention.check.interval.ms": "\(Int64.max)", "offsets.retention.minutes": "\(Int32.max)",
        ]
        try await withBroker(properties) { client async throws -> Void in
            try await client.create("t")
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            let commit = OffsetCommitRequest(groupId: "g", topics: [.init(name: "t", partitions: [.init()])])
            #expect(try await client.send(commit).topics[0].partitions[0].errorCode == .none)
        }
    }

    // MARK: Requests

    /// A sensible request of every API, and the versions that can hold it.
    private func requests(topicID: KafkaUUID) -> [(any KafkaRequest, ClosedRange<Int16>)] {
        let all: ClosedRange<Int16> = 0...Int16.max
        return [
            (produce(), 3...Int16.max), (fetch(topicID), 4...Int16.max),
            (ListOffsetsRequest(replicaId: -1, topics: [.init(name: "t", partitions: [.init(timestamp: 5)])]), all),
            (MetadataRequest(topics: [.init(name: "t")]), all),
            (FindCoordinatorRequest(key: "g"), 0...3), (FindCoordinatorRequest(coordinatorKeys: ["g"]), 4...Int16.max),
            (ApiVersionsRequest(clientSoftwareName: "a", clientSoftwareVersion: "1"), all),
            (
                CreateTopicsRequest(
                    topics: [.init(name: "new", numPartitions: 1, replicationFactor: 1)],
                    validateOnly: true
                ), all
            ),
            (DeleteRecordsRequest(topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, offset: 1)])]), all),
            (InitProducerIdRequest(producerId: 5, producerEpoch: 1), 3...Int16.max),
            (
                OffsetForLeaderEpochRequest(
                    topics: [.init(topic: "t", partitions: [.init(partition: 0, leaderEpoch: 0)])]
                ), all
            ),
            (DescribeConfigsRequest(resources: [.init(resourceType: 2, resourceName: "t")]), all),
            (
                AlterConfigsRequest(
                    resources: [
                        .init(resourceType: 2, resourceName: "t", configs: [.init(name: "flush.ms", value: "9")])
                    ]
                ), all
            ),
            (
                IncrementalAlterConfigsRequest(
                    resources: [
                        .init(
                            resourceType: 2,
                            resourceName: "t",
                            configs: [.init(name: "flush.ms", configOperation: 0, value: "9")]
                        )
                    ]
                ), all
            ),
            (DescribeLogDirsRequest(topics: [.init(topic: "t", partitions: [0, 1])]), all),
            (CreatePartitionsRequest(topics: [.init(name: "t", count: 3)], validateOnly: true), all),
            (ElectLeadersRequest(topicPartitions: [.init(topic: "t", partitions: [0])]), all),
            (ListPartitionReassignmentsRequest(topics: [.init(name: "t", partitionIndexes: [0])]), all),
            (DescribeClusterRequest(), all),
            (
                DescribeTopicPartitionsRequest(
                    topics: [.init(name: "t")],
                    cursor: .init(topicName: "t", partitionIndex: 0)
                ), all
            ),
            (OffsetCommitRequest(groupId: "g", topics: [.init(name: "t", partitions: [.init()])]), all),
            (OffsetFetchRequest(groupId: "g", topics: [.init(name: "t", partitionIndexes: [0])]), 0...7),
            (OffsetFetchRequest(groups: [.init(groupId: "g", topics: nil)]), 8...Int16.max),
            (
                JoinGroupRequest(
                    groupId: "g",
                    sessionTimeoutMs: 6000,
                    rebalanceTimeoutMs: 1000,
                    memberId: "m",
                    protocolType: "p",
                    protocols: [.init(name: "r")]
                ), all
            ),
            (SyncGroupRequest(groupId: "g", generationId: 1, memberId: "m", assignments: [.init(memberId: "m")]), all),
            (HeartbeatRequest(groupId: "g", generationId: 1, memberId: "m"), all),
            (LeaveGroupRequest(groupId: "g", memberId: "m"), 0...2),
            (LeaveGroupRequest(groupId: "g", members: [.init(memberId: "m")]), 3...Int16.max),
            (DescribeGroupsRequest(groups: ["g"]), all), (ListGroupsRequest(), all),
            (
                OffsetDeleteRequest(groupId: "g", topics: [.init(name: "t", partitions: [.init(partitionIndex: 0)])]),
                all
            ),
            (DeleteGroupsRequest(groupsNames: ["g"]), all),
            (DeleteTopicsRequest(topicNames: ["none"]), 0...5),
            (DeleteTopicsRequest(topics: [.init(name: "none")]), 6...Int16.max),
        ]
    }

    private func produce() -> ProduceRequest {
        ProduceRequest(
            acks: -1,
            timeoutMs: 100,
            topicData: [.init(name: "t", partitionData: [.init(index: 0, records: .bytes(ByteBuffer(string: "xy")))])]
        )
    }

    private func fetch(_ topicID: KafkaUUID) -> FetchRequest {
        FetchRequest(
            minBytes: 1,
            maxBytes: 1 << 20,
            sessionEpoch: 0,
            topics: [
                .init(topic: "t", topicId: topicID, partitions: [.init(partition: 0, partitionMaxBytes: 1 << 20)])
            ]
        )
    }

    /// The bytes with an extreme number written over them, for every place and width.
    private func extremes(of bytes: ByteBuffer) -> [ByteBuffer] {
        var found: [ByteBuffer] = []
        for width in [8, 4, 2, 1] where width <= bytes.readableBytes {
            for place in bytes.readerIndex...(bytes.writerIndex - width) {
                for first in [0x7F, 0x80, 0xFF] as [UInt8] {
                    var changed = bytes
                    let rest: UInt8 = first == 0x80 ? 0 : 0xFF
                    changed.setBytes([first] + Array(repeating: rest, count: width - 1), at: place)
                    found.append(changed)
                }
            }
        }
        return found
    }

    /// Whether the broker rightly takes its time, or says nothing at all.
    private func isPatient(_ request: any KafkaRequest) -> Bool {
        if let fetch = request as? FetchRequest { return fetch.maxWaitMs > 100 && fetch.minBytes > 1 }
        if let produce = request as? ProduceRequest { return produce.acks == 0 }
        return false
    }

    /// False when the broker closed the connection instead.
    private func isAnswered<R: KafkaRequest>(
        _ request: R,
        version: Int16,
        on connection: ClientConnection
    ) async -> Bool {
        do {
            _ = try await connection.send(request, version: version, timeout: .seconds(1))
            return true
        } catch {
            return false
        }
    }
}
