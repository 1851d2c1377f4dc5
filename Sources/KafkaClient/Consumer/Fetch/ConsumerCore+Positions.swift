package import KafkaMessages

extension ConsumerCore {
    /// The answer to a look-up: an offset with its epoch, nothing, or an error.
    package enum Found: Equatable, Sendable {
        /// The offset and its leader epoch, -1 for unknown.
        case offset(Int64, epoch: Int32)
        /// There is no such offset (no record with that timestamp, an empty log).
        case nothing
        /// The broker's error.
        case error(ErrorCode)
        /// No answer came.
        case lost
    }

    /// The start positions to look up now; they count as asked for.
    package mutating func takeLookUps(nowMs: Int64) -> [LookUp] {
        var lookUps: [LookUp] = []
        for (partition, progress) in partitions {
            guard
                case .seeking(let start) = progress.phase, start != .committed, progress.retryAtMs <= nowMs,
                let leader = progress.leader
            else { continue }
            partitions[partition]?.phase = .looking(start)
            lookUps.append(
                LookUp(
                    partition: partition,
                    generation: progress.generation,
                    start: start,
                    leader: leader,
                    leaderEpoch: progress.leaderEpoch
                )
            )
        }
        return lookUps.sorted { $0.partition < $1.partition }
    }

    /// The committed offsets to look up now; they count as asked for.
    package mutating func takeCommittedLookUps(nowMs: Int64) -> [LookUp] {
        var lookUps: [LookUp] = []
        for (partition, progress) in partitions {
            guard progress.phase == .seeking(.committed), progress.retryAtMs <= nowMs else { continue }
            partitions[partition]?.phase = .looking(.committed)
            lookUps.append(
                LookUp(
                    partition: partition,
                    generation: progress.generation,
                    start: .committed,
                    leader: -1,
                    leaderEpoch: -1
                )
            )
        }
        return lookUps.sorted { $0.partition < $1.partition }
    }

    /// Nothing was committed for a partition: the reset policy decides.
    package mutating func foundUncommitted(_ lookUp: LookUp, wallClockMs: Int64) -> Effects {
        guard let progress = partitions[lookUp.partition], progress.generation == lookUp.generation,
            progress.phase == .looking(.committed)
        else { return Effects() }
        guard let start = policy.start(wallClockMs: wallClockMs) else {
            fail(
                lookUp.partition,
                KafkaClientError(
                    .noCommittedOffset,
                    "The group has no committed offset for \(lookUp.partition), and auto.offset.reset=none says not to go "
                        + "anywhere else. Commit one, seek, or set auto.offset.reset to earliest or latest."
                )
            )
            return Effects(delivers: true)
        }
        partitions[lookUp.partition]?.phase = .seeking(start)
        return Effects(repositions: true)
    }

    /// Takes in what a look-up found.
    package mutating func lookedUp(_ lookUp: LookUp, _ found: Found, nowMs: Int64) -> Effects {
        guard let progress = partitions[lookUp.partition], progress.generation == lookUp.generation,
            case .looking(let start) = progress.phase
        else { return Effects() }
        switch found {
        case .offset(let offset, let epoch):
            settle(lookUp.partition, at: offset, epoch: epoch)
            // A committed epoch tells which log it was that was read: it has to be the one that is there now (KIP-320).
            guard start == .committed, epoch >= 0 else { return Effects() }
            partitions[lookUp.partition]?.phase = .unchecked
            return Effects(repositions: true)
        case .nothing:
            // No record is as young as that: only new ones can be.
            partitions[lookUp.partition]?.phase = .seeking(.end)
            return Effects(repositions: true)
        case .lost:
            partitions[lookUp.partition]?.phase = .seeking(start)
            partitions[lookUp.partition]?.backOff(backoff, nowMs: nowMs)
            return Effects(refreshesMetadata: true)
        case .error(let error):
            guard error.isRetriable || error.refreshesMetadata else {
                fail(
                    lookUp.partition,
                    KafkaClientError(
                        .broker,
                        "The offset to start at in \(lookUp.partition) cannot be looked up: "
                            + "\(error.message) (\(error.name)).",
                        brokerError: error
                    )
                )
                return Effects(delivers: true)
            }
            partitions[lookUp.partition]?.phase = .seeking(start)
            partitions[lookUp.partition]?.backOff(backoff, nowMs: nowMs)
            return Effects(refreshesMetadata: error.refreshesMetadata)
        }
    }

    /// The positions to check against the leaders' logs now; they count as asked for.
    package mutating func takeChecks(nowMs: Int64) -> [Check] {
        var checks: [Check] = []
        for (partition, progress) in partitions {
            guard
                progress.phase == .unchecked, !progress.isInFlight, progress.retryAtMs <= nowMs,
                let leader = progress.leader
            else { continue }
            partitions[partition]?.phase = .checking
            checks.append(
                Check(
                    partition: partition,
                    generation: progress.generation,
                    leader: leader,
                    leaderEpoch: progress.leaderEpoch,
                    positionEpoch: progress.lastFetchedEpoch,
                    offset: progress.fetchOffset
                )
            )
        }
        return checks.sorted { $0.partition < $1.partition }
    }

    /// Takes in the end of the position's epoch in the leader's log.
    package mutating func checked(
        _ check: Check,
        _ found: Found,
        nowMs: Int64,
        wallClockMs: Int64
    ) -> Effects {
        guard
            let progress = partitions[check.partition], progress.generation == check.generation,
            progress.phase == .checking
        else { return Effects() }
        switch found {
        case .offset(let end, let epoch):
            partitions[check.partition]?.phase = .fetching
            partitions[check.partition]?.failures = 0
            guard end < check.offset else { return Effects() }
            return truncated(check.partition, to: (epoch, end), wallClockMs: wallClockMs)
        case .nothing:
            return truncated(check.partition, to: (-1, -1), wallClockMs: wallClockMs)
        case .lost:
            partitions[check.partition]?.phase = .unchecked
            partitions[check.partition]?.backOff(backoff, nowMs: nowMs)
            return Effects(refreshesMetadata: true)
        case .error(.unsupportedVersion):
            // An old broker cannot be asked; Kafka's clients go on without the check.
            partitions[check.partition]?.phase = .fetching
            return Effects()
        case .error(let error):
            guard error.isRetriable || error.refreshesMetadata else {
                fail(
                    check.partition,
                    KafkaClientError(
                        .broker,
                        "The position in \(check.partition) cannot be checked after a change of leader: "
                            + "\(error.message) (\(error.name)).",
                        brokerError: error
                    )
                )
                return Effects(delivers: true)
            }
            partitions[check.partition]?.phase = .unchecked
            partitions[check.partition]?.backOff(backoff, nowMs: nowMs)
            return Effects(refreshesMetadata: error.refreshesMetadata)
        }
    }

    private mutating func settle(_ partition: TopicPartition, at offset: Int64, epoch: Int32) {
        let hasQueue = (partitions[partition]?.queuedBytes ?? 0) > 0
        let position = partitions[partition]?.position
        partitions[partition]?.settle(at: offset, lastFetchedEpoch: epoch)
        if hasQueue, let position {
            // Data from before the gap still wait to be read.
            partitions[partition]?.position = position
            partitions[partition]?.positionEpoch = -1
        }
    }
}
