package import KafkaMessages
import NIOCore

extension GroupCoordinator {
    // MARK: SyncGroup

    /// SyncGroup: the leader's hands out the assignment, the others' wait for it. The answer comes as a reply to `token`.
    package mutating func sync(_ request: SyncGroupRequest, token: HeldToken, nowMs: Int64) -> Decision<Void> {
        var work = Decision<Void>()
        if request.groupId.isEmpty {
            work.answer(token, sync: .invalidGroupId)
            return work
        }
        if let group = modern.groups[request.groupId] {
            syncModern(group, request, token, &work, nowMs)
            return work
        }
        guard var group = takeClassic(request.groupId) else {
            work.answer(token, sync: .unknownMemberId)
            return work
        }
        if let code = group.fault(of: request) {
            work.answer(token, sync: code)
        } else {
            sync(&group, request, token, &work, nowMs)
        }
        put(group)
        return work
    }

    private mutating func sync(
        _ group: inout ClassicGroup,
        _ request: SyncGroupRequest,
        _ token: HeldToken,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        let memberID = request.memberId
        switch group.state {
        case .empty: work.answer(token, sync: .unknownMemberId)
        case .preparingRebalance: work.answer(token, sync: .rebalanceInProgress)
        case .completingRebalance:
            if let former = group.takeSyncToken(memberID) { work.answer(former, sync: .rebalanceInProgress) }
            group.members[memberID]?.syncToken = token
            group.pendingSync.remove(memberID)
            if group.leaderID == memberID { distribute(request.assignments, in: &group, &work, nowMs) }
        case .stable:
            group.pendingSync.remove(memberID)
            if let member = group.members[memberID] {
                renewSession(member, of: group, nowMs)
                work.replies.append(HeldReply(token, .sync(group.syncResponse(member.assignment))))
            }
        }
    }

    /// Everybody who waits gets its part once the group record is written; the record makes the group stable.
    private mutating func distribute(
        _ assignments: [SyncGroupRequest.SyncGroupRequestAssignment],
        in group: inout ClassicGroup,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        var parts: [String: ByteBuffer] = [:]
        for assignment in assignments { parts[assignment.memberId] = assignment.assignment }
        guard let record = record(group, assignments: parts, nowMs: nowMs) else {
            answerSyncs(&group, .unknownServerError, &work, nowMs)
            prepareRebalance(&group, &work, nowMs)
            return
        }
        undo = group
        work.subject = group.id
        work.records.append(record)
        for id in group.members.keys.sorted() {
            if let token = group.takeSyncToken(id) {
                work.replies.append(HeldReply(token, .sync(group.syncResponse(parts[id] ?? ByteBuffer()))))
            }
            if let member = group.members[id] { renewSession(member, of: group, nowMs) }
        }
        if group.pendingSync.isEmpty { timers.cancel(.sync(group: group.id)) }
    }

    // MARK: Heartbeat

    package mutating func heartbeat(_ request: HeartbeatRequest, nowMs: Int64) -> Decision<ErrorCode> {
        if request.groupId.isEmpty { return Decision(answer: .invalidGroupId) }
        if let group = modern.groups[request.groupId] { return heartbeatModern(group, request, nowMs) }
        guard case .classic(let group)? = groups[request.groupId] else { return Decision(answer: .unknownMemberId) }
        if let code = group.fault(of: request.memberId, instanceID: request.groupInstanceId) {
            return Decision(answer: code)
        }
        if request.generationId != group.generation { return Decision(answer: .illegalGeneration) }
        if let member = group.members[request.memberId] { renewSession(member, of: group, nowMs) }
        switch group.state {
        case .empty: return Decision(answer: .unknownMemberId)
        case .preparingRebalance: return Decision(answer: .rebalanceInProgress)
        case .completingRebalance, .stable: return Decision(answer: .none)
        }
    }

    // MARK: LeaveGroup

    /// LeaveGroup with a list of members; requests of one member come as a list of one.
    package mutating func leave(
        _ groupID: String,
        _ members: [LeaveGroupRequest.MemberIdentity],
        nowMs: Int64
    ) -> Decision<LeaveGroupResponse> {
        var work = Decision<Void>()
        if groupID.isEmpty { return Decision(answer: LeaveGroupResponse(errorCode: .invalidGroupId)) }
        if let group = modern.groups[groupID] { return leaveModern(group, members, nowMs) }
        guard var group = takeClassic(groupID) else {
            return Decision(answer: LeaveGroupResponse(errorCode: .unknownMemberId))
        }
        var response = LeaveGroupResponse()
        for member in members {
            response.members.append(
                LeaveGroupResponse.MemberResponse(
                    memberId: member.memberId,
                    groupInstanceId: member.groupInstanceId,
                    errorCode: leave(member, &group, &work)
                )
            )
        }
        if response.members.contains(where: { $0.errorCode == .none }) { prepareAfterLoss(&group, &work, nowMs) }
        put(group)
        var decision = Decision(answer: response)
        decision.records = work.records
        decision.replies = work.replies
        return decision
    }

    private mutating func leave(
        _ member: LeaveGroupRequest.MemberIdentity,
        _ group: inout ClassicGroup,
        _ work: inout Decision<Void>
    ) -> ErrorCode {
        // An administrator names the instance alone.
        if member.memberId.isEmpty {
            guard let instanceID = member.groupInstanceId, let id = group.staticMembers[instanceID] else {
                return .unknownMemberId
            }
            drop(id, from: &group, &work)
            return .none
        }
        if !group.pendingMembers.contains(member.memberId),
            let code = group.fault(of: member.memberId, instanceID: member.groupInstanceId)
        {
            return code
        }
        drop(member.memberId, from: &group, &work)
        return .none
    }
}

extension ClassicGroup {
    fileprivate func fault(of request: SyncGroupRequest) -> ErrorCode? {
        if let code = fault(of: request.memberId, instanceID: request.groupInstanceId) { return code }
        if request.generationId != generation { return .illegalGeneration }
        if let type = request.protocolType, type != protocolType { return .inconsistentGroupProtocol }
        if let name = request.protocolName, name != protocolName { return .inconsistentGroupProtocol }
        return nil
    }

    fileprivate func syncResponse(_ assignment: ByteBuffer) -> SyncGroupResponse {
        SyncGroupResponse(protocolType: protocolType, protocolName: protocolName, assignment: assignment)
    }
}
