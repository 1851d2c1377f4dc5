import KafkaCoordination
import KafkaMessages

/// LeaveGroup (13), versions 0 to 5: takes members out of a classic group.
///
/// 1 throttle time; 3 several members, each with its own error, static ones by their instance alone; 4 flexible;
/// 5 reason.
struct LeaveGroupHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    let core: BrokerCore

    func handle(_ request: LeaveGroupRequest, _ context: RequestContext) async -> Reply<LeaveGroupResponse> {
        let isSingle = context.version < 3
        let members = isSingle ? [.init(memberId: request.memberId)] : request.members
        var response: LeaveGroupResponse
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(member: request.groupId)
            response = try await shard.perform { groups, nowMs in
                groups.leave(request.groupId, members, nowMs: nowMs)
            }
        } catch {
            response = LeaveGroupResponse(errorCode: error.code)
        }
        if isSingle {
            if response.errorCode == .none { response.errorCode = response.members.first?.errorCode ?? .none }
            response.members = []
        }
        return .respond(response)
    }
}
