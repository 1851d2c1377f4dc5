import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore
import Synchronization

/// A replica of a partition on this broker: the only one that writes to its log while it leads.
///
/// The lock covers leadership, the log's end and the high watermark together, so that a batch is never appended under
/// an epoch that is over. It is held for one write and never while something is awaited; who waits for the high
/// watermark is woken after it was let go.
final class Partition: Sendable {
    let topicPartition: TopicPartition
    let topicID: KafkaUUID
    let log: PartitionLog
    let state: Mutex<State>
    private let settingsState: Mutex<TopicSettings>
    private let synchronizer: DiskSynchronizer
    private let use = Atomic(Use.none.rawValue)

    /// Whether the log's files are worth keeping open.
    private enum Use: Int {
        /// Nothing is open.
        case none
        /// Not used since the last look.
        case past
        case recent
    }

    struct State {
        var replica: PartitionReplica
        /// Set when nothing is written or read any more: the topic was deleted, or the disk failed.
        var closing: PartitionError?
        var isClosed: Bool { closing != nil }
        var highWatermarkWaiters = OffsetWaiters<Alarm>()
        /// Those who wait until this replica holds an offset.
        var heldWaiters = OffsetWaiters<Alarm>()
        /// Followers that wait until there is more than they have.
        var endWaiters = OffsetWaiters<Alarm>()
        /// The last attempt to make the log durable failed, with everything up to this offset.
        var syncFailure: (end: Int64, error: StorageError)?
        var guards = TransactionGuards()
        /// Segments below this offset were closed and wait to be made durable.
        var rolledOffset: Int64?

        /// Whom a moved high watermark or a moved end wakes.
        mutating func wakeAdvanced() -> [Alarm] {
            highWatermarkWaiters.advance(to: replica.highWatermark) + heldWaiters.advance(to: replica.heldEnd)
        }

        mutating func wakeAll() -> [Alarm] {
            highWatermarkWaiters.wakeAll() + heldWaiters.wakeAll() + endWaiters.wakeAll()
        }
    }

    /// Leadership at one moment.
    struct Snapshot {
        let isLeader: Bool
        let leader: Int32
        let leaderEpoch: Int32
        /// The first of the epochs in which it has led without a break.
        let leadsSince: Int32
        let hasFollowers: Bool
        let highWatermark: Int64
        /// Up to where this replica holds the log: on its disk, if it waits for that.
        let heldEnd: Int64
        let hasCaughtUpWithEpoch: Bool

        init(_ state: borrowing State) {
            isLeader = state.replica.isLeader && !state.isClosed
            leader = state.replica.leader
            leaderEpoch = state.replica.leaderEpoch
            leadsSince = state.replica.leadsSince
            hasFollowers = state.replica.hasFollowers && !state.isClosed
            highWatermark = state.replica.highWatermark
            heldEnd = state.replica.heldEnd
            hasCaughtUpWithEpoch = state.replica.hasCaughtUpWithEpoch
        }

        /// Whether this broker has led without a break since it wrote something in `epoch`: then that is still there.
        func hasLed(since epoch: Int32) -> Bool { isLeader && leadsSince <= epoch }
    }

    init(
        log: PartitionLog,
        localID: Int32,
        highWatermark: Int64,
        settings: TopicSettings,
        synchronizer: DiskSynchronizer,
        sabotage: ReplicationSabotage = []
    ) {
        topicPartition = log.topicPartition
        topicID = log.topicID
        self.log = log
        var replica = PartitionReplica(
            localID: localID,
            logEnd: log.logEndOffset,
            highWatermark: max(highWatermark, log.logStartOffset),
            minimumInSync: settings.minimumInSync,
            durableEnd: log.recoveryPoint,
            waitsForDisk: settings.waitsForDisk
        )
        replica.maxLagMs = settings.maxLagMs
        replica.sabotage = sabotage
        self.synchronizer = synchronizer
        state = Mutex(State(replica: replica))
        settingsState = Mutex(settings)
    }

    /// Somebody reads or writes: the files stay open for a while.
    func noteUse() { use.store(Use.recent.rawValue, ordering: .relaxed) }

    /// Closes the files if nobody used them since the last call, so that thousands of idle partitions need no
    /// descriptors.
    func releaseIfIdle() {
        let (past, none) = (Use.past.rawValue, Use.none.rawValue)
        if use.compareExchange(expected: Use.recent.rawValue, desired: past, ordering: .relaxed).exchanged { return }
        if use.compareExchange(expected: past, desired: none, ordering: .relaxed).exchanged {
            log.releaseIdleResources()
        }
    }

    var settings: TopicSettings { settingsState.withLock { $0 } }

    var highWatermark: Int64 { state.withLock { $0.replica.highWatermark } }

    var snapshot: Snapshot { state.withLock { Snapshot($0) } }

    /// The end of what readers of committed data may see.
    func lastStableOffset(highWatermark: Int64) -> Int64 {
        min(highWatermark, log.firstUnstableOffset(highWatermark: highWatermark) ?? highWatermark)
    }

    // MARK: Changes from the metadata log

    /// - Parameter brokers: those that may be in an ISR, with their epochs.
    func apply(_ image: PartitionImage, brokers: [Int32: Int64], nowMs: Int64) {
        let woken = state.withLock { state -> [Alarm] in
            let transition = state.replica.metadataChanged(image, nowMs: nowMs)
            let didAdvance = state.replica.brokersChanged(brokers)
            switch transition {
            case .none: return didAdvance ? state.wakeAdvanced() : []
            // The log notes the start of an epoch with its first batch; until then the replica knows.
            case .becameLeader, .becameFollower:
                state.guards.leadershipChanged()
                return state.wakeAll()
            case .updated: return state.wakeAdvanced()
            }
        }
        for alarm in woken { alarm.ring() }
        synchronizeIfBehind()
    }

    func apply(_ settings: TopicSettings) {
        let isNew = settingsState.withLock { current in
            defer { current = settings }
            return current != settings
        }
        guard isNew else { return }
        log.updateConfig(settings.log)
        let woken = state.withLock { state in
            state.replica.minimumInSync = settings.minimumInSync
            state.replica.maxLagMs = settings.maxLagMs
            _ = state.replica.setWaitsForDisk(settings.waitsForDisk)
            return state.wakeAdvanced()
        }
        for alarm in woken { alarm.ring() }
    }

    /// Lets go of all who wait; from now on the partition is unknown to clients, or refuses them for `failure`.
    func close(because failure: StorageError? = nil) {
        let woken = state.withLock { state in
            state.closing = failure.map { PartitionError($0) } ?? PartitionError(.unknownTopicOrPartition)
            return state.wakeAll()
        }
        for alarm in woken { alarm.ring() }
    }

    // MARK: Writing

    /// Appends one validated batch as the leader.
    ///
    /// - Parameters:
    ///   - needsAll: acks=all: refused while too few replicas are in sync.
    ///   - leaderEpoch: refused unless this broker leads in this epoch; -1 is any.
    ///   - proof: that a transactional batch belongs to an open transaction.
    /// - Returns: where the batch stands, and in which epoch it was appended.
    func append(
        _ batch: ByteBuffer,
        origin: AppendOrigin,
        needsAll: Bool,
        leaderEpoch: Int32 = -1,
        proof: TransactionProof = .notNeeded,
        nowMs: Int64
    ) throws(PartitionError) -> PartitionAppend {
        noteUse()
        let facts = BatchFacts(batch)
        let (appended, woken) = try state.withLock { state throws(PartitionError) -> (PartitionAppend, [Alarm]) in
            try Self.checkLeader(state, currentEpoch: leaderEpoch)
            guard !needsAll || state.replica.hasEnoughInSync else { throw PartitionError(.notEnoughReplicas) }
            if let facts, facts.isTransactional { try check(proof, facts, state.guards) }
            let info: AppendInfo
            do throws(AppendError) {
                info = try log.append(batch, leaderEpoch: state.replica.leaderEpoch, origin: origin, nowMs: nowMs)
            } catch {
                throw PartitionError(error)
            }
            if info.didRoll { state.rolledOffset = info.baseOffset }
            // The log knows now that the transaction is open, or that a marker has ended it.
            if let facts, facts.isTransactional { state.guards.end(producerID: facts.producerID) }
            let appended = PartitionAppend(info, leaderEpoch: state.replica.leaderEpoch)
            guard !info.isDuplicate else { return (appended, []) }
            let didMove = state.replica.appended(to: info.lastOffset + 1)
            let followers = state.endWaiters.advance(to: state.replica.logEnd)
            return (appended, didMove ? followers + state.wakeAdvanced() : followers)
        }
        for alarm in woken { alarm.ring() }
        synchronizeIfBehind()
        return appended
    }

    // MARK: The disk

    /// Sees to it that the log becomes durable, if that is waited for.
    func synchronizeIfBehind() {
        let isBehind = state.withLock { state in
            state.replica.waitsForDisk && !state.isClosed && state.replica.durableEnd < state.replica.logEnd
        }
        if isBehind { synchronizer.request(self) }
    }

    /// Makes the log durable and lets go of all who wait for that, for better or worse. Blocks on the disk.
    func synchronize() {
        let end = state.withLock { $0.replica.logEnd }
        do {
            try log.flush()
            let woken = state.withLock { state in
                state.syncFailure = nil
                _ = state.replica.synchronized(to: log.recoveryPoint)
                return state.wakeAdvanced()
            }
            for alarm in woken { alarm.ring() }
        } catch {
            let woken = state.withLock { state in
                state.syncFailure = (end, error)
                return state.wakeAll()
            }
            for alarm in woken { alarm.ring() }
        }
    }

    /// Why what ends at `offset` did not become durable; nil while that may still happen.
    func syncFailure(upTo offset: Int64) -> StorageError? {
        state.withLock { state in
            guard state.replica.durableEnd < offset else { return nil }
            if let failure = state.syncFailure, offset <= failure.end { return failure.error }
            return state.closing?.storage
        }
    }

    /// Who asks the coordinator about transactions.
    func withGuards<Result>(_ body: (inout TransactionGuards) -> Result) -> Result {
        state.withLock { body(&$0.guards) }
    }

    // MARK: Checks

    static func checkLeader(
        _ state: borrowing State,
        currentEpoch: Int32,
        allowsFollower: Bool = false
    ) throws(PartitionError) {
        if let closing = state.closing { throw closing }
        if let code = state.replica.refusal(currentEpoch: currentEpoch, allowsFollower: allowsFollower) {
            throw PartitionError(code)
        }
    }

    /// Leadership, after checking that this broker leads in the epoch that the client knows; -1 is any.
    ///
    /// - Parameter allowsFollower: a follower will do as well, for consumers (KIP-392).
    func leaderSnapshot(currentEpoch: Int32, allowsFollower: Bool = false) throws(PartitionError) -> Snapshot {
        try state.withLock { state throws(PartitionError) in
            try Self.checkLeader(state, currentEpoch: currentEpoch, allowsFollower: allowsFollower)
            return Snapshot(state)
        }
    }

    /// Where the largest epoch that is not above `epoch` ends (KIP-320); nil when the log cannot tell.
    func endOffset(of epoch: Int32) -> PartitionReplica.EpochEnd? {
        state.withLock { Self.endOffset(of: epoch, $0.replica, log) }
    }

    static func endOffset(
        of epoch: Int32,
        _ replica: borrowing PartitionReplica,
        _ log: PartitionLog
    ) -> PartitionReplica.EpochEnd? {
        replica.epochEnd(of: epoch, latest: log.latestEpoch) { epoch in
            log.endOffset(forLeaderEpoch: epoch).map { .init(epoch: $0.epoch, endOffset: $0.endOffset) }
        }
    }

    /// Whether everything below `offset` is committed, which this broker wrote in `epoch`.
    func isCommitted(_ offset: Int64, since epoch: Int32) -> Bool {
        let now = snapshot
        return now.hasLed(since: epoch) && now.highWatermark >= offset
    }

    // MARK: Waiting

    /// Rings `alarm` once the high watermark is at least `offset`, at once if it is already, and when leadership changes.
    ///
    /// - Parameter reads: for a consumer, who may read from a follower; else nobody waits where nobody leads.
    func ring(
        _ alarm: Alarm,
        whenHighWatermarkReaches offset: Int64,
        reads: Bool = false
    ) -> OffsetWaiters<Alarm>.ID? {
        let id = state.withLock { state -> OffsetWaiters<Alarm>.ID? in
            guard !state.isClosed, state.replica.isLeader || (reads && state.replica.leader >= 0),
                state.replica.highWatermark < offset
            else { return nil }
            return state.highWatermarkWaiters.add(alarm, until: offset)
        }
        if id == nil { alarm.ring() }
        return id
    }

    /// Rings `alarm` once this replica holds everything below `offset`, when it fails to, and when leadership changes.
    func ring(_ alarm: Alarm, whenHeldReaches offset: Int64) -> OffsetWaiters<Alarm>.ID? {
        let id = state.withLock { state -> OffsetWaiters<Alarm>.ID? in
            guard !state.isClosed, state.replica.isLeader, state.replica.heldEnd < offset else { return nil }
            return state.heldWaiters.add(alarm, until: offset)
        }
        if id == nil { alarm.ring() }
        return id
    }

    /// Wakes all who wait, so that they look again.
    func interrupt() {
        for alarm in state.withLock({ $0.wakeAll() }) { alarm.ring() }
    }

    /// The offset below which closed segments have to be made durable, once.
    func takeRolledOffset() -> Int64? { state.withLock { $0.rolledOffset.take() } }

    func forget(_ id: OffsetWaiters<Alarm>.ID) {
        state.withLock { $0.highWatermarkWaiters.remove(id) }
    }

    /// As `forget`, for those who wait for what is held.
    func forgetHeld(_ id: OffsetWaiters<Alarm>.ID) {
        state.withLock { $0.heldWaiters.remove(id) }
    }

    /// Whether enough replicas are in sync, for acks=all after the append.
    var hasEnoughInSync: Bool { state.withLock { $0.replica.hasEnoughInSync } }
}
