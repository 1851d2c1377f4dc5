import KafkaMessages
import KafkaWire

/// Members of the classic protocol in a consumer group: their JoinGroup and SyncGroup are answered from the target, and
/// a heartbeat tells them to join again when they have a step to take. Their generation is their member epoch. None of
/// them leads: the coordinator assigns.
extension ModernGroups {
    static let protocolType = "consumer"

    mutating func join(
        _ request: JoinGroupRequest,
        _ group: ModernGroup,
        _ call: ModernCall
    ) throws(CoordinatorError) -> ModernDecision<JoinGroupResponse> {
        let isUnknown = request.memberId.isEmpty
        let id = isUnknown ? call.newMemberID : request.memberId
        try checkSize(group, id)
        guard request.protocolType == Self.protocolType, group.supports(request.protocols.map(\.name)),
            let first = request.protocols.first,
            let subscription = try? ConsumerProtocolSubscription(versioned: first.metadata, acceptingNewer: true)
        else {
            throw CoordinatorError(.inconsistentGroupProtocol, "Member \(id)'s protocols are not supported.")
        }
        // Who was told its id just now has nothing; this one was removed and has not noticed.
        if !isUnknown, group.members[id] == nil, !subscription.ownedPartitions.isEmpty {
            throw .unknownMember(id, group.id)
        }
        if isUnknown, request.groupInstanceId == nil, call.version >= 4 {
            return ModernDecision(JoinGroupResponse(errorCode: .memberIdRequired, memberId: id))
        }
        var draft = ModernDraft(group)
        let entry = try admit(request, id, &draft)
        let member = updated(entry.member, by: request, subscription, call)
        let isChanged = member.topics != entry.member.topics || member.pattern != entry.member.pattern
        if entry.isNew || member.subscriptionValue != entry.member.subscriptionValue { draft.writeSubscription(member) }
        settle(&draft, change: entry.isNew ? .joined(group.census) : isChanged ? .subscription : nil, call)
        let current = try reconcile(id, call.image.partitions(subscription.ownedPartitions), &draft, nowMs: call.nowMs)
        cancel(.join, group.id, id)
        renewSession(of: current, group.id, call.image, nowMs: call.nowMs)
        setTimer(ModernTimer(group.id, id, .sync), afterMs: current.rebalanceTimeoutMs, nowMs: call.nowMs)
        let response = JoinGroupResponse(
            generationId: current.epoch,
            protocolType: Self.protocolType,
            protocolName: first.name,
            memberId: id
        )
        var decision = ModernDecision(response, records: draft.records)
        if entry.replacesModern, draft.group.hasOnlyClassicMembers, mayDowngrade(to: draft.group) {
            decision.records = []
            decision.downgrade = draft.group
        }
        return decision
    }

    private func admit(
        _ request: JoinGroupRequest,
        _ id: String,
        _ draft: inout ModernDraft
    ) throws(CoordinatorError) -> (member: ModernMember, isNew: Bool, replacesModern: Bool) {
        let group = draft.group
        guard let instance = request.groupInstanceId else {
            guard let member = group.members[id] else { return (ModernMember(id: id), true, false) }
            return (member, false, false)
        }
        guard let holder = group.staticMember(instance) else {
            guard request.memberId.isEmpty else { throw .unknownInstance(instance) }
            return (ModernMember(id: id), true, false)
        }
        guard request.memberId.isEmpty else {
            guard holder.id == id else { throw .fencedInstance(instance, id, holder.id) }
            return (holder, false, false)
        }
        let member = ModernMember(holder, id: id)
        draft.replace(holder, with: member)
        return (member, false, !holder.isClassic)
    }

    private func updated(
        _ former: ModernMember,
        by request: JoinGroupRequest,
        _ subscription: ConsumerProtocolSubscription,
        _ call: ModernCall
    ) -> ModernMember {
        var member = former
        member.instanceID = request.groupInstanceId ?? former.instanceID
        member.rackID = subscription.rackId ?? former.rackID
        // Version 0 has none; then a rebalance may take as long as a session.
        member.rebalanceTimeoutMs =
            request.rebalanceTimeoutMs == -1 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
        member.topics = ModernMember.normalized(subscription.topics)
        member.pattern = nil
        member.assignor = nil
        member.clientID = call.clientID
        member.clientHost = call.clientHost
        member.classic = .init(
            sessionTimeoutMs: request.sessionTimeoutMs,
            supportedProtocols: request.protocols.map { .init(name: $0.name, metadata: $0.metadata) }
        )
        return member
    }

    mutating func sync(
        _ request: SyncGroupRequest,
        _ group: ModernGroup,
        _ call: ModernCall
    ) throws(CoordinatorError) -> SyncGroupResponse {
        let member = try classicMember(request.memberId, request.groupInstanceId, of: group)
        try checkGeneration(request.generationId, member)
        let name = member.classic?.supportedProtocols.first?.name ?? ""
        guard request.protocolType ?? Self.protocolType == Self.protocolType, request.protocolName ?? name == name
        else {
            throw CoordinatorError(
                .inconsistentGroupProtocol,
                "The protocol of member \(member.id) is \(name) of type \(Self.protocolType)."
            )
        }
        // A member that gives back partitions joins again by itself afterwards.
        if isBehind(member, group, nowMs: call.nowMs), member.progress != .unrevoked {
            setTimerIfAbsent(
                ModernTimer(group.id, member.id, .join),
                afterMs: member.rebalanceTimeoutMs,
                nowMs: call.nowMs
            )
            throw CoordinatorError(.rebalanceInProgress)
        }
        cancel(.sync, group.id, member.id)
        renewSession(of: member, group.id, call.image, nowMs: call.nowMs)
        let version = member.classic?.assignmentVersion ?? 0
        guard let bytes = try? call.image.assignment(member.assigned).versioned(version) else {
            throw CoordinatorError(.unknownServerError)
        }
        return SyncGroupResponse(
            protocolType: Self.protocolType,
            protocolName: name,
            assignment: bytes
        )
    }

    mutating func heartbeat(
        _ request: HeartbeatRequest,
        _ group: ModernGroup,
        _ call: ModernCall
    ) throws(CoordinatorError) -> HeartbeatResponse {
        let member = try classicMember(request.memberId, request.groupInstanceId, of: group)
        try checkGeneration(request.generationId, member)
        renewSession(of: member, group.id, call.image, nowMs: call.nowMs)
        let hasStep: Bool
        switch member.progress {
        case .unrevoked: hasStep = true
        case .unreleased: hasStep = isBehind(member, group, nowMs: call.nowMs) || !group.isWaitingForOthers(member)
        case .stable, .unknown:
            hasStep = isBehind(member, group, nowMs: call.nowMs) || mayDifferInTopics(group, call.image)
        }
        guard hasStep else { return HeartbeatResponse() }
        setTimerIfAbsent(
            ModernTimer(group.id, member.id, .join),
            afterMs: member.rebalanceTimeoutMs,
            nowMs: call.nowMs
        )
        return HeartbeatResponse(errorCode: .rebalanceInProgress)
    }

    mutating func leave(
        _ members: [LeaveGroupRequest.MemberIdentity],
        _ group: ModernGroup,
        _ call: ModernCall
    ) -> ModernDecision<[LeaveGroupResponse.MemberResponse]> {
        var leaving: [ModernMember] = []
        var ids: Set<String> = []
        let responses = members.map { identity -> LeaveGroupResponse.MemberResponse in
            var response = LeaveGroupResponse.MemberResponse(
                memberId: identity.memberId,
                groupInstanceId: identity.groupInstanceId
            )
            do throws(CoordinatorError) {
                let member = try classicMember(
                    identity.memberId,
                    identity.groupInstanceId,
                    of: group,
                    allowsNoID: true
                )
                response.memberId = member.id
                if ids.insert(member.id).inserted { leaving.append(member) }
            } catch {
                response.errorCode = error.code
            }
            return response
        }
        guard !leaving.isEmpty else { return ModernDecision(responses) }
        return fence(leaving, of: group, call.image, nowMs: call.nowMs).answering(responses)
    }

    private func classicMember(
        _ id: String,
        _ instance: String?,
        of group: ModernGroup,
        allowsNoID: Bool = false
    ) throws(CoordinatorError) -> ModernMember {
        let member: ModernMember
        if let instance {
            guard let holder = group.staticMember(instance) else { throw .unknownInstance(instance) }
            guard holder.id == id || allowsNoID && id.isEmpty else { throw .fencedInstance(instance, id, holder.id) }
            member = holder
        } else {
            guard let found = group.members[id] else { throw .unknownMember(id, group.id) }
            member = found
        }
        guard member.isClassic else {
            throw CoordinatorError(.unknownMemberId, "Member \(member.id) does not use the classic protocol.")
        }
        return member
    }

    private func checkGeneration(_ generation: Int32, _ member: ModernMember) throws(CoordinatorError) {
        guard generation != member.epoch else { return }
        throw CoordinatorError(
            .illegalGeneration,
            "The generation \(generation) is not the member epoch \(member.epoch) of member \(member.id)."
        )
    }

    /// Whether a member has to join again for the latest target, or for the next one to be computed.
    private func isBehind(_ member: ModernMember, _ group: ModernGroup, nowMs: Int64) -> Bool {
        member.epoch < group.targetEpoch || isDue(group, nowMs: nowMs)
    }

    /// Whether the topics of the group have changed: then someone has to join again for a new epoch to begin. In a group
    /// without members of the new protocol nobody else would notice.
    private mutating func mayDifferInTopics(_ group: ModernGroup, _ image: MetadataImage) -> Bool {
        // A new topic may match a pattern.
        guard mayDiffer(group, image) else { return false }
        guard SubscriptionHash.of(group.subscribedTopics, image) == group.metadataHash else { return true }
        if group.census.patterns.isEmpty { noteComparison(group, image) }
        return false
    }
}

extension ModernGroup {
    /// Whether a member with these protocols can be told its assignment in a way that the classic members also know.
    func supports(_ protocols: [String]) -> Bool {
        protocols.contains(where: census.isCommon)
    }

    /// Whether something of the member's target still belongs to somebody else.
    func isWaitingForOthers(_ member: ModernMember) -> Bool {
        let missing = (targets[member.id] ?? AssignedPartitions()).subtracting(member.assigned)
        return missing.topics.contains { topic, partitions in
            partitions.contains { partition in owner(topic, partition).map { $0 != member.id } ?? false }
        }
    }
}
