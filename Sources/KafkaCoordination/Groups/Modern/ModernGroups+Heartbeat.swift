import KafkaMessages
import KafkaWire

extension ModernGroups {
    /// Joins, keeps or rejoins. `draft` is the group as it is, a new one, or one that begins by taking over a classic
    /// group's place.
    mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest,
        in draft: ModernDraft,
        _ call: ModernCall
    ) throws(CoordinatorError) -> ModernDecision<ConsumerGroupHeartbeatResponse> {
        var draft = draft
        let id = request.memberId.isEmpty ? call.newMemberID : request.memberId
        try checkSize(draft.group, id)
        let census = draft.group.census
        let entry = try admit(request, id, &draft)
        let former = entry.member
        let member = try updated(former, by: request, draft.group, call)
        let isChanged = member.topics != former.topics || member.pattern != former.pattern
        if entry.isNew || member.subscriptionValue != former.subscriptionValue { draft.writeSubscription(member) }
        settle(&draft, change: entry.isNew ? .joined(census) : isChanged ? .subscription : nil, call)
        let reported = request.topicPartitions.map { AssignedPartitions($0.map { ($0.topicId, $0.partitions) }) }
        let current = try reconcile(id, reported, &draft, nowMs: call.nowMs)
        renewSession(of: current, draft.group.id, call.image, nowMs: call.nowMs)

        var response = ConsumerGroupHeartbeatResponse(memberId: id, memberEpoch: current.epoch)
        response.heartbeatIntervalMs = timing(draft.group.id, call.image).heartbeatIntervalMs
        // A full request asks for the assignment; one from the epoch before shows that the last answer was lost.
        let isFull =
            request.memberEpoch != former.epoch || request.memberEpoch == 0
            || (request.rebalanceTimeoutMs != -1 && reported != nil
                && (request.subscribedTopicNames != nil || request.subscribedTopicRegex != nil))
        if isFull || current.assigned != former.assigned {
            response.assignment = .init(
                topicPartitions: current.assigned.sorted.map { .init(topicId: $0.topic, partitions: $0.partitions) }
            )
        }
        return ModernDecision(response, records: draft.records)
    }

    /// What of a member calls for a new epoch.
    enum Change {
        /// It is new in the group, whose members asked for this before.
        case joined(MemberCensus)
        case subscription
    }

    /// The group's new epoch and target, if anything calls for them.
    mutating func settle(_ draft: inout ModernDraft, change: Change?, _ call: ModernCall) {
        let hasNewTopics = mayDiffer(draft.group, call.image)
        if change != nil || hasNewTopics {
            let hash =
                if case .joined(let census) = change, !hasNewTopics, draft.group.census.isAsWide(as: census) {
                    draft.group.metadataHash
                } else {
                    draft.refreshTopics(call.image, hasNewTopics: hasNewTopics, nowMs: call.nowMs)
                }
            if change != nil || hash != draft.group.metadataHash {
                draft.write(epoch: draft.group.epoch.next, hash: hash)
            }
            noteComparison(draft.group, call.image)
        }
        if isDue(draft.group, nowMs: call.nowMs) {
            draft.computeTarget(call.image, default: settings.defaultAssignor)
            noteComputation(draft.group, nowMs: call.nowMs)
        }
    }

    /// Takes the member a step nearer to its target.
    mutating func reconcile(
        _ id: String,
        _ reported: AssignedPartitions?,
        _ draft: inout ModernDraft,
        nowMs: Int64
    ) throws(CoordinatorError) -> ModernMember {
        let group = draft.group
        guard let member = group.members[id] else { throw CoordinatorError(.unknownMemberId) }
        let goal = ReconciliationGoal(
            epoch: group.targetEpoch,
            target: group.targets[id] ?? AssignedPartitions(),
            reported: reported,
            owner: { group.owner($0, $1) }
        )
        let next = try member.reconciled(with: goal)
        guard next != member else { return member }
        draft.writeAssignment(next)
        // Members of the classic protocol have deadlines for joining and for fetching their assignment instead.
        if next.progress == .unrevoked, !next.isClassic {
            startRevocation(of: next, group.id, nowMs: nowMs)
        } else {
            cancel(.revocation, group.id, id)
        }
        return next
    }

    func checkSize(_ group: ModernGroup, _ id: String) throws(CoordinatorError) {
        guard group.members.count >= settings.maximumSize, group.members[id] == nil else { return }
        throw CoordinatorError(
            .groupMaxSizeReached,
            "The consumer group has reached its maximum capacity of \(settings.maximumSize) members."
        )
    }

    // MARK: Members

    /// The member that the request comes from, found or made.
    private func admit(
        _ request: ConsumerGroupHeartbeatRequest,
        _ id: String,
        _ draft: inout ModernDraft
    ) throws(CoordinatorError) -> (member: ModernMember, isNew: Bool) {
        let group = draft.group
        let isJoining = request.memberEpoch == 0
        guard let instance = request.instanceId else {
            guard let member = group.members[id] else {
                if isJoining { return (ModernMember(id: id), true) }
                throw .unknownMember(id, group.id)
            }
            try check(member, request)
            return (member, false)
        }
        guard let holder = group.staticMember(instance) else {
            if isJoining { return (group.members[id] ?? ModernMember(id: id), group.members[id] == nil) }
            throw .unknownInstance(instance)
        }
        if isJoining {
            if holder.isClassic || holder.epoch == ModernMember.leftForAWhile {
                let member = ModernMember(holder, id: id)
                draft.replace(holder, with: member)
                return (member, false)
            }
            // Only the holder itself, when it has not heard that it is in.
            guard holder.id == id, holder.previousEpoch == 0 else {
                let words = "Static member \(id) with instance id \(instance) cannot join the group because the "
                throw CoordinatorError(
                    .unreleasedInstanceId,
                    words + "instance id is owned by \(holder.id) member."
                )
            }
        }
        guard holder.id == id else { throw .fencedInstance(instance, id, holder.id) }
        try check(holder, request)
        return (holder, false)
    }

    /// A member's epoch is the coordinator's, or the one before if the member shows that it has nothing but what is its.
    private func check(
        _ member: ModernMember,
        _ request: ConsumerGroupHeartbeatRequest
    ) throws(CoordinatorError) {
        let epoch = request.memberEpoch
        guard epoch != member.epoch else { return }
        if epoch < member.epoch, epoch == member.previousEpoch, let owned = request.topicPartitions,
            AssignedPartitions(owned.map { ($0.topicId, $0.partitions) }).isSubset(of: member.assigned)
        {
            return
        }
        let relation = epoch > member.epoch ? "greater" : "smaller"
        let words =
            "The consumer group member has a \(relation) member epoch (\(epoch)) than the one known by the group "
        throw CoordinatorError(
            .fencedMemberEpoch,
            words + "coordinator (\(member.epoch)). The member must abandon all its partitions and rejoin."
        )
    }

    /// The member with what the request says of it; what it leaves out stays.
    private func updated(
        _ former: ModernMember,
        by request: ConsumerGroupHeartbeatRequest,
        _ group: ModernGroup,
        _ call: ModernCall
    ) throws(CoordinatorError) -> ModernMember {
        var member = former
        if let instance = request.instanceId { member.instanceID = instance }
        if let rack = request.rackId { member.rackID = rack }
        if request.rebalanceTimeoutMs != -1 { member.rebalanceTimeoutMs = request.rebalanceTimeoutMs }
        if let assignor = request.serverAssignor { member.assignor = assignor }
        if let topics = request.subscribedTopicNames { member.topics = ModernMember.normalized(topics) }
        if let pattern = request.subscribedTopicRegex {
            member.pattern = pattern.isEmpty ? nil : pattern
            if let pattern = member.pattern, group.patterns[pattern] == nil { try checkPattern(pattern) }
        }
        member.clientID = call.clientID
        member.clientHost = call.clientHost
        member.classic = nil
        return member
    }

    private func checkPattern(_ pattern: String) throws(CoordinatorError) {
        do {
            _ = try LinearPattern(pattern)
        } catch {
            throw CoordinatorError(
                .invalidRegularExpression,
                "SubscribedTopicRegex `\(pattern)` is not a valid regular expression: \(error.reason)."
            )
        }
    }
}

extension CoordinatorError {
    static func unknownMember(_ id: String, _ group: String) -> CoordinatorError {
        CoordinatorError(.unknownMemberId, "Member \(id) is not a member of group \(group).")
    }

    static func unknownInstance(_ instance: String) -> CoordinatorError {
        CoordinatorError(.unknownMemberId, "Instance id \(instance) is unknown.")
    }

    static func fencedInstance(_ instance: String, _ id: String, _ holder: String) -> CoordinatorError {
        CoordinatorError(
            .fencedInstanceId,
            "Static member \(id) with instance id \(instance) was fenced by member \(holder)."
        )
    }
}

extension Int32 {
    /// One more, if there is one: an epoch from a damaged log must not bring the broker down.
    var next: Int32 { self == .max ? .max : self + 1 }
}
