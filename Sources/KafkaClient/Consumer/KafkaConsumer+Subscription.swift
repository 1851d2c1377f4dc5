import KafkaMessages
import Synchronization

/// Told about partitions that come and go, within the call for records during which they do.
public typealias RebalanceListener = @Sendable (RebalanceEvent) async -> Void

extension KafkaConsumer {
    /// Reads topics as a member of the group: which of their partitions is the group's decision. Replaces an earlier
    /// subscription.
    ///
    /// Reading starts where the group left off, else where ``ConsumerConfiguration/offsetReset`` says. Topics that do not
    /// exist yet are read once they do.
    ///
    /// - Parameter onRebalance: told about partitions that come and go. It may seek and commit; it must not ask for records.
    /// - Throws: ``KafkaClientError/Code/invalidArgument`` without ``ConsumerConfiguration/group``.
    public func subscribe(topics: [String], onRebalance: RebalanceListener? = nil) throws(KafkaClientError) {
        try subscribe(GroupMember.Wanted(names: topics), onRebalance)
    }

    /// Reads all topics whose names a closure chooses, those that are created later too, as a member of the group.
    ///
    /// New topics are noticed when metadata are refreshed (`metadata.max.age.ms`). Those that Kafka itself owns are left
    /// out unless ``GroupConfiguration/excludesInternalTopics`` is off.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidArgument`` without ``ConsumerConfiguration/group``.
    public func subscribe(
        topicsMatching matches: @escaping @Sendable (String) -> Bool,
        onRebalance: RebalanceListener? = nil
    ) throws(KafkaClientError) {
        let leavesOut = configuration.group?.excludesInternalTopics ?? true
        var wanted = GroupMember.Wanted()
        wanted.matches = { name, isInternal in !(leavesOut && isInternal) && matches(name) }
        try subscribe(wanted, onRebalance)
    }

    /// Reads all topics whose names match an expression, those that are created later too, as a member of the group. The
    /// broker does the matching (RE2 syntax, the whole name), so the group has to use ``GroupProtocol/consumer``.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidArgument`` without a group of that protocol. An expression that the broker
    ///   refuses ends the membership with error INVALID_REGULAR_EXPRESSION.
    public func subscribe(expression: String, onRebalance: RebalanceListener? = nil) throws(KafkaClientError) {
        guard configuration.group?.groupProtocol == .consumer, !expression.isEmpty else {
            throw KafkaClientError(
                .invalidArgument,
                "Subscribing by an expression needs group.protocol=consumer and an expression; choose topics by a closure "
                    + "otherwise."
            )
        }
        try subscribe(GroupMember.Wanted(expression: expression), onRebalance)
    }

    private func subscribe(
        _ wanted: GroupMember.Wanted,
        _ listener: RebalanceListener?
    ) throws(KafkaClientError) {
        let (member, isFirst): (GroupMember?, Bool) = state.withLock { state in
            guard state.group != nil, !state.isClosed else { return (nil, false) }
            let isFirst = state.group?.hasMemberRunning == false
            state.group?.hasMemberRunning = true
            state.group?.isSubscribed = true
            state.group?.failure = nil
            state.group?.listener = listener
            state.group?.applicationCalls(nowMs: MonotonicClock.nowMs)
            return (state.group?.member, isFirst)
        }
        guard let member else {
            throw KafkaClientError(
                .invalidArgument,
                "Only an open consumer with a group can subscribe: set group.id, or assign partitions instead."
            )
        }
        member.subscribe(wanted)
        ensureRunning()
        if isFirst {
            tasks.start { await member.run() }
        }
        notifyAll()
    }

    /// Leaves the group and stops to read what it assigned. Offsets are committed first if that is done automatically.
    public func unsubscribe() async {
        await leaveGroup(leaves: nil)
        notifyAll()
    }

    /// Ends the call for records that waits now, or else the next one, with ``KafkaClientError/Code/wokenUp``. May be
    /// called from anywhere.
    public func wakeup() {
        state.withLock { $0.isWoken = true }
        delivery.notify()
    }

    /// Who this consumer is in its group, for ``KafkaProducer/sendOffsets(_:group:)``; `nil` without a group.
    public var groupMetadata: GroupMetadata? {
        guard let group = configuration.group, let member = state.withLock({ $0.group?.member }) else { return nil }
        let identity = member.identity
        return GroupMetadata(
            groupID: group.id,
            generation: identity.generation,
            memberID: identity.memberID,
            instanceID: identity.instanceID
        )
    }

    // MARK: Between member and application

    var application: GroupMember.Application {
        GroupMember.Application(
            absentSinceMs: { [weak self] in
                self?.state.withLock { $0.group?.absentSinceMs } ?? nil
            },
            handOver: { [weak self] events in
                self?.lay(events)
            },
            stop: { [weak self] error in
                self?.state.withLock { $0.group?.failure = error }
                self?.delivery.notify()
            }
        )
    }

    /// Lays out events for the next call for records. What is lost is not read on in the meantime.
    private func lay(_ events: [RebalanceEvent]) {
        state.withLock { state in
            for case .lost(let partitions) in events {
                state.core.unassign(Set(partitions))
            }
            state.group?.add(events)
        }
        delivery.notify()
    }

    /// Waits for records, which counts as asking for them.
    func waitForDelivery(past seen: UInt64, untilMs deadlineMs: Int64?) async -> Bool {
        let member: GroupMember? = state.withLock { state in
            state.group?.startsWaiting()
            return state.group?.isSubscribed == true ? state.group?.member : nil
        }
        member?.applicationCalls()
        let isNotified = await delivery.wait(past: seen, untilMs: deadlineMs)
        state.withLock { $0.group?.endsWaiting(nowMs: MonotonicClock.nowMs) }
        return isNotified
    }

    /// Carries out what a rebalance has laid out, if anything.
    ///
    /// - Returns: whether there was something.
    func performHandover() async -> Bool {
        guard let events = state.withLock({ $0.group?.beginHandover() }) else { return false }
        await carryOut(events)
        return true
    }

    private func carryOut(_ events: [RebalanceEvent]) async {
        let (listener, member) = state.withLock { ($0.group?.listener, $0.group?.member) }
        for event in events {
            switch event {
            case .revoked(let partitions):
                await commitBeforeLosing(partitions)
                await listener?(event)
                state.withLock { $0.core.unassign(Set(partitions)) }
            case .assigned(let partitions):
                state.withLock { state in
                    state.group?.holdsPositions = true
                    state.core.assign(partitions.map { ($0, .committed) })
                }
                learnLeaders()
                await listener?(event)
                state.withLock { $0.group?.holdsPositions = false }
            case .lost:
                await listener?(event)
            }
        }
        state.withLock { $0.group?.endHandover() }
        member?.handedOver()
        notifyAll()
    }

    /// Commits, gives everything back and leaves.
    func leaveGroup(leaves: Bool?) async {
        let (member, wasSubscribed): (GroupMember?, Bool) = state.withLock { state in
            let wasSubscribed = state.group?.isSubscribed ?? false
            state.group?.isSubscribed = false
            state.group?.dropEvents()
            return (state.isClosed ? nil : state.group?.member, wasSubscribed)
        }
        guard let member else { return }
        let isDone = OneShot<Void>()
        // In a task of its own, as the caller's may be cancelled already.
        let isStarted = tasks.start { [self] in
            let assigned = assignment
            await commitBeforeLosing(assigned)
            if wasSubscribed {
                let listener = state.withLock { $0.group?.listener }
                if !assigned.isEmpty { await listener?(.revoked(assigned)) }
                state.withLock { $0.core.unassign(Set(assigned)) }
                await member.end(leaves: leaves, reason: "the consumer is being closed")
            }
            isDone.open(())
        }
        if isStarted { await isDone.value }
    }
}
