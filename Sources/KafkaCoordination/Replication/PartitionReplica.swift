/// One broker's view of a partition that it holds a replica of: who leads in which epoch, who is in sync, and up to
/// where records are safe (`replication.md`, section 2).
///
/// Rules: the leader epoch never falls; the high watermark never falls while the leader epoch stays; it is at most what
/// this replica holds (on its disk, if it waits for that), and the log end of every other member of the ISR and of members that are about to join it; it stands still while the ISR is
/// smaller than `min.insync.replicas`.
package struct PartitionReplica: Sendable, Equatable {
    /// What is known of another replica while this one leads.
    package struct Progress: Sendable, Equatable {
        /// Everything below is in that replica's log; nil until it fetches in this epoch.
        package var logEnd: Int64?
        /// When it last held all that this leader had.
        package var caughtUpMs: Int64
        /// The leader's log end, and the time, of its last fetch.
        package var leaderEndAtLastFetch: Int64
        package var lastFetchMs: Int64
    }

    package let localID: Int32
    package private(set) var leader: Int32 = PartitionChange.noLeader
    package private(set) var leaderEpoch: Int32 = -1
    package private(set) var partitionEpoch: Int32 = -1
    package private(set) var replicas: [Int32] = []
    package private(set) var isr: [Int32] = []
    /// Replicas whose joining of the ISR was proposed to the controller and not answered yet.
    package private(set) var joining: Set<Int32> = []
    /// The first offset of this leader's epoch.
    package private(set) var epochStart: Int64 = 0
    package private(set) var logEnd: Int64
    /// Everything below is on the disk.
    package private(set) var durableEnd: Int64
    package private(set) var highWatermark: Int64
    package var minimumInSync: Int
    /// `flush.messages=1`: what is not on the disk yet does not count as held.
    package private(set) var waitsForDisk: Bool
    private var remotes: [Int32: Progress] = [:]

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

    /// `min.insync.replicas`, but not more than there are replicas.
    package var effectiveMinimumInSync: Int { min(minimumInSync, max(1, replicas.count)) }

    package var hasEnoughInSync: Bool { isr.count >= effectiveMinimumInSync }

    /// Up to where this replica holds the log as safely as it is to.
    package var heldEnd: Int64 { waitsForDisk ? durableEnd : logEnd }

    /// Whether the log's end of the epoch before is known to be safe, so that the latest offset may be told.
    package var hasCaughtUpWithEpoch: Bool { highWatermark >= epochStart }

    // MARK: Events

    package enum Transition: Equatable, Sendable {
        /// The metadata told nothing new, or something older.
        case none
        /// Same leader and epoch; ISR or replicas changed.
        case updated
        /// Leads from now on; the log must note that this epoch starts at this offset before it takes records.
        case becameLeader(epoch: Int32, start: Int64)
        /// Follows, or nobody leads.
        case becameFollower(leader: Int32)
    }

    /// The metadata says this about the partition.
    package mutating func metadataChanged(_ partition: PartitionImage, nowMs: Int64) -> Transition {
        guard partition.partitionEpoch > partitionEpoch, partition.leaderEpoch >= leaderEpoch else { return .none }
        let startsEpoch = partition.leaderEpoch > leaderEpoch
        leader = partition.leader
        leaderEpoch = partition.leaderEpoch
        partitionEpoch = partition.partitionEpoch
        replicas = partition.replicas
        isr = partition.isr
        joining = []
        guard isLeader else {
            remotes = [:]
            return startsEpoch ? .becameFollower(leader: leader) : .updated
        }
        if startsEpoch {
            epochStart = logEnd
            remotes = [:]
        }
        for replica in replicas where replica != localID && remotes[replica] == nil {
            remotes[replica] = Progress(
                logEnd: nil,
                caughtUpMs: isr.contains(replica) ? nowMs : 0,
                leaderEndAtLastFetch: 0,
                lastFetchMs: nowMs
            )
        }
        remotes = remotes.filter { replicas.contains($0.key) }
        advanceHighWatermark()
        return startsEpoch ? .becameLeader(epoch: leaderEpoch, start: epochStart) : .updated
    }

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

    /// The own log was cut, or started anew, so that it ends at `end`.
    package mutating func truncated(to end: Int64) {
        logEnd = end
        durableEnd = min(durableEnd, end)
        highWatermark = min(highWatermark, end)
    }

    /// A follower asks for the records from `offset` on, and so holds everything below it.
    package mutating func followerFetched(_ replica: Int32, offset: Int64, nowMs: Int64) -> Bool {
        guard isLeader, var progress = remotes[replica] else { return false }
        progress.logEnd = offset
        if offset >= logEnd {
            progress.caughtUpMs = max(progress.caughtUpMs, nowMs)
        } else if offset >= progress.leaderEndAtLastFetch {
            progress.caughtUpMs = max(progress.caughtUpMs, progress.lastFetchMs)
        }
        progress.leaderEndAtLastFetch = logEnd
        progress.lastFetchMs = nowMs
        remotes[replica] = progress
        return advanceHighWatermark()
    }

    package func progress(of replica: Int32) -> Progress? { remotes[replica] }

    // MARK: The high watermark

    @discardableResult
    private mutating func advanceHighWatermark() -> Bool {
        guard isLeader, hasEnoughInSync else { return false }
        var limit = heldEnd
        for (replica, progress) in remotes where isr.contains(replica) || joining.contains(replica) {
            // A member that has not fetched in this epoch yet may lack anything above the high watermark.
            limit = min(limit, progress.logEnd ?? highWatermark)
        }
        guard limit > highWatermark else { return false }
        highWatermark = limit
        return true
    }
}
