/// Why a batch was not appended. Nothing of it is in the log.
package enum AppendError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The sequence does not follow the producer's last one (OUT_OF_ORDER_SEQUENCE_NUMBER).
    case outOfOrderSequence(producerID: Int64, expected: Int32, received: Int32)
    /// The producer's epoch is older than the one known here (INVALID_PRODUCER_EPOCH).
    case invalidProducerEpoch(producerID: Int64, current: Int16, received: Int16)
    /// The marker comes from a deposed coordinator (TRANSACTION_COORDINATOR_FENCED).
    case transactionCoordinatorFenced(producerID: Int64, current: Int32)
    /// A batch outside of the transaction that its producer has open (INVALID_TXN_STATE).
    case invalidTransactionState(producerID: Int64)
    /// The batch does not fit into a segment (RECORD_LIST_TOO_LARGE).
    case recordListTooLarge(size: Int, limit: Int64)
    /// The bytes are not whole, valid batches (CORRUPT_MESSAGE).
    case corruptBatch(String)
    /// A replicated batch begins below the end of the log.
    case unexpectedOffset(expected: Int64, received: Int64)
    /// The disk failed (KAFKA_STORAGE_ERROR).
    case storage(StorageError)

    package var description: String {
        switch self {
        case .outOfOrderSequence(let id, let expected, let received):
            "producer \(id) sent sequence \(received) where \(expected) is expected"
        case .invalidProducerEpoch(let id, let current, let received):
            "producer \(id) has epoch \(current), the batch has the older epoch \(received)"
        case .transactionCoordinatorFenced(let id, let current):
            "the marker for producer \(id) is older than coordinator epoch \(current)"
        case .invalidTransactionState(let id):
            "producer \(id) has an open transaction, the batch is not part of it"
        case .recordListTooLarge(let size, let limit):
            "the batch has \(size) bytes, a segment holds \(limit)"
        case .corruptBatch(let reason): reason
        case .unexpectedOffset(let expected, let received):
            "the batch begins at offset \(received), the log ends at \(expected)"
        case .storage(let error): error.description
        }
    }
}

/// Why a range could not be read.
package enum ReadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The offset is below the log start or beyond the log end.
    case offsetOutOfRange(offset: Int64, logStartOffset: Int64, logEndOffset: Int64)
    case storage(StorageError)

    package var description: String {
        switch self {
        case .offsetOutOfRange(let offset, let start, let end):
            "offset \(offset) is outside of the log, which runs from \(start) to \(end)"
        case .storage(let error): error.description
        }
    }
}

/// Where an appended batch stands.
package struct AppendInfo: Equatable, Sendable {
    package let baseOffset: Int64
    package let lastOffset: Int64
    /// The batch's timestamp if the topic uses log append time, otherwise -1.
    package let logAppendTimeMs: Int64
    package let logStartOffset: Int64
    /// The batch had been appended before; the offsets are those of then.
    package let isDuplicate: Bool
    /// The append closed a segment: the caller should have `flush(upTo: baseOffset)` run in the background.
    package let didRoll: Bool
    /// The append began a leader epoch that the log had not seen.
    package let beganEpoch: Bool
}
