import KafkaCoordination
import KafkaMessages

/// A request of one that leads the metadata log, or did: that it has been elected, or that it gives up.
protocol LeaderClaim: KafkaRequest {
    var clusterId: String? { get }
    /// The first partition that it is about.
    var claimed: (topic: String, partition: Int32, leaderEpoch: Int32)? { get }

    static func refusal(_ code: ErrorCode) -> Response

    /// - Parameters:
    ///   - leader: who leads really, and in which epoch.
    static func answer(partition: Int32, _ code: ErrorCode, leader: (id: Int32, epoch: Int32)) -> Response
}

/// A claim as a lone voter answers it: nobody else can have been elected, or could resign. An old epoch is
/// FENCED_LEADER_EPOCH, anything else INVALID_REQUEST.
struct LeaderClaimHandler<Request: LeaderClaim>: APIHandler {
    static var versions: ClosedRange<Int16> { 0...1 }

    let core: ControllerCore

    func handle(_ request: Request, _ context: RequestContext) async -> Reply<Request.Response> {
        if let cluster = request.clusterId, cluster != core.clusterID {
            return .respond(Request.refusal(.inconsistentClusterId))
        }
        guard let claimed = request.claimed, claimed.topic == TopicName.clusterMetadata else {
            return .respond(Request.refusal(.invalidRequest))
        }
        let code: ErrorCode = claimed.leaderEpoch < core.leaderEpoch ? .fencedLeaderEpoch : .invalidRequest
        let leader = (id: core.nodeID, epoch: core.leaderEpoch)
        return .respond(Request.answer(partition: claimed.partition, code, leader: leader))
    }
}
