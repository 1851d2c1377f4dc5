package import KafkaMessages
import KafkaWire
import NIOCore

/// A batch of one replica's log, reduced to what copies are compared by.
package struct ReplicaBatch: Equatable, Sendable {
    /// The offset of its last record, which compaction keeps.
    package var lastOffset: Int64
    /// Of the bytes as they came (CRC-32C; CRC-32 for messages of Kafka 0.10 and older).
    package var checksum: UInt32
    /// What the batch itself says that its checksum is; another one means that this copy is damaged.
    package var storedChecksum: UInt32

    package init(lastOffset: Int64, checksum: UInt32, storedChecksum: UInt32? = nil) {
        self.lastOffset = lastOffset
        self.checksum = checksum
        self.storedChecksum = storedChecksum ?? checksum
    }
}

/// What one replica answered for a partition.
package struct ReplicaPage: Equatable, Sendable {
    package var error: ErrorCode = .none
    /// -1 when the replica did not tell.
    package var highWatermark: Int64 = -1
    /// -1 when the replica did not tell.
    package var logStartOffset: Int64 = -1
    /// In the order of the log.
    package var batches: [ReplicaBatch] = []
    /// Why the bytes after ``batches`` are no batches; `nil` when nothing is wrong with them.
    package var damage: String?

    package init(
        error: ErrorCode = .none,
        highWatermark: Int64 = -1,
        logStartOffset: Int64 = -1,
        batches: [ReplicaBatch] = [],
        damage: String? = nil
    ) {
        self.error = error
        self.highWatermark = highWatermark
        self.logStartOffset = logStartOffset
        self.batches = batches
        self.damage = damage
    }
}

extension ReplicaPage {
    init(_ data: FetchResponse.PartitionData) {
        self.init(
            error: data.errorCode,
            highWatermark: data.highWatermark,
            logStartOffset: data.logStartOffset
        )
        guard data.errorCode == .none, case .bytes(let records)? = data.records else { return }
        var sequence = RecordBatchSequence(records)
        do throws(RecordError) {
            while let batch = try sequence.next() { batches.append(ReplicaBatch(batch)) }
        } catch {
            damage = "\(error)"
        }
    }
}

extension ReplicaBatch {
    init(_ batch: RecordBatchView) {
        self.init(lastOffset: batch.header.lastOffset, checksum: batch.header.crc)
        do throws(RecordError) {
            try batch.validateChecksum()
        } catch {
            if case .checksumMismatch(_, let computed) = error { checksum = computed }
        }
    }
}
