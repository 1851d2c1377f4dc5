import KafkaCoordination
import KafkaMessages

/// EndQuorumEpoch (54), versions 0 and 1, as a lone voter answers it: nobody else leads that could resign.
///
/// 1 flexible, candidates with directory ids. An old epoch is FENCED_LEADER_EPOCH, anything else INVALID_REQUEST.
struct EndQuorumEpochHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: ControllerCore

    func handle(_ request: EndQuorumEpochRequest, _ context: RequestContext) async -> Reply<EndQuorumEpochResponse> {
        if let cluster = request.clusterId, cluster != core.clusterID {
            return .respond(EndQuorumEpochResponse(errorCode: .inconsistentClusterId))
        }
        guard let wanted = request.topics.first?.partitions.first,
            request.topics[0].topicName == TopicName.clusterMetadata
        else { return .respond(EndQuorumEpochResponse(errorCode: .invalidRequest)) }
        let partition = EndQuorumEpochResponse.PartitionData(
            partitionIndex: wanted.partitionIndex,
            errorCode: wanted.leaderEpoch < core.leaderEpoch ? .fencedLeaderEpoch : .invalidRequest,
            leaderId: core.nodeID,
            leaderEpoch: core.leaderEpoch
        )
        return .respond(
            EndQuorumEpochResponse(topics: [.init(topicName: TopicName.clusterMetadata, partitions: [partition])])
        )
    }
}
