package import KafkaMessages

/// What a leader, or a replica that consumers read from, answers to those that ask for records.
extension PartitionReplica {
    /// Why a request is refused that knows leader epoch `currentEpoch` (-1: any); nil if it is not.
    ///
    /// - Parameter allowsFollower: consumers may read from a follower (KIP-392).
    package func refusal(currentEpoch: Int32, allowsFollower: Bool = false) -> ErrorCode? {
        if currentEpoch >= 0, !sabotage.contains(.skipsEpochCheck) {
            if currentEpoch < leaderEpoch { return .fencedLeaderEpoch }
            if currentEpoch > leaderEpoch { return .unknownLeaderEpoch }
        }
        return isLeader || (allowsFollower && leader >= 0) ? nil : .notLeaderOrFollower
    }

    /// Why a broker may not follow; nil if it may.
    package func refusal(of fetch: ReplicaFetch) -> ErrorCode? {
        guard let progress = remotes[fetch.replica] else { return .notLeaderOrFollower }
        // A request of a former start of that broker: what it held may be lost.
        let isOld = fetch.brokerEpoch >= 0 && fetch.brokerEpoch < max(progress.brokerEpoch, known(fetch.replica))
        return isOld && !sabotage.contains(.skipsEpochCheck) ? .notLeaderOrFollower : nil
    }

    private func known(_ broker: Int32) -> Int64 { activeBrokers[broker] ?? -1 }

    /// The end of an epoch.
    package struct EpochEnd: Equatable, Sendable {
        package var epoch: Int32
        package var endOffset: Int64

        package init(epoch: Int32, endOffset: Int64) {
            self.epoch = epoch
            self.endOffset = endOffset
        }
    }

    /// Where the largest epoch that is not above `epoch` ends in this leader's log (KIP-320); nil if it cannot be told.
    ///
    /// The leader's own epoch begins at `epochStart` even while it has no records.
    ///
    /// - Parameters:
    ///   - latest: the last epoch that has records.
    ///   - lookUp: the same question to the log, for an epoch that is not above `latest`.
    package func epochEnd(
        of epoch: Int32,
        latest: Int32?,
        lookUp: (Int32) -> EpochEnd?
    ) -> EpochEnd? {
        guard epoch >= 0, epoch <= leaderEpoch else { return nil }
        if epoch == leaderEpoch { return EpochEnd(epoch: epoch, endOffset: logEnd) }
        guard let latest else { return EpochEnd(epoch: epoch, endOffset: epochStart) }
        guard epoch >= latest, latest < leaderEpoch else { return lookUp(epoch) }
        return EpochEnd(epoch: latest, endOffset: epochStart)
    }

    /// Where the log of a reader parts from this one; nil if it does not, as far as it goes.
    ///
    /// - Parameters:
    ///   - lastEpoch: that of the last record the reader has.
    ///   - end: of `lastEpoch`, or of the largest epoch before it, in this log.
    package func divergence(offset: Int64, lastEpoch: Int32, end: EpochEnd) -> EpochEnd? {
        if sabotage.contains(.skipsEpochCheck) { return nil }
        return end.epoch < lastEpoch || end.endOffset < offset ? end : nil
    }
}
