package import KafkaWire

/// How far the reading of one partition has come.
///
/// ```
/// seeking ⇄ looking → fetching ⇄ checking
///                        ↓
///                      failed
/// ```
package struct PartitionProgress: Sendable {
    /// What stands between the partition and its next record.
    package enum Phase: Equatable, Sendable {
        /// A start position has to be looked up.
        case seeking(StartPosition)
        /// The look-up is under way.
        case looking(StartPosition)
        /// The leader changed: it has to be asked whether the log still holds what was read (KIP-320).
        case unchecked
        /// That question is under way.
        case checking
        /// The position is good; records can be fetched.
        case fetching
        /// Something final happened and was reported; only a new position helps.
        case failed
    }

    package var phase: Phase
    /// Goes up when the position is set anew, so that late answers to older questions are recognised.
    package var generation: UInt64
    /// The offset of the next record that the user gets, once known.
    package var position: Int64?
    /// The leader epoch of the record before ``position``, -1 for unknown.
    package var positionEpoch: Int32 = -1
    /// The offset that the next fetch asks for.
    package var fetchOffset: Int64 = 0
    /// The leader epoch of the last fetched batch, -1 for none.
    package var lastFetchedEpoch: Int32 = -1
    package var isPaused = false
    package var isInFlight = false
    /// Fetched record bytes that nobody has taken yet.
    package var queuedBytes = 0

    // From metadata
    package var leader: Int32?
    package var leaderEpoch: Int32 = -1
    package var topicID: KafkaUUID = .zero

    /// A follower that the leader told us to read from, and until when (KIP-392).
    package var preferredReplica: (node: Int32, untilMs: Int64)?
    /// Nothing is asked before this time.
    package var retryAtMs: Int64 = 0
    /// Failed attempts in a row.
    package var failures = 0

    // From the last answer; -1 for unknown
    package var highWatermark: Int64 = -1
    package var lastStableOffset: Int64 = -1
    package var logStartOffset: Int64 = -1

    package init(start: StartPosition, generation: UInt64) {
        phase = .seeking(start)
        self.generation = generation
        settleKnownOffset()
    }

    /// The node to fetch from now.
    package func source(nowMs: Int64) -> Int32? {
        if let preferredReplica, preferredReplica.untilMs > nowMs { return preferredReplica.node }
        return leader
    }

    /// Sets a new position; answers under way and fetched records become void.
    package mutating func seek(to start: StartPosition, generation: UInt64) {
        phase = .seeking(start)
        self.generation = generation
        position = nil
        positionEpoch = -1
        lastFetchedEpoch = -1
        queuedBytes = 0
        isInFlight = false
        preferredReplica = nil
        retryAtMs = 0
        failures = 0
        settleKnownOffset()
    }

    /// Continues at an offset with what is known about its epoch.
    package mutating func settle(at offset: Int64, lastFetchedEpoch epoch: Int32) {
        position = offset
        positionEpoch = epoch
        fetchOffset = offset
        lastFetchedEpoch = epoch
        phase = .fetching
        retryAtMs = 0
        failures = 0
    }

    /// Waits a while after a failure.
    package mutating func backOff(_ backoff: Backoff, nowMs: Int64) {
        failures += 1
        retryAtMs = nowMs + max(1, backoff.pause(afterFailures: failures).milliseconds)
    }

    /// An explicit offset needs no look-up.
    private mutating func settleKnownOffset() {
        if case .seeking(.offset(let offset)) = phase {
            settle(at: offset, lastFetchedEpoch: -1)
        }
    }
}
