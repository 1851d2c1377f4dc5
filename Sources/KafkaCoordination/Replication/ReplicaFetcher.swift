package import KafkaMessages

/// What a leader answered for one partition.
package struct FollowerAnswer<Records: Sendable>: Sendable {
    package var key: FetchKey
    package var error: ErrorCode
    package var highWatermark: Int64
    package var logStart: Int64
    /// The leader's log parts from the follower's there (KIP-595).
    package var diverging: PartitionReplica.EpochEnd?
    /// nil: none.
    package var records: Records?

    package init(
        key: FetchKey,
        error: ErrorCode = .none,
        highWatermark: Int64 = -1,
        logStart: Int64 = -1,
        diverging: PartitionReplica.EpochEnd? = nil,
        records: Records? = nil
    ) {
        self.key = key
        self.error = error
        self.highWatermark = highWatermark
        self.logStart = logStart
        self.diverging = diverging
        self.records = records
    }
}

/// What a follower has to do with one partition; `ReplicaFetcher.moved` or `failed` must follow.
package struct FollowerEffect<Records: Sendable>: Sendable {
    package enum Work: Sendable {
        /// Append the records, if any, as they are; then take over high watermark and log start.
        case append(Records?, highWatermark: Int64, logStart: Int64)
        /// Cut the own log by `FollowerTruncation(diverging:own:log:)`.
        case truncate(PartitionReplica.EpochEnd)
        /// Ask the leader from where to where its log goes; then `FollowerTruncation(outOfRange:…)`.
        case findRange
    }

    package var key: FetchKey
    /// The work is void in another epoch.
    package var leaderEpoch: Int32
    package var work: Work
}

/// Follows one leader in all partitions that it leads and this broker has replicas of (`replication.md`, section 1).
///
/// Rules: one request at a time, and the next only when the work of the last is done; each names its leader epoch, and
/// an answer counts only for what was asked in the epoch that still holds. A partition's log end is where it is fetched
/// from, so that the request itself acknowledges everything below. After an error a partition rests for `backoffMs`,
/// unless the metadata tell of another epoch first.
package struct ReplicaFetcher: Sendable {
    private enum Phase: Sendable, Equatable {
        case fetching
        /// The last answer's work is not done.
        case working
        case resting(untilMs: Int64)
    }

    private struct Entry: Sendable {
        var leaderEpoch: Int32
        var log: FollowedLog
        var phase = Phase.fetching
    }

    /// What to do next.
    package enum Step: Sendable, Equatable {
        case fetch(FollowerSession.Request)
        /// Nothing before this time, or before something changes; nil is never.
        case wait(untilMs: Int64?)
    }

    /// `replica.fetch.max.bytes`.
    package var partitionBytes: Int
    /// `replica.fetch.backoff.ms`.
    package var backoffMs: Int64
    package var sabotage: ReplicationSabotage = []
    private var entries: [FetchKey: Entry] = [:]
    private var session = FollowerSession()
    /// What the request on its way asks for.
    private var asked: [FetchKey: FetchTarget]?

    package init(partitionBytes: Int = 1 << 20, backoffMs: Int64 = 1000) {
        self.partitionBytes = partitionBytes
        self.backoffMs = backoffMs
    }

    package var isEmpty: Bool { entries.isEmpty }
    package var keys: [FetchKey] { Array(entries.keys) }

    /// The epoch in which a partition is followed; nil if it is not.
    package func leaderEpoch(of key: FetchKey) -> Int32? { entries[key]?.leaderEpoch }

    // MARK: What is followed

    /// The metadata say that the leader leads this partition in this epoch.
    package mutating func follow(_ key: FetchKey, leaderEpoch: Int32, log: FollowedLog) {
        if let known = entries[key], known.leaderEpoch >= leaderEpoch { return }
        entries[key] = Entry(leaderEpoch: leaderEpoch, log: log)
    }

    package mutating func unfollow(_ key: FetchKey) { entries[key] = nil }

    // MARK: Fetching

    /// - Parameter heldUntilMs: when a partition may be fetched again that may not at present.
    package mutating func next(nowMs: Int64, heldUntilMs: (FetchKey) -> Int64? = { _ in nil }) -> Step {
        guard asked == nil else { return .wait(untilMs: nil) }
        var targets: [FetchTarget] = []
        var wakeMs: Int64?
        for (key, entry) in entries {
            switch entry.phase {
            case .working: continue
            case .resting(let untilMs) where untilMs > nowMs:
                wakeMs = min(wakeMs ?? .max, untilMs)
                continue
            case .resting: entries[key]?.phase = .fetching
            case .fetching: break
            }
            if let untilMs = heldUntilMs(key) {
                wakeMs = min(wakeMs ?? .max, untilMs)
                continue
            }
            targets.append(
                FetchTarget(
                    key: key,
                    offset: entry.log.end,
                    maxBytes: partitionBytes,
                    currentLeaderEpoch: entry.leaderEpoch,
                    lastFetchedEpoch: entry.log.lastEpoch,
                    logStartOffset: entry.log.start
                )
            )
        }
        guard !targets.isEmpty else { return .wait(untilMs: wakeMs) }
        asked = Dictionary(targets.map { ($0.key, $0) }) { first, _ in first }
        return .fetch(session.request(for: targets))
    }

    /// The leader has answered. Partitions that it does not mention have nothing new.
    package mutating func received<Records>(
        _ answers: [FollowerAnswer<Records>],
        sessionID: Int32,
        nowMs: Int64
    ) -> [FollowerEffect<Records>] {
        session.answered(sessionID: sessionID)
        let asked = self.asked ?? [:]
        self.asked = nil
        return answers.compactMap { answer in
            guard let entry = entries[answer.key], let target = asked[answer.key],
                target.currentLeaderEpoch == entry.leaderEpoch || sabotage.contains(.skipsEpochCheck),
                target.offset == entry.log.end, entry.phase == .fetching
            else { return nil }
            guard let work = work(for: answer, nowMs: nowMs) else { return nil }
            entries[answer.key]?.phase = .working
            return FollowerEffect(key: answer.key, leaderEpoch: entry.leaderEpoch, work: work)
        }
    }

    private mutating func work<Records>(
        for answer: FollowerAnswer<Records>,
        nowMs: Int64
    ) -> FollowerEffect<Records>.Work? {
        switch answer.error {
        case .none:
            if let diverging = answer.diverging, !sabotage.contains(.forgetsTruncation) {
                return .truncate(diverging)
            }
            return .append(answer.records, highWatermark: answer.highWatermark, logStart: answer.logStart)
        case .offsetOutOfRange: return .findRange
        default:
            // FENCED_LEADER_EPOCH: the metadata are on their way here; UNKNOWN_LEADER_EPOCH, NOT_LEADER_OR_FOLLOWER:
            // they are on their way to the leader, or have changed once more; anything else may pass.
            rest(answer.key, nowMs: nowMs)
            return nil
        }
    }

    /// The request as a whole was refused, or its answer did not come.
    ///
    /// - Parameter isSessionLost: the leader is there and does not know the session: asks again at once.
    package mutating func fetchFailed(isSessionLost: Bool, nowMs: Int64) {
        session.restart()
        let asked = self.asked ?? [:]
        self.asked = nil
        guard !isSessionLost else { return }
        for key in asked.keys where entries[key]?.phase == .fetching { rest(key, nowMs: nowMs) }
    }

    private mutating func rest(_ key: FetchKey, nowMs: Int64) {
        entries[key]?.phase = .resting(untilMs: nowMs + backoffMs)
    }

    // MARK: Work that is done

    /// The work on a partition is done: this is its log now.
    package mutating func moved(_ key: FetchKey, leaderEpoch: Int32, log: FollowedLog) {
        guard entries[key]?.leaderEpoch == leaderEpoch else { return }
        entries[key]?.log = log
        entries[key]?.phase = .fetching
    }

    /// The work on a partition could not be done, or was void.
    package mutating func failed(_ key: FetchKey, leaderEpoch: Int32, log: FollowedLog, nowMs: Int64) {
        guard entries[key]?.leaderEpoch == leaderEpoch else { return }
        entries[key]?.log = log
        rest(key, nowMs: nowMs)
    }
}
