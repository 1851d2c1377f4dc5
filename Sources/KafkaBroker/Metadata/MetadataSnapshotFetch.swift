import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaTransport
import KafkaWire
import NIOCore

/// Fetches a snapshot of the metadata from the controller into this broker's directory.
struct MetadataSnapshotFetch {
    let identity: MetadataFollower.Identity
    let directory: LogDirectory

    private static let partBytes: Int32 = 4 << 20
    /// A larger snapshot is no snapshot of a cluster that this software could serve.
    private static let largestSnapshot = 1 << 30

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func fetch(
        _ id: FetchResponse.SnapshotId,
        leaderEpoch: Int32,
        over connection: ClientConnection
    ) async throws {
        var bytes: [UInt8] = []
        repeat {
            let part = try await part(of: id, from: Int64(bytes.count), leaderEpoch: leaderEpoch, over: connection)
            guard part.size >= 0, part.size <= Self.largestSnapshot, part.position == bytes.count else {
                throw Failure(description: "the controller sends a snapshot of \(part.size) bytes in the wrong order")
            }
            let received = try part.unalignedRecords.bytes()
            guard received.readableBytes > 0 else {
                throw Failure(description: "the controller's snapshot ends after \(bytes.count) bytes")
            }
            bytes.append(contentsOf: received.readableBytesView)
            if bytes.count >= part.size { break }
        } while true
        let name = MetadataSnapshotName(endOffset: id.endOffset, epoch: id.epoch)
        try directory.writeMetadataSnapshot(name, bytes, of: MetadataLog.topicPartition)
    }

    private func part(
        of id: FetchResponse.SnapshotId,
        from position: Int64,
        leaderEpoch: Int32,
        over connection: ClientConnection
    ) async throws -> FetchSnapshotResponse.PartitionSnapshot {
        let partition = FetchSnapshotRequest.PartitionSnapshot(
            partition: 0,
            currentLeaderEpoch: leaderEpoch,
            snapshotId: .init(endOffset: id.endOffset, epoch: id.epoch),
            position: position,
            replicaDirectoryId: identity.directoryID
        )
        let request = FetchSnapshotRequest(
            clusterId: identity.clusterID,
            replicaId: identity.nodeID,
            maxBytes: Self.partBytes,
            topics: [.init(name: TopicName.clusterMetadata, partitions: [partition])]
        )
        let response = try await connection.send(request)
        guard response.errorCode == .none, let part = response.topics.first?.partitions.first else {
            throw Failure(description: "the controller gives no snapshot: \(response.errorCode.name)")
        }
        guard part.errorCode == .none else {
            throw Failure(description: "the controller gives no snapshot: \(part.errorCode.name)")
        }
        return part
    }
}
