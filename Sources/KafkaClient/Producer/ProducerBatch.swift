import KafkaWire
import NIOCore

/// Names a batch through all attempts to send it, and orders the batches of a partition.
struct BatchID: Hashable, Comparable, Sendable {
    /// Counts the batches of a producer in the order of their first records.
    let birth: UInt64
    /// Zero, or the place that the first record had in the batch before that was split.
    let firstRecord: Int32

    static func < (left: BatchID, right: BatchID) -> Bool {
        left.birth == right.birth ? left.firstRecord < right.firstRecord : left.birth < right.birth
    }
}

/// The records of a batch on their way to the broker.
enum BatchContents: Sendable {
    /// As they were laid, neither compressed nor checksummed.
    case laid(RecordBatchBuilder)
    /// A whole batch.
    case sealed(ByteBuffer)
}

/// Somebody who wants to know what became of one record.
struct RecordPromise<Promise: Sendable>: Sendable {
    /// The record's place in its batch.
    var index: Int32
    /// The record's own timestamp, in ms since 1970.
    let timestampMs: Int64
    let promise: Promise
}

/// A batch into which records are being laid.
struct OpenBatch<Promise: Sendable>: Sendable {
    let birth: UInt64
    let createdMs: Int64
    var builder: RecordBatchBuilder
    /// Bytes accounted for in `buffer.memory`.
    var memory: Int
    var promises: [RecordPromise<Promise>] = []
}

/// A batch that takes no more records.
struct ProducerBatch<Promise: Sendable>: Sendable {
    let id: BatchID
    let createdMs: Int64
    let recordCount: Int32
    /// From the first record's timestamp to the latest, in ms since 1970.
    let timestampsMs: ClosedRange<Int64>
    /// Bytes accounted for in `buffer.memory`.
    let memory: Int
    /// Bytes of the batch, before compression unless it is sealed.
    var size: Int
    var promises: [RecordPromise<Promise>]
    /// `nil` while the batch is under way: the sender then holds the bytes.
    var contents: BatchContents?
    /// How often it was sent.
    var attempts = 0
    /// When it may be sent again.
    var retryAtMs: Int64 = 0
    var stamp: SequenceStamp?
    /// Whether an attempt ended without telling that nothing was written.
    var mayBeWritten = false
    /// Why the last attempt failed, for the error when time runs out.
    var lastFailure: KafkaClientError?
    /// Its records were reported as failed while it was under way.
    var isAbandoned = false

    init(closing open: consuming OpenBatch<Promise>) {
        id = BatchID(birth: open.birth, firstRecord: 0)
        createdMs = open.createdMs
        recordCount = open.builder.recordCount
        timestampsMs = open.builder.timestampsMs
        memory = open.memory
        size = open.builder.uncompressedSize
        promises = open.promises
        contents = .laid(open.builder)
    }

    init(
        id: BatchID,
        createdMs: Int64,
        recordCount: Int32,
        memory: Int,
        promises: [RecordPromise<Promise>],
        contents: RecordBatchBuilder
    ) {
        self.id = id
        self.createdMs = createdMs
        self.recordCount = recordCount
        timestampsMs = contents.timestampsMs
        self.memory = memory
        self.size = contents.uncompressedSize
        self.promises = promises
        self.contents = .laid(contents)
    }
}

/// What became of a batch.
struct BatchDelivery<Promise: Sendable>: Sendable {
    let partition: TopicPartition
    let recordCount: Int32
    /// From the first record's timestamp to the latest, in ms since 1970.
    let timestampsMs: ClosedRange<Int64>
    let outcome: Result<WrittenBatch, KafkaClientError>
    let promises: [RecordPromise<Promise>]
}

/// Where a batch stands in its partition's log.
struct WrittenBatch: Equatable, Sendable {
    /// Offset of the first record, -1 when the broker does not tell (acks=0, or a duplicate that it had forgotten).
    var baseOffset: Int64
    /// When the broker appended the batch, -1 if records keep their own timestamps.
    var logAppendTimeMs: Int64
}

extension RecordBatchBuilder {
    /// From the first record's timestamp to the latest.
    fileprivate var timestampsMs: ClosedRange<Int64> { baseTimestampMs...max(baseTimestampMs, maxTimestampMs) }
}
