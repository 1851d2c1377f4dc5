import KafkaMessages

/// Who is in sync: followers that lag leave the ISR, those that have caught up join it, as the controller confirms.
extension PartitionReplica {
    /// What a follower's fetch brought about.
    package struct Fetched: Equatable, Sendable {
        package var didAdvance = false
        /// To be sent to the controller.
        package var proposal: InSyncProposal?
    }

    /// A follower asks for the records from its log end on, and so holds everything below it. Not to be called for a
    /// fetch that was refused or told where the logs part.
    package mutating func followerFetched(_ fetch: ReplicaFetch, nowMs: Int64) -> Fetched {
        guard isLeader, var progress = remotes[fetch.replica] else { return Fetched() }
        progress.fetched(fetch, leaderEnd: logEnd, nowMs: nowMs)
        remotes[fetch.replica] = progress
        progress.isAwaited = isAwaited(fetch.replica, nowMs: nowMs)
        remotes[fetch.replica] = progress
        let didAdvance = advanceHighWatermark()
        return Fetched(didAdvance: didAdvance, proposal: proposeJoining(fetch.replica))
    }

    /// Whether a broker may be in the ISR: it takes part, and is the same start of it that fetches.
    func isEligible(_ replica: Int32) -> Bool {
        guard let epoch = activeBrokers[replica], let progress = remotes[replica] else { return false }
        return progress.brokerEpoch == -1 || progress.brokerEpoch == epoch
    }

    private func isAwaited(_ replica: Int32, nowMs: Int64) -> Bool {
        guard let progress = remotes[replica], !isr.contains(replica), isEligible(replica) else { return false }
        return progress.isCaughtUp(leaderEnd: logEnd, nowMs: nowMs, maxLagMs: maxLagMs)
    }

    private mutating func proposeJoining(_ replica: Int32) -> InSyncProposal? {
        guard pending == nil, !isr.contains(replica), let end = remotes[replica]?.logEnd, isEligible(replica)
        else { return nil }
        let isCaughtUp = end >= highWatermark && end >= epochStart
        guard isCaughtUp || sabotage.contains(.skipsInSyncCheck) else { return nil }
        return propose(isr + [replica])
    }

    /// Looks for members that lag. To be called about every half `maxLagMs`.
    package mutating func checkInSync(nowMs: Int64) -> Fetched {
        guard isLeader else { return Fetched() }
        for replica in remotes.keys where remotes[replica]?.isAwaited == true {
            let isAwaited = isAwaited(replica, nowMs: nowMs)
            remotes[replica]?.isAwaited = isAwaited
        }
        let didAdvance = advanceHighWatermark()
        guard pending == nil else { return Fetched(didAdvance: didAdvance) }
        let lagging = isr.filter { member in
            guard let progress = remotes[member] else { return false }
            return !progress.isCaughtUp(leaderEnd: logEnd, nowMs: nowMs, maxLagMs: maxLagMs)
        }
        guard !lagging.isEmpty else { return Fetched(didAdvance: didAdvance) }
        return Fetched(didAdvance: didAdvance, proposal: propose(isr.filter { !lagging.contains($0) }))
    }

    private mutating func propose(_ members: [Int32]) -> InSyncProposal {
        let proposal = InSyncProposal(
            leaderEpoch: leaderEpoch,
            partitionEpoch: partitionEpoch,
            isr: members.map { .init(id: $0, brokerEpoch: knownEpoch(of: $0)) }
        )
        // One that joins counts from now on: the controller may have agreed before its answer arrives.
        pending = proposal
        return proposal
    }

    private func knownEpoch(of member: Int32) -> Int64 {
        if let told = remotes[member]?.brokerEpoch, told >= 0 { return told }
        return activeBrokers[member] ?? -1
    }

    // MARK: The controller's answer

    /// The controller has answered a proposal, or nobody knows.
    package mutating func answered(_ proposal: InSyncProposal, _ answer: InSyncAnswer) -> InSyncOutcome {
        // The metadata may have settled it meanwhile.
        guard isLeader, pending == proposal else { return .done(didAdvance: false) }
        switch answer {
        case .unknown: return .retry
        case .partition(_, let epoch, let isr, let partitionEpoch):
            // Of another leader, or of what the metadata told already.
            guard epoch == leaderEpoch, partitionEpoch > self.partitionEpoch else { return .done(didAdvance: false) }
            self.isr = isr
            self.partitionEpoch = partitionEpoch
            pending = nil
            for member in isr { remotes[member]?.isAwaited = false }
            return .done(didAdvance: advanceHighWatermark())
        case .error(let code): return refused(code)
        }
    }

    private mutating func refused(_ code: ErrorCode) -> InSyncOutcome {
        switch code {
        case .ineligibleReplica, .operationNotAttempted:
            // Certainly not carried out. Whoever was to join may be proposed again with its next fetch.
            pending = nil
            return .done(didAdvance: advanceHighWatermark())
        case .unknownTopicOrPartition, .unknownTopicId, .fencedLeaderEpoch, .invalidUpdateVersion, .invalidRequest,
            .newLeaderElected:
            // Something has changed that the metadata have not told here yet: until then the proposal counts.
            return .done(didAdvance: false)
        default: return .retry
        }
    }
}
