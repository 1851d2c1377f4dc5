package import KafkaMessages

extension GroupCoordinator {
    /// How long a new member may wait for its first answer: it cannot send heartbeats meanwhile.
    private static let newMemberTimeoutMs: Int64 = 300_000

    /// JoinGroup. The answer comes as a reply to `token`, mostly when the rebalance is complete.
    package mutating func join(
        _ request: JoinGroupRequest,
        _ context: JoinContext,
        token: HeldToken,
        nowMs: Int64
    ) -> Decision<Void> {
        var work = Decision<Void>()
        if let code = refusal(request) {
            work.answer(token, join: code, memberID: request.memberId)
            return work
        }
        let isNew = request.memberId.isEmpty
        var takeover: [CoordinatorRecord] = []
        if let group = modern.groups[request.groupId] {
            guard group.members.isEmpty else {
                joinModern(group, request, context, token, &work, nowMs)
                return work
            }
            // An empty group may be taken over.
            takeover = Self.encoded(group.tombstones) ?? []
        }
        guard isNew || groups[request.groupId] != nil else {
            work.answer(token, join: .unknownMemberId, memberID: request.memberId)
            return work
        }
        if groups[request.groupId] == nil { groups[request.groupId] = .classic(ClassicGroup(id: request.groupId)) }
        guard var group = takeClassic(request.groupId) else {
            work.answer(token, join: .inconsistentGroupProtocol, memberID: request.memberId)
            return work
        }
        if !hasRoom(group, for: request.memberId) {
            work.answer(token, join: .groupMaxSizeReached, memberID: "")
        } else if !group.supports(request.protocolType, request.protocols) {
            work.answer(token, join: .inconsistentGroupProtocol, memberID: request.memberId)
        } else if isNew {
            work.records += takeover
            joinNew(&group, request, context, token, &work, nowMs)
        } else {
            joinKnown(&group, request, context, token, &work, nowMs)
        }
        put(group)
        return work
    }

    private func refusal(_ request: JoinGroupRequest) -> ErrorCode? {
        if request.groupId.isEmpty { return .invalidGroupId }
        if !settings.sessionTimeoutsMs.contains(request.sessionTimeoutMs) { return .invalidSessionTimeout }
        return nil
    }

    private func hasRoom(_ group: ClassicGroup, for memberID: String) -> Bool {
        let member = group.members[memberID]
        switch group.state {
        case .empty: return true
        case .preparingRebalance:
            return member?.joinToken != nil || group.waitingToJoin < settings.maximumSize
        case .completingRebalance, .stable:
            return member != nil || group.members.count < settings.maximumSize
        }
    }

    // MARK: New members

    private mutating func joinNew(
        _ group: inout ClassicGroup,
        _ request: JoinGroupRequest,
        _ context: JoinContext,
        _ token: HeldToken,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        if let instanceID = request.groupInstanceId {
            if let oldID = group.staticMembers[instanceID] {
                replace(oldID, in: &group, request, context, token, &work, nowMs)
            } else {
                add(context.newMemberID, to: &group, request, context, token, &work, nowMs)
            }
        } else if context.requiresKnownID {
            group.pendingMembers.insert(context.newMemberID)
            timers.set(
                .pendingMember(group: group.id, member: context.newMemberID),
                atMs: nowMs + Int64(request.sessionTimeoutMs)
            )
            work.answer(token, join: .memberIdRequired, memberID: context.newMemberID)
        } else {
            add(context.newMemberID, to: &group, request, context, token, &work, nowMs)
        }
    }

    private mutating func add(
        _ memberID: String,
        to group: inout ClassicGroup,
        _ request: JoinGroupRequest,
        _ context: JoinContext,
        _ token: HeldToken,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        var member = ClassicMember(
            id: memberID,
            instanceID: request.groupInstanceId,
            clientID: context.clientID,
            clientHost: context.clientHost,
            rebalanceTimeoutMs: request.effectiveRebalanceTimeoutMs,
            sessionTimeoutMs: request.sessionTimeoutMs,
            protocols: request.detachedProtocols
        )
        member.joinToken = token
        member.isNew = true
        if group.state == .preparingRebalance, group.isInitialRebalance { group.hasNewMember = true }
        group.add(member, protocolType: request.protocolType)
        timers.cancel(.pendingMember(group: group.id, member: memberID))
        timers.set(.session(group: group.id, member: memberID), atMs: nowMs + Self.newMemberTimeoutMs)
        prepareOrCompleteJoin(&group, &work, nowMs)
    }

    /// A static member that was started anew takes the place of its former self. Its group need not notice, unless the
    /// protocol changes.
    private mutating func replace(
        _ oldID: String,
        in group: inout ClassicGroup,
        _ request: JoinGroupRequest,
        _ context: JoinContext,
        _ token: HeldToken,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        let before = group
        let newID = context.newMemberID
        if let fenced = group.takeJoinToken(oldID) { work.answer(fenced, join: .fencedInstanceId, memberID: oldID) }
        if let fenced = group.takeSyncToken(oldID) { work.answer(fenced, sync: .fencedInstanceId) }
        timers.cancel(.session(group: group.id, member: oldID))
        group.replace(oldID, by: newID)
        group.members[newID]?.clientID = context.clientID
        group.members[newID]?.clientHost = context.clientHost
        group.update(newID, request, token: token)
        if let member = group.members[newID] { renewSession(member, of: group, nowMs) }
        guard group.state == .stable, group.protocolName == group.selectedProtocol() else {
            prepareOrCompleteJoin(&group, &work, nowMs)
            return
        }
        group.subscribedTopics = group.computedSubscription()
        guard let record = record(group, assignments: group.members.mapValues(\.assignment), nowMs: nowMs) else {
            group = before
            work.answer(token, join: .unknownServerError, memberID: newID)
            return
        }
        undo = before
        work.subject = group.id
        work.records.append(record)
        _ = group.takeJoinToken(newID)
        var response = group.joinResponse(newID)
        let isLeader = group.leaderID == newID
        if context.canSkipAssignment {
            response.skipAssignment = isLeader
        } else {
            // The name of the former leader keeps the new one from assigning.
            response.leader = before.leaderID ?? ""
            response.members = []
        }
        work.replies.append(HeldReply(token, .join(response)))
    }

    // MARK: Members that have an id

    private mutating func joinKnown(
        _ group: inout ClassicGroup,
        _ request: JoinGroupRequest,
        _ context: JoinContext,
        _ token: HeldToken,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        let memberID = request.memberId
        if group.pendingMembers.contains(memberID), request.groupInstanceId == nil {
            add(memberID, to: &group, request, context, token, &work, nowMs)
            return
        }
        if let code = group.fault(of: memberID, instanceID: request.groupInstanceId) {
            work.answer(token, join: code, memberID: memberID)
            return
        }
        let isUnchanged = group.members[memberID]?.protocols == request.protocols
        switch group.state {
        case .completingRebalance where isUnchanged:
            // The answer to the last JoinGroup was lost.
            work.replies.append(HeldReply(token, .join(group.joinResponse(memberID))))
        case .stable where isUnchanged && group.leaderID != memberID:
            work.replies.append(HeldReply(token, .join(group.joinResponse(memberID))))
        case .preparingRebalance, .completingRebalance, .stable:
            if let former = group.members[memberID]?.joinToken {
                // Its connection is gone, or the client asked twice.
                work.answer(former, join: .rebalanceInProgress, memberID: memberID)
            }
            group.update(memberID, request, token: token)
            prepareOrCompleteJoin(&group, &work, nowMs)
        case .empty: work.answer(token, join: .unknownMemberId, memberID: memberID)
        }
    }
}

extension ClassicGroup {
    /// Why `memberID` cannot act for itself here; nil when it can.
    func fault(of memberID: String, instanceID: String?) -> ErrorCode? {
        if let instanceID {
            guard let known = staticMembers[instanceID] else { return .unknownMemberId }
            if known != memberID { return .fencedInstanceId }
        }
        return members[memberID] == nil ? .unknownMemberId : nil
    }

    /// The current generation, as the member is told of it; the leader hears of all members.
    func joinResponse(_ memberID: String) -> JoinGroupResponse {
        var response = JoinGroupResponse(
            generationId: generation,
            protocolType: protocolType,
            protocolName: protocolName,
            leader: leaderID ?? "",
            memberId: memberID
        )
        guard leaderID == memberID else { return response }
        response.members = members.values.sorted { $0.id < $1.id }.map { member in
            JoinGroupResponse.JoinGroupResponseMember(
                memberId: member.id,
                groupInstanceId: member.instanceID,
                metadata: member.metadata(of: protocolName)
            )
        }
        return response
    }
}

extension CoordinatorResult where Reply == GroupReply {
    mutating func answer(_ token: HeldToken, join code: ErrorCode, memberID: String) {
        let response = JoinGroupResponse(errorCode: code, memberId: memberID)
        replies.append(HeldReply(token, .join(response)))
    }

    mutating func answer(_ token: HeldToken, sync code: ErrorCode) {
        replies.append(HeldReply(token, .sync(SyncGroupResponse(errorCode: code))))
    }
}
