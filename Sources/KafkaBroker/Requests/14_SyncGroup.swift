import KafkaCoordination
import KafkaMessages

/// SyncGroup (14), versions 0 to 5: the leader of a classic group hands out its assignment, the others wait for it.
///
/// 1 throttle time; 3 static members; 4 flexible; 5 protocol type and name, which must be those of the group.
struct SyncGroupHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    let core: BrokerCore

    func handle(_ request: SyncGroupRequest, _ context: RequestContext) async -> Reply<SyncGroupResponse> {
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(member: request.groupId)
            let reply = try await shard.hold { groups, token, nowMs in
                groups.sync(request, token: token, nowMs: nowMs)
            }
            guard case .sync(let response) = reply else { throw CoordinatorError(.unknownServerError) }
            return .respond(response)
        } catch {
            return .respond(SyncGroupResponse(errorCode: error.code))
        }
    }
}
