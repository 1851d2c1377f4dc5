import KafkaMessages
import Logging
import Synchronization

extension KafkaConsumer {
    // MARK: Committing

    /// Commits everything that was handed out, and waits until the group has it.
    ///
    /// The batch that the last call for records returned counts as worked off.
    ///
    /// - Parameter timeout: how long to try; `default.api.timeout.ms` when `nil`.
    /// - Throws: ``KafkaClientError/Code/commitFailed`` when the group has given the partitions to others,
    ///   ``KafkaClientError/Code/rebalanceInProgress`` when it is about to, and what else stood in the way.
    public func commit(timeout: Duration? = nil) async throws(KafkaClientError) {
        try await commit(handedOutOffsets, timeout: timeout)
    }

    /// Commits certain offsets, and waits until the group has them.
    ///
    /// - Parameter timeout: how long to try; `default.api.timeout.ms` when `nil`.
    /// - Throws: as ``commit(timeout:)`` does.
    public func commit(
        _ offsets: [TopicPartition: OffsetAndMetadata],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) {
        let deadline = timeout.map { Deadline.after($0) } ?? cluster.callDeadline()
        try await commit(offsets, ticket: commits.draw(), deadline: deadline)
    }

    /// Commits in the background, after commits that were asked for before. It is tried as long as a waiting call would be.
    ///
    /// - Parameters:
    ///   - offsets: what to commit; `nil` for everything that was handed out so far.
    ///   - completion: told how it ended, from a task of the consumer.
    public func commitInBackground(
        _ offsets: [TopicPartition: OffsetAndMetadata]? = nil,
        completion: (@Sendable (Result<[TopicPartition: OffsetAndMetadata], KafkaClientError>) -> Void)? = nil
    ) {
        let offsets = offsets ?? handedOutOffsets
        let ticket = commits.draw()
        let isStarted = tasks.start { [self] in
            do throws(KafkaClientError) {
                try await commit(offsets, ticket: ticket, deadline: cluster.callDeadline())
                completion?(.success(offsets))
            } catch {
                logger.debug("Offsets were not committed", metadata: ["error": "\(error)"])
                completion?(.failure(error))
            }
        }
        if !isStarted {
            commits.leave(ticket)
            completion?(.failure(.clientClosed))
        }
    }

    /// Where each partition stands after what was handed out; what ``commit(timeout:)`` commits.
    public var handedOutOffsets: [TopicPartition: OffsetAndMetadata] {
        state.withLock { $0.offsets(withBatchInHand: true) }
    }

    /// What the group has committed.
    ///
    /// - Parameter timeout: how long to try; `default.api.timeout.ms` when `nil`.
    /// - Returns: the partitions that something was committed for.
    /// - Throws: why it could not be found out.
    public func committed(
        _ partitions: [TopicPartition],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: OffsetAndMetadata] {
        let deadline = timeout.map { Deadline.after($0) } ?? cluster.callDeadline()
        let store = try offsetStore()
        return try await store.fetch(partitions, identity: currentIdentity(), deadline: deadline)
    }

    // MARK: Within

    private func offsetStore() throws(KafkaClientError) -> OffsetStore {
        guard let group = configuration.group, let member = state.withLock({ $0.group?.member }) else {
            throw KafkaClientError(
                .invalidArgument,
                "This consumer has no group, so it has no offsets there: set group.id."
            )
        }
        return OffsetStore(cluster: cluster, finder: member.finder, groupID: group.id)
    }

    private func currentIdentity() -> MemberIdentity {
        state.withLock { $0.group?.member }?.identity ?? MemberIdentity()
    }

    private func commit(
        _ offsets: [TopicPartition: OffsetAndMetadata],
        ticket: UInt64,
        deadline: Deadline
    ) async throws(KafkaClientError) {
        guard !offsets.isEmpty else { return commits.leave(ticket) }
        let store: OffsetStore
        do throws(KafkaClientError) {
            store = try offsetStore()
        } catch {
            commits.leave(ticket)
            throw error
        }
        try await commits.pass(ticket) { () async throws(KafkaClientError) in
            while true {
                do throws(KafkaClientError) {
                    return try await self.cluster.withRetries(deadline: deadline) {
                        (_) async throws(KafkaClientError) in
                        try await self.commitOnce(offsets, store: store, deadline: deadline)
                    }
                } catch {
                    // The member has moved on to a newer epoch, which its next heartbeat tells.
                    guard error.brokerError == .staleMemberEpoch,
                        await self.cluster.sleep(self.cluster.backoff.base, deadline: deadline)
                    else { throw error }
                }
            }
        }
    }

    private func commitOnce(
        _ offsets: [TopicPartition: OffsetAndMetadata],
        store: OffsetStore,
        deadline: Deadline
    ) async throws(KafkaClientError) {
        let (member, isSubscribed) = state.withLock { ($0.group?.member, $0.group?.isSubscribed ?? false) }
        let identity = member?.identity ?? MemberIdentity()
        guard !isSubscribed || identity.generation >= 0 else { throw .notAMember(of: store.groupID) }
        do throws(KafkaClientError) {
            try await store.commit(offsets, identity: identity, deadline: deadline)
        } catch {
            if error.code == .commitFailed, let code = error.brokerError {
                member?.commitRefused(code, identity: identity)
            }
            throw error
        }
    }

    /// Commits what was worked off, if that is done automatically; a failure costs nothing but repetition.
    func commitBeforeLosing(_ partitions: [TopicPartition]) async {
        guard configuration.group?.commitsAutomatically == true, !partitions.isEmpty else { return }
        let limit = min(cluster.configuration.request.timeout, configuration.group?.maxPollInterval ?? .zero)
        do throws(KafkaClientError) {
            try await commit(handedOutOffsets, timeout: limit)
        } catch {
            logger.debug("Offsets were not committed before partitions went", metadata: ["error": "\(error)"])
        }
    }

    /// Commits what was worked off, from time to time.
    func commitFromTimeToTime() async {
        guard let group = configuration.group, group.commitsAutomatically else { return }
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: max(group.autoCommitInterval, .milliseconds(1)))
            } catch {
                return
            }
            let offsets = state.withLock { $0.offsets(withBatchInHand: false) }
            do throws(KafkaClientError) {
                try await commit(offsets, timeout: cluster.configuration.request.timeout)
            } catch {
                logger.debug("Offsets were not committed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Looks up where the group left off.
    func lookUpCommitted(_ lookUps: [ConsumerCore<FetchedRecords>.LookUp]) async {
        typealias Found = ConsumerCore<FetchedRecords>.Found
        var offsets: [TopicPartition: OffsetAndMetadata] = [:]
        var missing: Found = .nothing
        do throws(KafkaClientError) {
            let deadline = Deadline.after(cluster.configuration.request.timeout)
            offsets = try await offsetStore().fetch(
                lookUps.map(\.partition),
                identity: currentIdentity(),
                deadline: deadline
            )
        } catch {
            logger.debug("Committed offsets could not be looked up", metadata: ["error": "\(error)"])
            let mayPass = error.isRetriable || error.code == .cancelled || error.code == .timedOut
            missing = .lost
            if !mayPass {
                state.withLock { state in
                    for lookUp in lookUps where state.core.isCurrent(lookUp.partition, generation: lookUp.generation) {
                        state.core.rest(lookUp.partition)
                    }
                    state.core.report(error)
                }
                return delivery.notify()
            }
        }
        let nowMs = MonotonicClock.nowMs
        let wallClockMs = WallClock.nowMs
        let effects = state.withLock { state in
            var effects = ConsumerCore<FetchedRecords>.Effects()
            for lookUp in lookUps {
                if let found = offsets[lookUp.partition] {
                    let answer = Found.offset(found.offset, epoch: found.leaderEpoch ?? -1)
                    effects.merge(state.core.lookedUp(lookUp, answer, nowMs: nowMs))
                } else if missing == .nothing {
                    effects.merge(state.core.foundUncommitted(lookUp, wallClockMs: wallClockMs))
                } else {
                    effects.merge(state.core.lookedUp(lookUp, missing, nowMs: nowMs))
                }
            }
            return effects
        }
        act(on: effects)
        positions.notify()
        room.notify()
    }
}

extension KafkaConsumer.State {
    /// Where each partition stands.
    ///
    /// - Parameter withBatchInHand: whether the batch that was handed out last counts as worked off.
    func offsets(withBatchInHand: Bool) -> [TopicPartition: OffsetAndMetadata] {
        var offsets: [TopicPartition: OffsetAndMetadata] = [:]
        for (partition, progress) in core.partitions {
            guard let position = progress.position else { continue }
            var offset = position
            var epoch = progress.positionEpoch
            if !withBatchInHand, let hand = group?.inHand, hand.partition == partition,
                hand.generation == progress.generation
            {
                (offset, epoch) = (hand.offset, hand.epoch)
            }
            offsets[partition] = OffsetAndMetadata(offset, leaderEpoch: epoch >= 0 ? epoch : nil)
        }
        return offsets
    }
}

extension KafkaClientError {
    static func notAMember(of group: String) -> KafkaClientError {
        KafkaClientError(
            .commitFailed,
            "Offsets were not committed: this consumer is not a member of group '\(group)' at the moment. It joins in the "
                + "next calls for records."
        )
    }
}
