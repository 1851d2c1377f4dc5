import KafkaCoordination
import KafkaMessages

/// Heartbeat (12), versions 0 to 4: keeps a member of a classic group alive and tells it of rebalances.
///
/// 1 throttle time; 3 static members; 4 flexible.
struct HeartbeatHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...4

    let core: BrokerCore

    func handle(_ request: HeartbeatRequest, _ context: RequestContext) async -> Reply<HeartbeatResponse> {
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(member: request.groupId)
            let code = try await shard.perform { groups, nowMs in groups.heartbeat(request, nowMs: nowMs) }
            return .respond(HeartbeatResponse(errorCode: code))
        } catch {
            // A coordinator that is reading its log again cannot tell and says yes, as Kafka does: all sessions begin
            // anew once it has, and some clients take any other answer for the end.
            let code = error.code == .coordinatorLoadInProgress ? .none : error.code
            return .respond(HeartbeatResponse(errorCode: code))
        }
    }
}
