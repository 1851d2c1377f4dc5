package import KafkaWire
import NIOCore

/// What a consumer by assignment does next: which positions to look up, what to fetch from whom, which fetched data to
/// hand out. Pure; `Payload` is what an answer carries for a partition.
///
/// Rules:
/// - A partition is in at most one question at a time, so its data arrive in order.
/// - Every answer is matched against the partition's generation; one that belongs to an older position is dropped.
/// - Fetched data are handed out in the order in which they came, those of paused partitions later.
/// - A final error is reported once; the partition then rests until it gets a new position.
package struct ConsumerCore<Payload: Sendable>: Sendable {
    /// Fetched data of one partition.
    package struct Chunk: Sendable {
        package var partition: TopicPartition
        package var generation: UInt64
        /// Records below this offset are not wanted.
        package var fromOffset: Int64
        /// The offset after the last one in the data.
        package var nextOffset: Int64
        package var byteCount: Int
        package var payload: Payload
    }

    /// A fetch that was sent, with what is needed to take in its answer.
    package struct PendingFetch: Sendable {
        package var node: Int32
        package var plan: FetchPlanner.Plan
        package var generations: [TopicPartition: UInt64]
    }

    /// A start position to look up.
    package struct LookUp: Equatable, Sendable {
        package var partition: TopicPartition
        package var generation: UInt64
        package var start: StartPosition
        package var leader: Int32
        package var leaderEpoch: Int32
    }

    /// A position to check against the leader's log.
    package struct Check: Equatable, Sendable {
        package var partition: TopicPartition
        package var generation: UInt64
        package var leader: Int32
        package var leaderEpoch: Int32
        package var positionEpoch: Int32
        package var offset: Int64
    }

    /// What the shell should do after an event.
    package struct Effects: Equatable, Sendable {
        /// Metadata should be refreshed.
        package var refreshesMetadata = false
        /// There are data or an error to hand out.
        package var delivers = false
        /// There is a position to look up or to check.
        package var repositions = false

        package init(refreshesMetadata: Bool = false, delivers: Bool = false, repositions: Bool = false) {
            self.refreshesMetadata = refreshesMetadata
            self.delivers = delivers
            self.repositions = repositions
        }

        mutating func merge(_ other: Effects) {
            refreshesMetadata = refreshesMetadata || other.refreshesMetadata
            delivers = delivers || other.delivers
            repositions = repositions || other.repositions
        }
    }

    package internal(set) var partitions: [TopicPartition: PartitionProgress] = [:]
    /// Fetched record bytes that nobody has taken yet, over all partitions.
    package internal(set) var queuedBytes = 0
    let policy: OffsetResetPolicy
    let backoff: Backoff
    let replicaUseMs: Int64
    var planner: FetchPlanner
    var queue = CircularBuffer<Chunk>()
    var errors: [KafkaClientError] = []
    private var lastGeneration: UInt64 = 0

    /// - Parameters:
    ///   - policy: where to go when a position does not exist.
    ///   - replicaUseMs: how long a preferred replica is used before the leader is asked again.
    package init(
        limits: FetchPlanner.Limits,
        policy: OffsetResetPolicy,
        backoff: Backoff,
        replicaUseMs: Int64 = 300_000
    ) {
        planner = FetchPlanner(limits: limits)
        self.policy = policy
        self.backoff = backoff
        self.replicaUseMs = replicaUseMs
    }

    // Assignment

    /// Starts to read partitions; one that is being read already gets the new position.
    package mutating func assign(_ starts: [(partition: TopicPartition, start: StartPosition)]) {
        for (partition, start) in starts {
            if partitions[partition] == nil {
                partitions[partition] = PartitionProgress(start: start, generation: nextGeneration())
            } else {
                seek(partition, to: start)
            }
        }
        planner.add(starts.map(\.partition))
    }

    /// Stops to read partitions; what was fetched of them is dropped.
    package mutating func unassign(_ removed: Set<TopicPartition>) {
        for partition in removed {
            dropQueue(of: partition)
            partitions[partition] = nil
            planner.remove(partition)
        }
    }

    /// Sets a new position; what was fetched from the old one is dropped.
    ///
    /// - Returns: false when the partition is not assigned.
    @discardableResult
    package mutating func seek(_ partition: TopicPartition, to start: StartPosition) -> Bool {
        guard partitions[partition] != nil else { return false }
        dropQueue(of: partition)
        let generation = nextGeneration()
        partitions[partition]?.seek(to: start, generation: generation)
        return true
    }

    /// Stops or resumes fetching and handing out.
    package mutating func setPaused(_ isPaused: Bool, _ partition: TopicPartition) {
        partitions[partition]?.isPaused = isPaused
    }

    // Metadata

    /// Takes in who leads what.
    package mutating func metadataChanged(
        _ lookUp: (TopicPartition) -> (leader: Int32?, epoch: Int32, topicID: KafkaUUID)?
    ) {
        for partition in partitions.keys {
            guard let news = lookUp(partition) else { continue }
            partitions[partition]?.learn(leader: news.leader, epoch: news.epoch, topicID: news.topicID)
        }
    }

    // Handing out

    /// The next error or data, oldest first.
    package mutating func take() -> Result<Chunk, KafkaClientError>? {
        if !errors.isEmpty {
            return .failure(errors.removeFirst())
        }
        guard let index = queue.firstIndex(where: { partitions[$0.partition]?.isPaused == false }) else { return nil }
        let chunk = queue.remove(at: index)
        queuedBytes -= chunk.byteCount
        partitions[chunk.partition]?.queuedBytes -= chunk.byteCount
        return .success(chunk)
    }

    /// Notes how far the user has read. Ignored when the position was set anew meanwhile.
    ///
    /// - Parameter epoch: the leader epoch of the last record before the offset, -1 to leave it as it was.
    package mutating func delivered(
        _ partition: TopicPartition,
        generation: UInt64,
        nextOffset: Int64,
        epoch: Int32 = -1
    ) {
        guard partitions[partition]?.generation == generation else { return }
        partitions[partition]?.position = nextOffset
        if epoch >= 0 { partitions[partition]?.positionEpoch = epoch }
    }

    /// Whether data with this generation are still wanted.
    package func isCurrent(_ partition: TopicPartition, generation: UInt64) -> Bool {
        partitions[partition]?.generation == generation
    }

    /// Reports a final error of a partition, which then rests.
    package mutating func fail(_ partition: TopicPartition, _ error: KafkaClientError) {
        rest(partition)
        errors.append(error)
    }

    /// Reports an error that concerns several partitions at once.
    package mutating func report(_ error: KafkaClientError) {
        errors.append(error)
    }

    /// Lets a partition rest whose error has been reported in another way.
    package mutating func rest(_ partition: TopicPartition) {
        guard partitions[partition] != nil else { return }
        dropQueue(of: partition)
        let generation = nextGeneration()
        partitions[partition]?.generation = generation
        partitions[partition]?.isInFlight = false
        partitions[partition]?.phase = .failed
    }

    mutating func nextGeneration() -> UInt64 {
        lastGeneration += 1
        return lastGeneration
    }

    /// Drops the fetched data of a partition.
    mutating func dropQueue(of partition: TopicPartition) {
        guard let progress = partitions[partition], progress.queuedBytes > 0 else { return }
        queue.removeAll { $0.partition == partition }
        queuedBytes -= progress.queuedBytes
        partitions[partition]?.queuedBytes = 0
    }
}

extension PartitionProgress {
    /// Takes in who leads the partition.
    mutating func learn(leader newLeader: Int32?, epoch: Int32, topicID newID: KafkaUUID) {
        if topicID != .zero, newID != .zero, topicID != newID {
            // The topic was deleted and made again: epochs of the old one mean nothing.
            lastFetchedEpoch = -1
            leaderEpoch = -1
        }
        topicID = newID
        if leader != newLeader || leaderEpoch != epoch {
            preferredReplica = nil
            retryAtMs = 0
        }
        if epoch > leaderEpoch, leaderEpoch >= 0, lastFetchedEpoch >= 0, phase == .fetching {
            phase = .unchecked
        }
        leader = newLeader
        leaderEpoch = epoch
    }
}
