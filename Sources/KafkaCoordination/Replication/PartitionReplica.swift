/// One broker's view of a partition that it holds a replica of: who leads in which epoch, who is in sync, and up to
/// where records are safe (`replication.md`, sections 2 to 4).
///
/// Rules:
/// - The leader epoch never falls. The high watermark never falls while the leader epoch stays, except that a follower
///   cuts its log.
/// - A leader's high watermark is at most what it holds itself (on its disk, if it waits for that), and the log end of
///   every member of the ISR, of those whose joining was proposed and may have come about already, and of those that are
///   about to be proposed. It stands still while the ISR is smaller than `min.insync.replicas`.
/// - Of two changes of the ISR one must be settled before the next is proposed. A member that leaves counts until the
///   controller has confirmed it; one that joins counts from the proposal on.
/// - A follower's high watermark is what its leader told, as far as its log goes.
package struct PartitionReplica: Sendable, Equatable {
    package let localID: Int32
    package private(set) var leader: Int32 = PartitionChange.noLeader
    package private(set) var leaderEpoch: Int32 = -1
    package internal(set) var partitionEpoch: Int32 = -1
    /// That of the metadata; the controller's answer to a proposal may be ahead of them.
    private var metadataEpoch: Int32 = -1
    package private(set) var replicas: [Int32] = []
    /// As the controller has confirmed it.
    package internal(set) var isr: [Int32] = []
    /// What was proposed to the controller and is not settled.
    package internal(set) var pending: InSyncProposal?
    /// The first of the epochs in which this replica has led without a break: what it wrote since then is its own. Nobody
    /// leads: meaningless.
    package private(set) var leadsSince: Int32 = -1
    /// The first offset of this leader's epoch.
    package private(set) var epochStart: Int64 = 0
    package private(set) var logEnd: Int64
    /// Everything below is on the disk.
    package private(set) var durableEnd: Int64
    package private(set) var highWatermark: Int64
    package var minimumInSync: Int
    /// `replica.lag.time.max.ms`: how long a follower may go without being caught up.
    package var maxLagMs: Int64 = 30_000
    /// `flush.messages=1`: what is not on the disk yet does not count as held.
    package private(set) var waitsForDisk: Bool
    package var sabotage: ReplicationSabotage = []
    /// Epochs of the brokers that may be in an ISR.
    var activeBrokers: [Int32: Int64] = [:]
    var remotes: [Int32: ReplicaProgress] = [:]

    /// - Parameter durableEnd: counts only when the replica waits for its disk; nil is the log's end.
    package init(
        localID: Int32,
        logEnd: Int64,
        highWatermark: Int64,
        minimumInSync: Int = 1,
        durableEnd: Int64? = nil,
        waitsForDisk: Bool = false
    ) {
        self.localID = localID
        self.logEnd = logEnd
        self.durableEnd = min(durableEnd ?? logEnd, logEnd)
        self.waitsForDisk = waitsForDisk
        self.highWatermark = min(highWatermark, logEnd)
        self.minimumInSync = minimumInSync
    }

    package var isLeader: Bool { leader == localID }

    /// Leads, and others follow.
    package var hasFollowers: Bool { isLeader && !remotes.isEmpty }

    /// `min.insync.replicas`, but not more than there are replicas.
    package var effectiveMinimumInSync: Int { min(minimumInSync, max(1, replicas.count)) }

    package var hasEnoughInSync: Bool { isr.count >= effectiveMinimumInSync }

    /// Up to where this replica holds the log as safely as it is to.
    package var heldEnd: Int64 { waitsForDisk ? durableEnd : logEnd }

    /// Whether the log's end of the epoch before is known to be safe, so that the latest offset may be told.
    package var hasCaughtUpWithEpoch: Bool { highWatermark >= epochStart }

    package func progress(of replica: Int32) -> ReplicaProgress? { remotes[replica] }

    // MARK: The metadata

    package enum Transition: Equatable, Sendable {
        /// The metadata told nothing new, or something older.
        case none
        /// Same leader and epoch; ISR or replicas changed.
        case updated
        /// Leads from now on, in an epoch that starts at this offset.
        case becameLeader(epoch: Int32, start: Int64)
        /// Follows, or nobody leads.
        case becameFollower(leader: Int32)
    }

    /// The metadata says this about the partition.
    package mutating func metadataChanged(_ partition: PartitionImage, nowMs: Int64) -> Transition {
        guard partition.partitionEpoch > metadataEpoch, partition.partitionEpoch >= partitionEpoch,
            partition.leaderEpoch >= leaderEpoch
        else { return .none }
        let startsEpoch = partition.leaderEpoch > leaderEpoch
        if startsEpoch, !(isLeader && partition.leader == localID && partition.leaderEpoch == leaderEpoch + 1) {
            leadsSince = partition.leaderEpoch
        }
        // What the controller has answered already leaves standing what was proposed since.
        if startsEpoch || partition.partitionEpoch > partitionEpoch { pending = nil }
        leader = partition.leader
        leaderEpoch = partition.leaderEpoch
        partitionEpoch = partition.partitionEpoch
        metadataEpoch = partition.partitionEpoch
        replicas = partition.replicas
        isr = partition.isr
        guard isLeader else {
            remotes = [:]
            return startsEpoch ? .becameFollower(leader: leader) : .updated
        }
        if startsEpoch {
            epochStart = logEnd
            remotes = [:]
        }
        for replica in replicas where replica != localID && remotes[replica] == nil {
            remotes[replica] = ReplicaProgress(caughtUpMs: isr.contains(replica) ? nowMs : .min / 2)
        }
        if remotes.count >= replicas.count { remotes = remotes.filter { replicas.contains($0.key) } }
        advanceHighWatermark()
        return startsEpoch ? .becameLeader(epoch: leaderEpoch, start: epochStart) : .updated
    }

    /// The metadata say which brokers may be in an ISR, and their epochs. Returns whether the high watermark moved.
    package mutating func brokersChanged(_ active: [Int32: Int64]) -> Bool {
        activeBrokers = active
        guard !remotes.isEmpty else { return false }
        for replica in remotes.keys where !isEligible(replica) { remotes[replica]?.isAwaited = false }
        return advanceHighWatermark()
    }

    // MARK: The own log

    /// The own log has grown to `end`. Returns whether the high watermark moved.
    package mutating func appended(to end: Int64) -> Bool {
        logEnd = max(logEnd, end)
        return advanceHighWatermark()
    }

    /// Everything below `end` is on the own disk. Returns whether the high watermark moved.
    package mutating func synchronized(to end: Int64) -> Bool {
        durableEnd = max(durableEnd, min(end, logEnd))
        return advanceHighWatermark()
    }

    /// Whether the own disk is waited for has changed. Returns whether the high watermark moved.
    package mutating func setWaitsForDisk(_ waits: Bool) -> Bool {
        waitsForDisk = waits
        return advanceHighWatermark()
    }

    /// The own log was cut so that it ends at `end`.
    package mutating func truncated(to end: Int64) {
        logEnd = end
        durableEnd = min(durableEnd, end)
        highWatermark = min(highWatermark, end)
    }

    /// The own log was emptied and begins again at `offset`, below which the leader has nothing any more.
    package mutating func restarted(at offset: Int64) {
        logEnd = offset
        durableEnd = offset
        highWatermark = offset
    }

    /// As a follower: the leader has answered, and the own log ends at `end` now. Returns whether the high watermark
    /// moved.
    package mutating func followed(to end: Int64, leaderHighWatermark: Int64) -> Bool {
        guard !isLeader else { return false }
        logEnd = max(logEnd, end)
        let known = min(leaderHighWatermark, logEnd)
        guard known > highWatermark else { return false }
        highWatermark = known
        return true
    }

    // MARK: The high watermark

    @discardableResult
    mutating func advanceHighWatermark() -> Bool {
        guard isLeader, hasEnoughInSync else { return false }
        var limit = heldEnd
        if !sabotage.contains(.advancesEarly) {
            for (replica, progress) in remotes where counts(replica, progress) {
                // A member that has not fetched in this epoch yet may lack anything above the high watermark.
                limit = min(limit, progress.logEnd ?? highWatermark)
            }
        }
        guard limit > highWatermark else { return false }
        highWatermark = limit
        return true
    }

    private func counts(_ replica: Int32, _ progress: ReplicaProgress) -> Bool {
        if progress.isAwaited || isr.contains(replica) { return true }
        return pending.map { $0.isr.contains { $0.id == replica } } ?? false
    }
}
