import KafkaCoordination
import KafkaMessages

/// BeginQuorumEpoch (53), versions 0 and 1, as a lone voter answers it: nobody else can have been elected.
///
/// 1 flexible, endpoints of the leader. An old epoch is FENCED_LEADER_EPOCH, anything else INVALID_REQUEST.
struct BeginQuorumEpochHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: ControllerCore

    func handle(
        _ request: BeginQuorumEpochRequest,
        _ context: RequestContext
    ) async -> Reply<BeginQuorumEpochResponse> {
        if let cluster = request.clusterId, cluster != core.clusterID {
            return .respond(BeginQuorumEpochResponse(errorCode: .inconsistentClusterId))
        }
        guard let wanted = request.topics.first?.partitions.first,
            request.topics[0].topicName == TopicName.clusterMetadata
        else { return .respond(BeginQuorumEpochResponse(errorCode: .invalidRequest)) }
        let partition = BeginQuorumEpochResponse.PartitionData(
            partitionIndex: wanted.partitionIndex,
            errorCode: wanted.leaderEpoch < core.leaderEpoch ? .fencedLeaderEpoch : .invalidRequest,
            leaderId: core.nodeID,
            leaderEpoch: core.leaderEpoch
        )
        return .respond(
            BeginQuorumEpochResponse(topics: [.init(topicName: TopicName.clusterMetadata, partitions: [partition])])
        )
    }
}
