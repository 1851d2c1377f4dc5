package import KafkaCompression

/// What a topic demands of the batches that producers send to it.
package struct RecordBatchRules: Equatable, Sendable {
    /// `max.message.bytes`: largest batch as it is sent, the 12 bytes before the length included.
    package var maxMessageBytes = 1_048_588
    /// Whether every record needs a key, as in a compacted topic.
    package var requiresKeys = false
    /// `message.timestamp.type`.
    package var timestampType = TimestampType.createTime
    /// `message.timestamp.before.max.ms`: how far in the past a timestamp may lie.
    package var timestampBeforeMaxMs = Int64.max
    /// `message.timestamp.after.max.ms`: how far in the future a timestamp may lie; the default is Kafka's 4.0, one hour.
    package var timestampAfterMaxMs: Int64 = 3_600_000
    /// `compression.type`: the codec that batches are kept in, `nil` to keep what the producer chose.
    package var codec: CompressionCodec?
    /// `compression.*.level` for ``codec``, `nil` for its default.
    package var compressionLevel: Int?
    /// Most bytes that the records of a compressed batch may become.
    package var decompressionLimit = RecordBatchView.defaultDecompressionLimit
    package var origin = Origin.client

    package init() {}

    /// Who made the batch.
    package enum Origin: Sendable {
        /// A client, through Produce: offsets count from 0, no control batches.
        case client
        /// A coordinator of this broker, which may write control batches.
        case coordinator
    }
}

/// Why a batch was not taken.
package struct RejectedBatch: Error, Equatable, Sendable, CustomStringConvertible {
    /// Stands for a Kafka error code each.
    package enum Kind: Sendable {
        /// INVALID_RECORD
        case invalidRecord
        /// MESSAGE_TOO_LARGE
        case messageTooLarge
        /// CORRUPT_MESSAGE
        case corruptMessage
        /// INVALID_TIMESTAMP
        case invalidTimestamp
        /// UNSUPPORTED_COMPRESSION_TYPE
        case unsupportedCompression
    }

    /// One record that is at fault, for `RecordErrors` of the Produce response (KIP-467).
    package struct Record: Equatable, Sendable {
        /// Place of the record in its batch, from 0.
        package var index: Int32
        package var message: String

        package init(index: Int32, message: String) {
            self.index = index
            self.message = message
        }
    }

    package var kind: Kind
    package var message: String
    /// Empty if the batch as a whole is at fault.
    package var records: [Record]

    package init(_ kind: Kind, _ message: String, records: [Record] = []) {
        self.kind = kind
        self.message = message
        self.records = records
    }

    package var description: String { message }
}

/// What is known of a batch that was found sound.
package struct ValidatedBatch: Equatable, Sendable {
    /// The header of the batch as it is to be appended; base offset and leader epoch are not assigned yet.
    package var header: RecordBatchHeader
    /// Largest timestamp of the records, -1 if they have none.
    package var maxTimestampMs: Int64
    /// Offset of the first record with that timestamp, less the base offset.
    package var maxTimestampOffsetDelta: Int32
    /// When the leader took the batch, if the topic wants that, else -1.
    package var logAppendTimeMs: Int64
}
