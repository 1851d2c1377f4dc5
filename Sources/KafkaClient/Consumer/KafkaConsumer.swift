import KafkaMessages
import KafkaWire
import Logging
import NIOCore
import Synchronization

/// Reads topics: as a member of a consumer group, which shares partitions out and remembers how far they were read, or
/// partitions that its user chooses.
///
/// ```swift
/// var configuration = ConsumerConfiguration()
/// configuration.group = GroupConfiguration(id: "billing")
/// let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
/// try consumer.subscribe(topics: ["orders"])
/// while let batch = try await consumer.nextBatch(timeout: .seconds(10)) {
///     var records = try batch.records()
///     while let record = try records.next() { … }
/// }
/// await consumer.close()
/// ```
///
/// Without a group, ``assign(topics:from:timeout:)`` and its kin say what is read and from where.
///
/// Records are fetched ahead in the background, up to ``ConsumerConfiguration/queuedBytes``, so that the network is busy
/// while records are worked on. A batch counts as worked off when the next call for records is made: until then it is
/// neither committed automatically nor is its partition taken away. So one task should make these calls; another one may
/// end them with ``wakeup()``.
public final class KafkaConsumer: Sendable {
    /// How this consumer was set up.
    public let configuration: ConsumerConfiguration
    let cluster: KafkaCluster
    let logger: Logger
    /// Told when there are data or errors to hand out.
    let delivery: ChangeSignal
    /// Told when fetching may go on: room in the queue, new positions.
    let room: ChangeSignal
    /// Told when positions have to be looked up, or the assignment changed.
    let positions: ChangeSignal
    let state: Mutex<State>
    let tasks = TaskScope()
    /// Holds commits to the order in which they were made.
    let commits: SerialGate

    struct State {
        var core: ConsumerCore<FetchedRecords>
        var reader: ChunkReader?
        /// Half-read chunks of partitions that were paused meanwhile.
        var heldReaders: [ChunkReader] = []
        var subscription = Subscription()
        var fetchingNodes: Set<Int32> = []
        var isRunning = false
        var isClosed = false
        /// Whether ``KafkaConsumer/wakeup()`` was called and nobody has noticed yet.
        var isWoken = false
        /// How the application and its group get on; `nil` without a group.
        var group: GroupState?
    }

    /// A consumer on a cluster, which must stay open as long as it.
    public init(cluster: KafkaCluster, configuration: ConsumerConfiguration = ConsumerConfiguration()) {
        self.cluster = cluster
        self.configuration = configuration
        logger = cluster.logger
        delivery = ChangeSignal(eventLoop: cluster.group.any())
        room = ChangeSignal(eventLoop: cluster.group.any())
        positions = ChangeSignal(eventLoop: cluster.group.any())
        commits = SerialGate(eventLoop: cluster.group.any())
        let limits = FetchPlanner.Limits(
            maxQueuedBytes: max(1, configuration.queuedBytes),
            maxBytes: Int32(clamping: configuration.fetchMaxBytes),
            maxPartitionBytes: Int32(clamping: configuration.maxPartitionFetchBytes),
            minBytes: Int32(clamping: configuration.fetchMinBytes),
            maxWaitMs: configuration.fetchMaxWait.milliseconds32
        )
        state = Mutex(
            State(
                core: ConsumerCore(
                    limits: limits,
                    policy: configuration.offsetReset,
                    backoff: cluster.backoff,
                    replicaUseMs: cluster.configuration.metadata.maxAge.milliseconds
                )
            )
        )
        if let group = configuration.group {
            state.withLock { $0.group = GroupState(calledMs: MonotonicClock.nowMs) }
            let member = GroupMember(cluster: cluster, configuration: group, application: application)
            state.withLock { $0.group?.member = member }
        }
    }

    /// Commits what was handed out, if that is done automatically, leaves the group, unless as a static member, and waits
    /// for the background work to end. The cluster stays open.
    ///
    /// Everything that was handed out counts as worked off, so this is for the task that asks for records; another one
    /// should call ``wakeup()`` and let it come to its end.
    ///
    /// - Parameter leavesGroup: whether to leave the group; by default a static member keeps its place until its session
    ///   ends, and others leave.
    public func close(leavesGroup: Bool? = nil) async {
        await leaveGroup(leaves: leavesGroup)
        state.withLock { $0.isClosed = true }
        await tasks.close()
        notifyAll()
    }

    // Reading

    /// The next batch of records, waited for.
    ///
    /// - Parameter timeout: how long to wait for one; `nil` waits until there is one.
    /// A consumer that subscribes takes part in rebalances here: partitions come and go, and the closure given with the
    /// subscription runs, within this call.
    ///
    /// - Returns: `nil` when the time is up.
    /// - Throws: what went wrong with a partition, once for each; reading may go on with the others. What ended the
    ///   membership of the group, each time. Also ``KafkaClientError/Code/closed``, ``KafkaClientError/Code/cancelled`` and
    ///   ``KafkaClientError/Code/wokenUp``.
    public func nextBatch(timeout: Duration? = nil) async throws(KafkaClientError) -> ConsumedBatch? {
        var deadlineMs: Int64?
        while true {
            let seen = delivery.version
            if let batch = try takeBatch() { return batch }
            if await performHandover() { continue }
            if deadlineMs == nil, let timeout {
                deadlineMs = Deadline.after(timeout).ms
            }
            guard await waitForDelivery(past: seen, untilMs: deadlineMs) else {
                if Task.isCancelled { throw .wasCancelled }
                return nil
            }
        }
    }

    /// The next batch if one has been fetched already, without waiting.
    ///
    /// There is none while a rebalance waits to be taken part in, which ``nextBatch(timeout:)`` does.
    ///
    /// - Throws: as ``nextBatch(timeout:)`` does.
    public func takeBatch() throws(KafkaClientError) -> ConsumedBatch? {
        while true {
            let (taken, madeRoom) = state.withLock { state in
                state.group?.applicationCalls(nowMs: MonotonicClock.nowMs)
                return state.take(configuration.isolationLevel)
            }
            if madeRoom {
                room.notify()
            }
            switch taken {
            case .closed:
                throw .clientClosed
            case .error(let error):
                throw error
            case .nothing:
                return nil
            case .batch(let view, let partition, let generation, let fromOffset):
                if configuration.checksChecksums {
                    try verify(view, of: partition)
                }
                state.withLock { state in
                    if state.group != nil {
                        state.group?.inHand = state.core.partitions[partition].map { progress in
                            (partition, generation, progress.position ?? fromOffset, progress.positionEpoch)
                        }
                    }
                    state.core.delivered(
                        partition,
                        generation: generation,
                        nextOffset: view.header.nextOffset,
                        epoch: view.header.partitionLeaderEpoch
                    )
                }
                return ConsumedBatch(
                    partition: partition,
                    view: view,
                    fromOffset: fromOffset,
                    decompressionLimit: configuration.maxDecompressedBytes
                )
            }
        }
    }

    private func verify(_ view: RecordBatchView, of partition: TopicPartition) throws(KafkaClientError) {
        do throws(RecordError) {
            try view.validateChecksum()
        } catch {
            state.withLock { state in
                state.core.rest(partition)
                state.reader = nil
            }
            throw .corrupt(partition, at: view.header.baseOffset, error)
        }
    }

    // Running

    /// Starts the background work with the first assignment.
    func ensureRunning() {
        let starts = state.withLock { state in
            guard !state.isRunning, !state.isClosed else { return false }
            state.isRunning = true
            return true
        }
        if starts {
            tasks.start { [self] in await run() }
        }
    }

    func notifyAll() {
        positions.notify()
        room.notify()
        delivery.notify()
    }
}

extension KafkaConsumer.State {
    enum Taken {
        case batch(RecordBatchView, TopicPartition, generation: UInt64, fromOffset: Int64)
        case error(KafkaClientError)
        case nothing
        case closed
    }

    /// The next batch or error, and whether room was made in the queue.
    mutating func take(_ isolationLevel: IsolationLevel) -> (Taken, madeRoom: Bool) {
        var madeRoom = false
        while true {
            if isClosed { return (.closed, madeRoom) }
            if isWoken {
                isWoken = false
                return (.error(.wasWokenUp), madeRoom)
            }
            if let group {
                if group.hasHandover { return (.nothing, madeRoom) }
                if let failure = group.failure { return (.error(failure), madeRoom) }
            }
            if let batch = nextFromReader() { return (batch, madeRoom) }
            if let index = heldReaders.firstIndex(where: { core.partitions[$0.partition]?.isPaused != true }) {
                reader = heldReaders.remove(at: index)
                continue
            }
            switch core.take() {
            case nil:
                return (.nothing, madeRoom)
            case .failure(let error):
                return (.error(error), madeRoom)
            case .success(let chunk):
                madeRoom = true
                reader = ChunkReader(chunk, isolationLevel: isolationLevel)
            }
        }
    }

    private mutating func nextFromReader() -> Taken? {
        guard let partition = reader?.partition, let generation = reader?.generation else { return nil }
        guard core.isCurrent(partition, generation: generation) else {
            reader = nil
            return nil
        }
        if core.partitions[partition]?.isPaused == true, let held = reader {
            heldReaders.append(held)
            reader = nil
            return nil
        }
        switch reader?.next() {
        case .batch(let view):
            let fromOffset = max(reader?.fromOffset ?? 0, view.header.baseOffset)
            return .batch(view, partition, generation: generation, fromOffset: fromOffset)
        case .end(let nextOffset):
            core.delivered(partition, generation: generation, nextOffset: nextOffset)
            reader = nil
            return nil
        case nil:
            return nil
        }
    }
}
