package import KafkaWire

/// What a fetch answer carries for a partition.
package struct FetchedRecords: Sendable {
    /// Whole batches, in offset order.
    package var batches: [RecordBatchView]
    /// Producer id and first offset of aborted transactions; empty unless committed records were asked for.
    package var aborted: [(producerID: Int64, firstOffset: Int64)]

    package init(batches: [RecordBatchView], aborted: [(producerID: Int64, firstOffset: Int64)]) {
        self.batches = batches
        self.aborted = aborted
    }
}

/// Walks the batches of one chunk and leaves out what must not be seen: control batches, batches below the wanted offset
/// and, when only committed records are read, those of aborted transactions.
package struct ChunkReader: Sendable {
    /// What to do next.
    package enum Step {
        /// Hand out this batch; reading then has come to its ``RecordBatchHeader/nextOffset``.
        case batch(RecordBatchView)
        /// Nothing more; reading has come to this offset.
        case end(nextOffset: Int64)
    }

    package let partition: TopicPartition
    package let generation: UInt64
    package let fromOffset: Int64
    private let nextOffset: Int64
    private let batches: [RecordBatchView]
    private var index = 0
    private var filter: AbortedTransactionFilter?

    package init(_ chunk: ConsumerCore<FetchedRecords>.Chunk, isolationLevel: IsolationLevel) {
        partition = chunk.partition
        generation = chunk.generation
        fromOffset = chunk.fromOffset
        nextOffset = chunk.nextOffset
        batches = chunk.payload.batches
        filter = isolationLevel == .readCommitted ? AbortedTransactionFilter(chunk.payload.aborted) : nil
    }

    package mutating func next() -> Step {
        while index < batches.count {
            let batch = batches[index]
            index += 1
            guard delivers(batch), batch.header.nextOffset > fromOffset, batch.header.recordCount != 0 else { continue }
            return .batch(batch)
        }
        return .end(nextOffset: nextOffset)
    }

    private mutating func delivers(_ batch: RecordBatchView) -> Bool {
        guard var filter else { return !batch.header.isControl }
        let header = batch.header
        let kind: AbortedTransactionFilter.Batch.Kind =
            if header.isControl {
                .control(isAbort: batch.isAbortMarker)
            } else {
                header.isTransactional ? .transactional : .plain
            }
        let delivers = filter.delivers(
            .init(producerID: header.producerId, lastOffset: header.lastOffset, kind: kind)
        )
        self.filter = filter
        return delivers
    }
}

extension RecordBatchView {
    /// Whether this is the marker that ends an aborted transaction.
    var isAbortMarker: Bool {
        // A marker that cannot be read ends nothing: its transaction then stays hidden, which is the safe side.
        guard header.isControl, var records = try? records(), let record = try? records.next() else { return false }
        return EndTransactionMarker(record)?.isCommit == false
    }
}
