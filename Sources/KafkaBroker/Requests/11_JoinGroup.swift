import KafkaCoordination
import KafkaMessages
import KafkaTransport

/// JoinGroup (11), versions 0 to 9: enters a classic group; the answer waits until the rebalance is complete.
///
/// 1 a rebalance timeout of its own; 2 throttle time; 4 new members get their id first and come back with it (KIP-394);
/// 5 static members (KIP-345); 6 flexible; 7 protocol type in the answer; 8 reason; 9 a leader can be told not to assign
/// (KIP-814).
struct JoinGroupHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...9

    let core: BrokerCore

    func handle(_ request: JoinGroupRequest, _ context: RequestContext) async -> Reply<JoinGroupResponse> {
        var response = await join(request, context)
        // Older versions cannot say null.
        if context.version < 7, response.protocolName == nil { response.protocolName = "" }
        return .respond(response)
    }

    private func join(_ request: JoinGroupRequest, _ context: RequestContext) async -> JoinGroupResponse {
        let prefix = request.groupInstanceId ?? context.clientID ?? ""
        let joining = JoinContext(
            clientID: context.clientID ?? "",
            clientHost: "/\(context.connection.remoteHost)",
            newMemberID: MemberID.make(prefix: prefix),
            requiresKnownID: context.version >= 4,
            canSkipAssignment: context.version >= 9
        )
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(member: request.groupId)
            let reply = try await shard.hold { groups, token, nowMs in
                groups.join(request, joining, token: token, nowMs: nowMs)
            }
            guard case .join(let response) = reply else { throw CoordinatorError(.unknownServerError) }
            return response
        } catch {
            return JoinGroupResponse(errorCode: error.code, memberId: request.memberId)
        }
    }
}
