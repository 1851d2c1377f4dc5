import KafkaMessages
import NIOCore

extension GroupCoordinator {
    /// The member was heard of.
    mutating func renewSession(_ member: ClassicMember, of group: ClassicGroup, _ nowMs: Int64) {
        timers.set(.session(group: group.id, member: member.id), atMs: nowMs + Int64(member.sessionTimeoutMs))
    }

    mutating func prepareOrCompleteJoin(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        if group.canRebalance {
            prepareRebalance(&group, &work, nowMs)
        } else {
            completeJoinIfPossible(&group, &work, nowMs)
        }
    }

    // MARK: Gathering the members

    /// Begins a rebalance: all members have to join again.
    mutating func prepareRebalance(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        if group.state == .completingRebalance { answerSyncs(&group, .rebalanceInProgress, &work, nowMs) }
        timers.cancel(.sync(group: group.id))
        group.isInitialRebalance = group.state == .empty
        group.state = .preparingRebalance
        guard group.isInitialRebalance else {
            if group.hasAllJoined {
                completeJoin(&group, &work, nowMs)
            } else {
                timers.set(.join(group: group.id), atMs: nowMs + group.rebalanceTimeoutMs)
            }
            return
        }
        group.hasNewMember = false
        let delayMs = settings.initialRebalanceDelayMs
        group.initialDelayLeftMs = max(0, group.rebalanceTimeoutMs - delayMs)
        if delayMs == 0 {
            completeJoin(&group, &work, nowMs)
        } else {
            timers.set(.initialJoin(group: group.id), atMs: nowMs + delayMs)
        }
    }

    /// The first rebalance waits as long as new members arrive, at most for the rebalance timeout.
    mutating func initialDelayEnded(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        guard group.state == .preparingRebalance, group.isInitialRebalance else { return }
        if group.hasNewMember, group.initialDelayLeftMs > 0 {
            group.hasNewMember = false
            let delayMs = min(settings.initialRebalanceDelayMs, group.initialDelayLeftMs)
            group.initialDelayLeftMs -= delayMs
            timers.set(.initialJoin(group: group.id), atMs: nowMs + delayMs)
        } else {
            completeJoin(&group, &work, nowMs)
        }
    }

    mutating func completeJoinIfPossible(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        guard group.state == .preparingRebalance, group.hasAllJoined, !group.isInitialRebalance else { return }
        completeJoin(&group, &work, nowMs)
    }

    /// Begins the next generation with those that have joined. Dynamic members that have not are out.
    mutating func completeJoin(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        guard group.state == .preparingRebalance else { return }
        timers.cancel(.join(group: group.id))
        timers.cancel(.initialJoin(group: group.id))
        if !group.hasAllJoined {
            for member in group.members.values where member.joinToken == nil && member.instanceID == nil {
                group.remove(member.id)
                timers.cancel(.session(group: group.id, member: member.id))
            }
        }
        guard electLeader(&group) else {
            // Only static members are left, and none of them is here: wait until one comes or its session ends.
            timers.set(.join(group: group.id), atMs: nowMs + group.rebalanceTimeoutMs)
            group.isInitialRebalance = false
            return
        }
        group.isInitialRebalance = false
        group.generation = group.generation == .max ? 0 : group.generation + 1
        group.pendingSync = []
        if group.members.isEmpty {
            becomeEmpty(&group, &work, nowMs)
        } else {
            announce(&group, &work, nowMs)
        }
    }

    /// Whether the group has a leader that is here, or no member at all.
    private func electLeader(_ group: inout ClassicGroup) -> Bool {
        if let leaderID = group.leaderID, group.members[leaderID]?.joinToken != nil { return true }
        guard let next = group.members.values.filter({ $0.joinToken != nil }).map(\.id).min() else {
            return group.members.isEmpty
        }
        group.leaderID = next
        return true
    }

    private func becomeEmpty(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        group.state = .empty
        group.protocolName = nil
        group.leaderID = nil
        group.stateTimestampMs = nowMs
        group.subscribedTopics = group.computedSubscription()
        if let record = record(group, nowMs: nowMs) { work.records.append(record) }
    }

    private mutating func announce(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        group.protocolName = group.selectedProtocol()
        group.state = .completingRebalance
        group.subscribedTopics = group.computedSubscription()
        group.pendingSync = Set(group.members.keys)
        for id in group.members.keys.sorted() {
            if let token = group.takeJoinToken(id) {
                work.replies.append(HeldReply(token, .join(group.joinResponse(id))))
            }
            if let member = group.members[id] { renewSession(member, of: group, nowMs) }
        }
        timers.set(.sync(group: group.id), atMs: nowMs + group.rebalanceTimeoutMs)
    }

    // MARK: Who did not come

    /// Answers all who wait for the leader's assignment, and forgets what was assigned before.
    mutating func answerSyncs(
        _ group: inout ClassicGroup,
        _ code: ErrorCode,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        for id in group.members.keys.sorted() {
            group.members[id]?.assignment = ByteBuffer()
            guard let token = group.takeSyncToken(id) else { continue }
            work.answer(token, sync: code)
            if let member = group.members[id] { renewSession(member, of: group, nowMs) }
        }
    }

    /// Members that did not ask for their assignment within the rebalance timeout are removed.
    mutating func syncEnded(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        guard group.state == .completingRebalance || group.state == .stable, !group.pendingSync.isEmpty else { return }
        for id in group.pendingSync.sorted() {
            timers.cancel(.session(group: group.id, member: id))
            group.remove(id)
        }
        prepareRebalance(&group, &work, nowMs)
    }

    mutating func sessionEnded(
        _ memberID: String,
        _ group: inout ClassicGroup,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        guard let member = group.members[memberID], !member.isWaiting else { return }
        drop(memberID, from: &group, &work)
        prepareAfterLoss(&group, &work, nowMs)
    }

    mutating func pendingEnded(
        _ memberID: String,
        _ group: inout ClassicGroup,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        guard group.pendingMembers.remove(memberID) != nil else { return }
        completeJoinIfPossible(&group, &work, nowMs)
    }

    /// Removes a member; whatever it waits for is answered with UNKNOWN_MEMBER_ID, so that it joins again if it lives.
    mutating func drop(_ memberID: String, from group: inout ClassicGroup, _ work: inout Decision<Void>) {
        if let token = group.takeJoinToken(memberID) { work.answer(token, join: .unknownMemberId, memberID: "") }
        if let token = group.takeSyncToken(memberID) { work.answer(token, sync: .unknownMemberId) }
        timers.cancel(.session(group: group.id, member: memberID))
        timers.cancel(.pendingMember(group: group.id, member: memberID))
        group.remove(memberID)
    }

    /// Members are gone.
    mutating func prepareAfterLoss(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        switch group.state {
        case .stable, .completingRebalance: prepareRebalance(&group, &work, nowMs)
        case .preparingRebalance: completeJoinIfPossible(&group, &work, nowMs)
        case .empty: break
        }
    }
}
