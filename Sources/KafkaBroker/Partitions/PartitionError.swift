import KafkaMessages
import KafkaStorage
import KafkaWire

/// Why a partition does not do what it is asked: the code for the client, and words if there is more to say.
struct PartitionError: Error {
    let code: ErrorCode
    let message: String?
    /// Records of a produced batch that are at fault.
    var records: [RejectedBatch.Record] = []
    /// The disk's part in it, for the broker's own log.
    var storage: StorageError?

    init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }

    init(_ error: AppendError) {
        switch error {
        case .outOfOrderSequence: self.init(.outOfOrderSequenceNumber, error.description)
        case .invalidProducerEpoch: self.init(.invalidProducerEpoch, error.description)
        case .transactionCoordinatorFenced: self.init(.transactionCoordinatorFenced, error.description)
        case .invalidTransactionState: self.init(.invalidTxnState, error.description)
        case .recordListTooLarge: self.init(.recordListTooLarge, error.description)
        case .corruptBatch: self.init(.corruptMessage, error.description)
        case .unexpectedOffset: self.init(.unknownServerError, error.description)
        case .storage(let storage): self.init(storage)
        }
    }

    init(_ error: ReadError) {
        switch error {
        case .offsetOutOfRange: self.init(.offsetOutOfRange, error.description)
        case .storage(let storage): self.init(storage)
        }
    }

    init(_ rejected: RejectedBatch) {
        switch rejected.kind {
        case .invalidRecord: self.init(.invalidRecord, rejected.message)
        case .messageTooLarge: self.init(.messageTooLarge, rejected.message)
        case .corruptMessage: self.init(.corruptMessage, rejected.message)
        case .invalidTimestamp: self.init(.invalidTimestamp, rejected.message)
        case .unsupportedCompression: self.init(.unsupportedCompressionType, rejected.message)
        }
        records = rejected.records
    }

    init(_ error: StorageError) {
        self.init(.kafkaStorageError, error.description)
        storage = error
    }
}
