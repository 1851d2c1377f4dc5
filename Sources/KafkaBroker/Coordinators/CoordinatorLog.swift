import KafkaCompression
import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore

/// A coordinator's partition as it is written and read: records in batches, transactions with their markers.
struct CoordinatorLog: Sendable {
    let partition: Partition
    /// Writes count only while this broker leads in this epoch.
    let leaderEpoch: Int32
    let codec: CompressionCodec

    /// Bytes that are read at once while loading.
    private static let readBytes = 4 << 20
    /// A batch of records that need not stay together.
    private static let looseBatchBytes = 256 << 10

    var isEmpty: Bool { partition.log.logEndOffset == partition.log.logStartOffset }

    /// Whether everything below `offset` is committed.
    func isCommitted(_ offset: Int64) -> Bool { partition.isCommitted(offset, since: leaderEpoch) }

    /// Appends records in order, as one batch or, if they may be apart, as few as fit.
    ///
    /// - Parameter written: called with the records of each batch once it is in the log.
    /// - Returns: the offset after the last record.
    func append(
        _ records: [CoordinatorRecord],
        producer: TransactionalProducer?,
        isAtomic: Bool,
        nowMs: Int64,
        written: (ArraySlice<CoordinatorRecord>) throws(PartitionError) -> Void
    ) throws(PartitionError) -> Int64 {
        guard isAtomic else { return try appendApart(records, producer, nowMs, written) }
        let largest = partition.settings.log.maxMessageBytes
        // The one record of a classic group of ten thousand members is too large, but says much the same of all of them.
        for codec in codec == .none ? [.none, .zstd] : [codec] {
            var builder = RecordBatchBuilder(codec: codec, maxBytes: codec == .none ? largest : largest * 16)
            guard records.allSatisfy({ Self.add($0, to: &builder, nowMs) }) else { continue }
            let batch = try finish(&builder, producer)
            guard batch.readableBytes <= largest else { continue }
            let end = try append(batch, nowMs)
            try written(records[...])
            return end
        }
        throw tooLarge(largest)
    }

    private func appendApart(
        _ records: [CoordinatorRecord],
        _ producer: TransactionalProducer?,
        _ nowMs: Int64,
        _ written: (ArraySlice<CoordinatorRecord>) throws(PartitionError) -> Void
    ) throws(PartitionError) -> Int64 {
        let largest = partition.settings.log.maxMessageBytes
        var builder = RecordBatchBuilder(codec: codec, maxBytes: min(largest, Self.looseBatchBytes))
        var end: Int64 = -1
        var first = records.startIndex
        for (index, record) in records.enumerated() where !Self.add(record, to: &builder, nowMs) {
            guard !builder.isEmpty else { throw tooLarge(largest) }
            end = try append(finish(&builder, producer, atMost: largest), nowMs)
            try written(records[first..<index])
            first = index
            guard Self.add(record, to: &builder, nowMs) else { throw tooLarge(largest) }
        }
        end = try append(finish(&builder, producer, atMost: largest), nowMs)
        try written(records[first...])
        return end
    }

    /// Appends the marker that ends a transaction; returns the offset after it.
    func append(
        _ marker: EndTransactionMarker,
        producer: TransactionalProducer,
        nowMs: Int64
    ) throws(PartitionError) -> Int64 {
        let batch: ByteBuffer
        do {
            batch = try marker.batch(producerId: producer.id, producerEpoch: producer.epoch, timestampMs: nowMs)
        } catch {
            throw PartitionError(.unknownServerError, "\(error)")
        }
        return try append(batch, nowMs)
    }

    private static func add(_ record: CoordinatorRecord, to builder: inout RecordBatchBuilder, _ nowMs: Int64) -> Bool {
        record.key.withUnsafeReadableBytes { key in
            guard let value = record.value else { return builder.append(key: key, value: nil, timestampMs: nowMs) }
            return value.withUnsafeReadableBytes { builder.append(key: key, value: $0, timestampMs: nowMs) }
        }
    }

    private func finish(
        _ builder: inout RecordBatchBuilder,
        _ producer: TransactionalProducer?,
        atMost largest: Int = .max
    ) throws(PartitionError) -> ByteBuffer {
        do {
            let batch = try builder.finish(
                producerId: producer?.id ?? -1,
                producerEpoch: producer?.epoch ?? -1,
                isTransactional: producer != nil
            )
            if batch.readableBytes <= largest { return batch }
        } catch {
            throw PartitionError(.unknownServerError, "\(error)")
        }
        throw tooLarge(largest)
    }

    private func append(_ batch: ByteBuffer, _ nowMs: Int64) throws(PartitionError) -> Int64 {
        try partition.append(batch, origin: .coordinator, needsAll: true, leaderEpoch: leaderEpoch, nowMs: nowMs)
            .lastOffset + 1
    }

    private func tooLarge(_ largest: Int) -> PartitionError {
        PartitionError(.messageTooLarge, "\(partition.topicPartition) takes batches of \(largest) bytes.")
    }

    // MARK: Loading

    /// What loading meets, in order.
    enum Event {
        /// The producer is that of the transaction that the record belongs to.
        case record(CoordinatorRecord, producerID: Int64?)
        case endOfTransaction(producerID: Int64, isCommit: Bool)
    }

    /// Reads the whole log; returns the offset after the last record.
    func read(_ body: (Event) -> Void) throws -> Int64 {
        let log = partition.log
        partition.noteUse()
        var offset = log.logStartOffset
        while let slice = try log.read(from: offset, maxBytes: Self.readBytes, before: .max, atLeastOneBatch: true) {
            var batches = RecordBatchSequence(try slice.data.bytes())
            while let batch = try batches.next() {
                try Self.read(batch, body)
                offset = batch.header.nextOffset
            }
        }
        return max(offset, log.logEndOffset)
    }

    private static func read(_ batch: RecordBatchView, _ body: (Event) -> Void) throws {
        let producerID = batch.header.isTransactional ? batch.header.producerId : nil
        var records = try batch.records()
        while let record = try records.next() {
            if batch.header.isControl {
                guard let marker = EndTransactionMarker(record) else { continue }
                body(.endOfTransaction(producerID: batch.header.producerId, isCommit: marker.isCommit))
            } else if let key = record.key {
                body(.record(CoordinatorRecord(key: key, value: record.value), producerID: producerID))
            }
        }
    }
}
