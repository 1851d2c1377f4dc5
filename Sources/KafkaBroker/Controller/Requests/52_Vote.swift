import KafkaCoordination
import KafkaMessages

/// Vote (52), versions 0 and 1, as a lone voter answers it: nobody else can lead, so that no vote is given.
///
/// 1 voter and directory ids. Left out: stepping down for a candidate with a newer epoch; there is no second voter that
/// could be one, and a stray request must not stop the cluster.
struct VoteHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: ControllerCore

    func handle(_ request: VoteRequest, _ context: RequestContext) async -> Reply<VoteResponse> {
        if let cluster = request.clusterId, cluster != core.clusterID {
            return .respond(VoteResponse(errorCode: .inconsistentClusterId))
        }
        guard request.topics.count == 1, request.topics[0].topicName == TopicName.clusterMetadata,
            request.topics[0].partitions.count == 1, request.topics[0].partitions[0].partitionIndex == 0
        else { return .respond(VoteResponse(errorCode: .invalidRequest)) }
        let wanted = request.topics[0].partitions[0]
        let isStranger = request.voterId >= 0 && request.voterId != core.nodeID
        let code: ErrorCode =
            if isStranger {
                .invalidVoterKey
            } else if wanted.candidateEpoch < core.leaderEpoch {
                .fencedLeaderEpoch
            } else {
                .none
            }
        let partition = VoteResponse.PartitionData(
            partitionIndex: 0,
            errorCode: code,
            leaderId: core.nodeID,
            leaderEpoch: core.leaderEpoch,
            voteGranted: false
        )
        return .respond(VoteResponse(topics: [.init(topicName: TopicName.clusterMetadata, partitions: [partition])]))
    }
}
