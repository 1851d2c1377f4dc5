import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import Logging
import NIOCore
import Synchronization

/// The log of the cluster's metadata: a KRaft log with one voter, in Kafka's format (`replication.md`, section 7).
///
/// Each start is a new epoch, written to `quorum-state` first and opened with a LEADER_CHANGE batch. What is appended
/// is committed once it is durable, since nobody else has to agree.
final class MetadataLog: Sendable {
    static let topicPartition = TopicPartition(topic: TopicName.clusterMetadata, partition: 0)
    static let topicID = KafkaUUID.one
    /// A batch is closed when it has grown to this size; a set of records that must take effect together is smaller.
    private static let batchBytes = 4 << 20

    private let log: PartitionLog
    private let directory: LogDirectory
    private let nodeID: Int32
    let epoch: Int32
    private let isDurable: Bool
    private let waiters = Mutex(OffsetWaiters<Alarm>())
    /// The log ended within a metadata transaction when it was replayed.
    private let leftOpenTransaction = Atomic(false)
    private let committedEnd = Atomic<Int64>(0)
    let snapshots: MetadataSnapshots

    /// - Parameter isDurable: whether appends wait for the disk; not for data that go away with the process.
    init(
        directory: LogDirectory,
        nodeID: Int32,
        isDurable: Bool,
        snapshots settings: MetadataSnapshots.Settings,
        clock: any BrokerClock,
        logger: Logger
    ) throws(StorageError) {
        log = try directory.openLog(
            Self.topicPartition,
            topicID: Self.topicID,
            config: LogConfig(keepingEverything: ()),
            nowMs: clock.nowMs
        )
        self.directory = directory
        self.nodeID = nodeID
        self.isDurable = isDurable
        let previous = try directory.readQuorumState(of: Self.topicPartition)?.leaderEpoch ?? 0
        let (next, isBeyondCount) = max(previous, log.latestEpoch ?? 0).addingReportingOverflow(1)
        guard !isBeyondCount else {
            throw StorageError(
                kind: .corrupt,
                operation: "open",
                path: log.directory,
                reason: "its leader epoch is the greatest there can be",
                remedy: "restore the directory from a copy, or start with another one"
            )
        }
        epoch = next
        let state = QuorumState(leaderID: nodeID, leaderEpoch: epoch, votedID: nodeID, currentVoters: [nodeID])
        try directory.writeQuorumState(state, of: Self.topicPartition)
        snapshots = try MetadataSnapshots(
            log: log,
            directory: directory,
            settings: settings,
            clock: clock,
            logger: logger
        )
    }

    var endOffset: Int64 { log.logEndOffset }

    /// The first offset that the log still holds.
    var startOffset: Int64 { log.logStartOffset }

    /// Every record that has taken effect: those of the newest snapshot, if there is one, and those after it.
    func replay(_ body: MetadataReplay.Body) throws(BrokerError) {
        var replay = MetadataReplay(log: log, directory: directory, whole: snapshots.newest)
        try replay.readSnapshot(body)
        try replay.read(before: .max, body)
        snapshots.grew(by: replay.readBytes)
        leftOpenTransaction.store(replay.isInTransaction, ordering: .relaxed)
    }

    /// Opens the epoch.
    func begin(nowMs: Int64) throws(BrokerError) {
        var message = LeaderChangeMessage()
        message.leaderId = nodeID
        var voter = LeaderChangeMessage.Voter()
        voter.voterId = nodeID
        message.voters = [voter]
        message.grantingVoters = [voter]
        do {
            var writer = WireWriter()
            try message.write(to: &writer, version: 0)
            let batch = try RecordBatchBuilder.controlBatch(
                .leaderChange,
                value: try writer.finish().flattened(),
                timestampMs: nowMs
            )
            _ = try log.append(batch, leaderEpoch: epoch, origin: .replication, nowMs: nowMs)
            if leftOpenTransaction.load(ordering: .relaxed) {
                // Else what follows would count as part of it.
                let reason = AbortTransactionRecord(reason: "The controller ended before the transaction did.")
                _ = try append([.abortTransaction(reason)], isLast: true, nowMs: nowMs)
            }
        } catch {
            throw BrokerError(.storage, "cannot write to the metadata log in \(log.directory): \(error)")
        }
    }

    /// Appends records in order; returns the offset of the first. They are durable when the call returns, unless more
    /// follow at once.
    func append(_ records: [MetadataRecord], isLast: Bool, nowMs: Int64) throws(PartitionError) -> Int64 {
        let first = log.logEndOffset
        do {
            var builder = RecordBatchBuilder(maxBytes: Self.batchBytes)
            for record in records {
                let value = try record.encoded()
                if !add(value, to: &builder, nowMs: nowMs) {
                    try flush(&builder, nowMs: nowMs)
                    _ = add(value, to: &builder, nowMs: nowMs)
                }
            }
            try flush(&builder, nowMs: nowMs)
            if isLast {
                if isDurable { try log.flush() }
                committedEnd.store(log.logEndOffset, ordering: .releasing)
            }
        } catch {
            // What is not carried out must not be there when the log is replayed. If cutting fails as well, the log
            // takes nothing more until the next start, which then decides by what it finds.
            _ = try? directory.truncate(log, to: first, nowMs: nowMs)
            switch error {
            case let error as AppendError: throw PartitionError(error)
            case let error as StorageError: throw PartitionError(error)
            default: throw PartitionError(.unknownServerError, "\(error)")
            }
        }
        for alarm in waiters.withLock({ $0.advance(to: committedOffset) }) { alarm.ring() }
        return first
    }

    // MARK: Readers in other processes

    /// Everything below is committed: on the disk, unless the data go away with the process.
    var committedOffset: Int64 { committedEnd.load(ordering: .acquiring) }

    /// Whole batches of committed records from `offset` on; empty at the end.
    func read(from offset: Int64, maxBytes: Int) throws(PartitionError) -> RecordData? {
        do throws(ReadError) {
            return try log.read(from: offset, maxBytes: maxBytes, before: committedOffset, atLeastOneBatch: true)?.data
        } catch {
            throw PartitionError(error)
        }
    }

    /// What a reader has to take instead of the log from `offset` on; nil if it can have that.
    func snapshot(insteadOf offset: Int64) -> MetadataSnapshotName? {
        guard let snapshot = snapshots.newest else { return nil }
        // A new reader has less to read that way.
        return offset < startOffset || offset == 0 ? snapshot : nil
    }

    /// The bytes of a snapshot from `position` on, and its size.
    func readSnapshot(
        _ name: MetadataSnapshotName,
        from position: Int64,
        maxBytes: Int
    ) throws(PartitionError) -> (bytes: ByteBuffer, size: Int64) {
        let found: (bytes: [UInt8], size: Int64)?
        do throws(StorageError) {
            found = try directory.readMetadataSnapshot(
                name,
                of: Self.topicPartition,
                from: position,
                maxBytes: maxBytes
            )
        } catch {
            throw PartitionError(error)
        }
        guard let found else { throw PartitionError(.snapshotNotFound) }
        guard !found.bytes.isEmpty else { throw PartitionError(.positionOutOfRange) }
        return (ByteBuffer(bytes: found.bytes), found.size)
    }

    /// Where the log of a reader that ends at `offset`, with a record of `epoch`, has come apart from this one.
    func divergence(offset: Int64, epoch: Int32) -> (epoch: Int32, endOffset: Int64)? {
        // Whoever has begun with a snapshot has no record of its own yet.
        guard offset > 0, snapshots.newest != MetadataSnapshotName(endOffset: offset, epoch: epoch) else { return nil }
        guard let known = log.endOffset(forLeaderEpoch: epoch) else {
            return offset > log.logEndOffset ? (epoch, log.logEndOffset) : nil
        }
        return known.epoch != epoch || known.endOffset < offset ? known : nil
    }

    /// Wakes `alarm` once there is a committed record at or above `offset`.
    func ring(_ alarm: Alarm, beyond offset: Int64) -> OffsetWaiters<Alarm>.ID {
        let ticket = waiters.withLock { $0.add(alarm, until: offset + 1) }
        if committedOffset > offset { alarm.ring() }
        return ticket
    }

    func forget(_ ticket: OffsetWaiters<Alarm>.ID) { waiters.withLock { $0.remove(ticket) } }

    /// Nobody waits any more.
    func wakeAll() { for alarm in waiters.withLock({ $0.wakeAll() }) { alarm.ring() } }

    private func add(_ value: ByteBuffer, to builder: inout RecordBatchBuilder, nowMs: Int64) -> Bool {
        value.withUnsafeReadableBytes { builder.append(key: nil, value: $0, timestampMs: nowMs) }
    }

    private func flush(_ builder: inout RecordBatchBuilder, nowMs: Int64) throws {
        guard !builder.isEmpty else { return }
        let batch = try builder.finish()
        let size = Int64(batch.readableBytes)
        _ = try log.append(batch, leaderEpoch: epoch, origin: .replication, nowMs: nowMs)
        snapshots.grew(by: size)
    }
}

extension LogConfig {
    /// For a log in which nothing grows old.
    init(keepingEverything: Void) {
        self.init()
        retentionMs = -1
        deletesOldSegments = false
        maxMessageBytes = Int(Int32.max)
    }
}
