import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire

/// Reads a metadata log from its newest snapshot on: every record in order, once it has taken effect.
struct MetadataReplay {
    /// Gets a record and its offset; records of a snapshot all have that of the last record it stands for.
    typealias Body = (MetadataRecord, Int64) throws(MetadataReplayError) -> Void

    private let log: PartitionLog
    private let directory: LogDirectory
    /// The newest snapshot as somebody has found it to be whole; looked for, and checked, when this is nil.
    private var whole: MetadataSnapshotName?
    private var transaction = MetadataTransaction()
    /// Everything below was read.
    private(set) var nextOffset: Int64 = 0
    /// Of the records that were read behind the snapshot.
    private(set) var readBytes: Int64 = 0

    init(log: PartitionLog, directory: LogDirectory, whole: MetadataSnapshotName? = nil) {
        self.log = log
        self.directory = directory
        self.whole = whole
    }

    /// What was read ends within a metadata transaction.
    var isInTransaction: Bool { transaction.isOpen }

    /// Begins anew with the newest snapshot, or with the log's first record when there is none.
    mutating func readSnapshot(_ body: Body) throws(BrokerError) {
        transaction = MetadataTransaction()
        nextOffset = 0
        readBytes = 0
        do {
            nextOffset = try replaySnapshot(body)
        } catch {
            throw unreadable(error)
        }
    }

    /// Goes on with what the log holds below `limit`.
    mutating func read(before limit: Int64, _ body: Body) throws(BrokerError) {
        do {
            while nextOffset < limit,
                let slice = try log.read(from: nextOffset, maxBytes: 1 << 20, before: limit, atLeastOneBatch: true)
            {
                var batches = RecordBatchSequence(try slice.data.bytes())
                var isEmpty = true
                while let batch = try batches.next() {
                    guard batch.header.nextOffset <= limit else { return }
                    if !batch.header.isControl { try replay(batch, body) }
                    nextOffset = batch.header.nextOffset
                    readBytes += Int64(batch.sizeInBytes)
                    isEmpty = false
                }
                if isEmpty { return }
            }
        } catch {
            throw unreadable(error)
        }
    }

    private func unreadable(_ error: any Error) -> BrokerError {
        BrokerError(
            .metadata,
            "the metadata log in \(log.directory) cannot be read at offset \(nextOffset): \(error). Restore the "
                + "directory from a copy, or start with another one"
        )
    }

    /// Returns where the log goes on.
    private mutating func replaySnapshot(_ body: Body) throws -> Int64 {
        let found =
            try whole
            ?? directory.newestMetadataSnapshot(of: MetadataLog.topicPartition, notBelow: log.logStartOffset)
        whole = nil
        guard let snapshot = found else {
            guard log.logStartOffset == 0 else {
                throw MetadataReplayError(
                    "it starts at offset \(log.logStartOffset), and no whole snapshot is beside it"
                )
            }
            return 0
        }
        var scanner = try directory.scanner(of: snapshot, of: MetadataLog.topicPartition)
        while case .batch(let batch, _) = try scanner.next() {
            guard !batch.header.isControl else { continue }
            try replay(batch) { (record, _) throws(MetadataReplayError) in
                try body(record, snapshot.endOffset - 1)
            }
        }
        if log.logEndOffset < snapshot.endOffset {
            // What the snapshot was made from is gone, and not needed any more.
            try directory.truncateFully(log, startingAt: snapshot.endOffset, nowMs: 0)
        }
        return snapshot.endOffset
    }

    private mutating func replay(_ batch: RecordBatchView, _ body: Body) throws {
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
}
