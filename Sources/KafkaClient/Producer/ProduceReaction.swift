import KafkaMessages

/// What the answer to a batch asks for, by the error table of the protocol.
enum ProduceReaction: Equatable, Sendable {
    /// It is in the log.
    case delivered
    /// Try again later. `mayBeWritten`: the error does not exclude that the records are in the log.
    case sendAgain(refreshingMetadata: Bool, mayBeWritten: Bool)
    /// Too large as a whole; its records may pass in smaller batches.
    case split
    /// The sequence does not fit what the broker knows (errors 45 and 59).
    case outOfSequence
    /// The broker knows a newer epoch of the producer (error 47).
    case outdated
    /// Nothing helps.
    case fail(mayBeWritten: Bool)

    /// - Parameters:
    ///   - error: the code in the answer for the partition.
    ///   - recordCount: records in the batch; a single one cannot be split.
    ///   - isIdempotent: whether the batch carried a sequence.
    init(_ error: ErrorCode, recordCount: Int32, isIdempotent: Bool) {
        switch error {
        case .none, .duplicateSequenceNumber:
            self = .delivered
        case .messageTooLarge where recordCount > 1, .recordListTooLarge where recordCount > 1:
            self = .split
        case .outOfOrderSequenceNumber where isIdempotent, .unknownProducerId where isIdempotent:
            self = .outOfSequence
        case .invalidProducerEpoch where isIdempotent:
            self = .outdated
        case .requestTimedOut, .notEnoughReplicasAfterAppend, .networkException:
            self = .sendAgain(refreshingMetadata: error.refreshesMetadata, mayBeWritten: true)
        case .unknownServerError:
            self = .fail(mayBeWritten: true)
        default:
            self =
                error.isRetriable
                ? .sendAgain(refreshingMetadata: error.refreshesMetadata, mayBeWritten: false)
                : .fail(mayBeWritten: false)
        }
    }
}
