import KafkaMessages

extension ModernGroups {
    /// A member says goodbye: for good (epoch -1) or, being static, for a while (-2).
    mutating func leave(
        _ request: ConsumerGroupHeartbeatRequest,
        _ group: ModernGroup,
        _ call: ModernCall
    ) throws(CoordinatorError) -> ModernDecision<ConsumerGroupHeartbeatResponse> {
        let response = ConsumerGroupHeartbeatResponse(memberId: request.memberId, memberEpoch: request.memberEpoch)
        guard let instance = request.instanceId else {
            guard let member = group.members[request.memberId] else {
                throw .unknownMember(request.memberId, group.id)
            }
            return fence([member], of: group, call.image, nowMs: call.nowMs).answering(response)
        }
        guard var member = group.staticMember(instance) else { throw .unknownInstance(instance) }
        guard member.id == request.memberId else {
            throw .fencedInstance(instance, request.memberId, member.id)
        }
        guard request.memberEpoch == ModernMember.leftForAWhile else {
            return fence([member], of: group, call.image, nowMs: call.nowMs).answering(response)
        }
        // It keeps its partitions until it is back or its session ends.
        member.epoch = ModernMember.leftForAWhile
        member.revoking = AssignedPartitions()
        cancel(.revocation, group.id, member.id)
        var draft = ModernDraft(group)
        draft.writeAssignment(member)
        return ModernDecision(response, records: draft.records)
    }

    /// Removes members and begins a new epoch; the next heartbeat of anyone computes the target. If that leaves only
    /// members of the classic protocol, the group may be given up for a classic one.
    mutating func fence(
        _ members: [ModernMember],
        of group: ModernGroup,
        _ image: MetadataImage,
        nowMs: Int64
    ) -> ModernDecision<Void> {
        var draft = ModernDraft(group)
        // Their timers stay, and are void once the members are gone: should the write fail, they are not forgotten.
        for member in members { draft.removeMember(member.id) }
        let isLastModern = members.contains { !$0.isClassic } && draft.group.hasOnlyClassicMembers
        if isLastModern, mayDowngrade(to: draft.group) {
            var decision = ModernDecision(())
            decision.downgrade = draft.group
            return decision
        }
        let hasNewTopics = mayDiffer(group, image)
        let hash =
            !hasNewTopics && draft.group.census.isAsWide(as: group.census)
            ? group.metadataHash : draft.refreshTopics(image, hasNewTopics: hasNewTopics, nowMs: nowMs)
        draft.write(epoch: draft.group.epoch.next, hash: hash)
        return ModernDecision((), records: draft.records)
    }

    func mayDowngrade(to group: ModernGroup) -> Bool {
        settings.migration.allowsDowngrade && (1...settings.maximumClassicSize).contains(group.members.count)
    }
}

extension ModernDecision<Void> {
    func answering<Other>(_ answer: Other) -> ModernDecision<Other> {
        var decision = ModernDecision<Other>(answer, records: records)
        decision.downgrade = downgrade
        return decision
    }
}
