import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire

/// FetchSnapshot (59), versions 0 and 1: a part of the newest snapshot of the metadata, from a position on.
///
/// 1 directory ids, node endpoints. Parts begin and end anywhere: the reader puts them together.
struct FetchSnapshotHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    private static let largestPart = 16 << 20

    let core: ControllerCore

    func handle(_ request: FetchSnapshotRequest, _ context: RequestContext) async -> Reply<FetchSnapshotResponse> {
        if let cluster = request.clusterId, cluster != core.clusterID {
            return .respond(FetchSnapshotResponse(errorCode: .inconsistentClusterId))
        }
        guard let topic = request.topics.first, request.topics.count == 1, let wanted = topic.partitions.first,
            topic.partitions.count == 1
        else { return .respond(FetchSnapshotResponse(errorCode: .invalidRequest)) }
        var part = FetchSnapshotResponse.PartitionSnapshot(index: wanted.partition)
        part.snapshotId = .init(endOffset: wanted.snapshotId.endOffset, epoch: wanted.snapshotId.epoch)
        part.currentLeader = .init(leaderId: core.nodeID, leaderEpoch: core.leaderEpoch)
        part.position = wanted.position
        do throws(PartitionError) {
            guard topic.name == TopicName.clusterMetadata, wanted.partition == 0 else {
                throw PartitionError(.unknownTopicOrPartition)
            }
            if wanted.currentLeaderEpoch >= 0, wanted.currentLeaderEpoch != core.leaderEpoch {
                let isOld = wanted.currentLeaderEpoch < core.leaderEpoch
                throw PartitionError(isOld ? .fencedLeaderEpoch : .unknownLeaderEpoch)
            }
            let name = MetadataSnapshotName(endOffset: wanted.snapshotId.endOffset, epoch: wanted.snapshotId.epoch)
            let limit = min(Int(request.maxBytes), Self.largestPart)
            let (bytes, size) = try core.log.readSnapshot(name, from: wanted.position, maxBytes: limit)
            part.size = size
            part.unalignedRecords = .bytes(bytes)
        } catch {
            part.errorCode = error.code
        }
        return .respond(FetchSnapshotResponse(topics: [.init(name: topic.name, partitions: [part])]))
    }
}
