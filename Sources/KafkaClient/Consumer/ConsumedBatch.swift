public import KafkaWire
public import NIOCore

/// A batch of records as it came from the broker, checksum verified, to be walked in place.
///
/// This is the fast way to read: no object is made for a record unless it is asked for.
public struct ConsumedBatch: Sendable {
    /// The partition that the batch belongs to.
    public let partition: TopicPartition
    /// The batch's own bytes and header.
    public let view: RecordBatchView
    /// Where reading stands in this batch: records below, which come since brokers send whole batches, are not wanted.
    public let fromOffset: Int64
    let decompressionLimit: Int
    /// How often the records have been delivered, this time included; `nil` outside of share groups.
    public internal(set) var deliveryCount: Int?

    /// The position after this batch.
    public var nextOffset: Int64 { view.header.nextOffset }

    /// Walks the records in place; the pointers are valid only inside the closure.
    ///
    /// - Parameter body: returns false to stop.
    /// - Throws: ``KafkaClientError/Code/corruptBatch`` when the records cannot be decompressed or read.
    package func forEachRecord(_ body: (RawRecord) -> Bool) throws(KafkaClientError) {
        let fromOffset = fromOffset
        do throws(RecordError) {
            try view.forEachRecord(decompressionLimit: decompressionLimit) { record in
                record.offset < fromOffset || body(record)
            }
        } catch {
            throw .corrupt(partition, at: view.header.baseOffset, error)
        }
    }

    /// The records, decompressed if need be.
    ///
    /// - Throws: ``KafkaClientError/Code/corruptBatch`` when they cannot be decompressed.
    public func records() throws(KafkaClientError) -> Records {
        do throws(RecordError) {
            return Records(batch: self, iterator: try view.records(decompressionLimit: decompressionLimit))
        } catch {
            throw .corrupt(partition, at: view.header.baseOffset, error)
        }
    }

    /// Walks the records of a batch one by one.
    public struct Records: Sendable {
        let batch: ConsumedBatch
        var iterator: RecordIterator

        /// The next record, `nil` after the last.
        ///
        /// - Throws: ``KafkaClientError/Code/corruptBatch`` when the next record cannot be read.
        public mutating func next() throws(KafkaClientError) -> ConsumedRecord? {
            do throws(RecordError) {
                while let record = try iterator.next() {
                    guard record.offset >= batch.fromOffset else { continue }
                    return ConsumedRecord(partition: batch.partition, batch: batch.view.header, record: record)
                }
                return nil
            } catch {
                throw .corrupt(batch.partition, at: batch.view.header.baseOffset, error)
            }
        }
    }
}

/// One record, its key and value being slices of the batch that it came in.
public struct ConsumedRecord: Sendable {
    /// The partition that the record belongs to.
    public var partition: TopicPartition
    /// The record's place in the partition.
    public var offset: Int64
    /// Milliseconds since 1970, -1 for none.
    public var timestampMs: Int64
    /// Who gave the timestamp: the producer or the broker.
    public var timestampType: TimestampType
    /// How often leadership had changed when the record was written, -1 for unknown.
    public var leaderEpoch: Int32
    /// `nil` for a record without key.
    public var key: ByteBuffer?
    /// `nil` for a tombstone.
    public var value: ByteBuffer?
    /// Names and values that travel with the record.
    public var headers: RecordHeaders

    init(partition: TopicPartition, batch: RecordBatchHeader, record: RecordView) {
        self.partition = partition
        offset = record.offset
        timestampMs = record.timestampMs
        timestampType = batch.timestampType
        leaderEpoch = batch.partitionLeaderEpoch
        key = record.key
        value = record.value
        headers = record.headers
    }
}

extension KafkaClientError {
    /// A batch that cannot be read.
    static func corrupt(_ partition: TopicPartition, at offset: Int64, _ error: RecordError) -> KafkaClientError {
        KafkaClientError(
            .corruptBatch,
            "The batch at offset \(offset) of \(partition) cannot be read: \(error). "
                + "It may be damaged on the broker's disk or on the way; seek past it to go on.",
            cause: error
        )
    }
}
