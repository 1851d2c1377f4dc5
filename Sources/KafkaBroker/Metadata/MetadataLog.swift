import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
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
    /// The log ended within a metadata transaction when it was replayed.
    private let leftOpenTransaction = Atomic(false)

    /// - Parameter isDurable: whether appends wait for the disk; not for data that go away with the process.
    init(directory: LogDirectory, nodeID: Int32, isDurable: Bool, nowMs: Int64) throws(StorageError) {
        log = try directory.openLog(
            Self.topicPartition,
            topicID: Self.topicID,
            config: LogConfig(keepingEverything: ()),
            nowMs: nowMs
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
    }

    var endOffset: Int64 { log.logEndOffset }

    /// Every record that has taken effect: those of the newest snapshot, if there is one, and those after it.
    func replay(_ body: (MetadataRecord, Int64) throws(MetadataReplayError) -> Void) throws(BrokerError) {
        var offset: Int64 = 0
        var transaction = MetadataTransaction()
        do {
            offset = try replaySnapshot(body)
            while let slice = try log.read(from: offset, maxBytes: 1 << 20, before: .max, atLeastOneBatch: true) {
                var batches = RecordBatchSequence(try slice.data.bytes())
                while let batch = try batches.next() {
                    if !batch.header.isControl { try replay(batch, &transaction, body) }
                    offset = batch.header.nextOffset
                }
            }
        } catch {
            throw BrokerError(
                .metadata,
                "the metadata log in \(log.directory) cannot be read at offset \(offset): \(error). Restore the "
                    + "directory from a copy, or start with another one"
            )
        }
        leftOpenTransaction.store(transaction.isOpen, ordering: .relaxed)
    }

    /// Returns where the log goes on.
    private func replaySnapshot(_ body: (MetadataRecord, Int64) throws(MetadataReplayError) -> Void) throws -> Int64 {
        guard let snapshot = try directory.newestMetadataSnapshot(of: Self.topicPartition, notBelow: log.logStartOffset)
        else {
            guard log.logStartOffset == 0 else {
                throw MetadataReplayError(
                    "it starts at offset \(log.logStartOffset), and no whole snapshot is beside it"
                )
            }
            return 0
        }
        var scanner = try directory.scanner(of: snapshot, of: Self.topicPartition)
        var transaction = MetadataTransaction()
        while case .batch(let batch, _) = try scanner.next() {
            guard !batch.header.isControl else { continue }
            try replay(batch, &transaction) { (record, _) throws(MetadataReplayError) in
                try body(record, snapshot.endOffset - 1)
            }
        }
        if log.logEndOffset < snapshot.endOffset {
            // What the snapshot was made from is gone, and not needed any more.
            try directory.truncateFully(log, startingAt: snapshot.endOffset, nowMs: 0)
        }
        return snapshot.endOffset
    }

    private func replay(
        _ batch: RecordBatchView,
        _ transaction: inout MetadataTransaction,
        _ body: (MetadataRecord, Int64) throws(MetadataReplayError) -> Void
    ) throws {
        var records = try batch.records()
        while let record = try records.next() {
            guard let value = record.value else { continue }
            let decoded: MetadataRecord
            do throws(WireError) {
                decoded = try MetadataRecord(decoding: value)
            } catch WireError.unknownRecordType {
                // About something that does not exist here; written by a newer release of Kafka.
                continue
            }
            for (effective, offset) in transaction.take(decoded, at: record.offset) { try body(effective, offset) }
        }
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
            if isDurable, isLast { try log.flush() }
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
        return first
    }

    private func add(_ value: ByteBuffer, to builder: inout RecordBatchBuilder, nowMs: Int64) -> Bool {
        value.withUnsafeReadableBytes { builder.append(key: nil, value: $0, timestampMs: nowMs) }
    }

    private func flush(_ builder: inout RecordBatchBuilder, nowMs: Int64) throws {
        guard !builder.isEmpty else { return }
        _ = try log.append(try builder.finish(), leaderEpoch: epoch, origin: .replication, nowMs: nowMs)
    }
}

extension LogConfig {
    /// For a log in which nothing grows old.
    fileprivate init(keepingEverything: Void) {
        self.init()
        retentionMs = -1
        deletesOldSegments = false
        maxMessageBytes = Int(Int32.max)
    }
}
