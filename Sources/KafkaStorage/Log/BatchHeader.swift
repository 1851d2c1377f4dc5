import KafkaWire
import NIOCore

/// The head of a batch as the log uses it.
typealias BatchHeader = RecordBatchHeader

extension RecordBatchHeader {
    /// The head at the start of `bytes`; nil if it is none, or one that no log can hold: offsets that are negative or
    /// at the end of the 64-bit range.
    static func inLog(_ bytes: UnsafeRawBufferPointer) -> RecordBatchHeader? {
        guard let header = try? RecordBatchHeader(bytes), header.baseOffset >= 0, header.lastOffsetDelta >= 0,
            header.baseOffset <= LogOffset.largest
        else { return nil }
        return header
    }

    /// This head with other offset and epoch, as the leader stamps them.
    func stamped(baseOffset: Int64, leaderEpoch: Int32) -> RecordBatchHeader {
        var header = self
        header.baseOffset = baseOffset
        header.partitionLeaderEpoch = leaderEpoch
        return header
    }
}

extension ProducerBatch {
    /// The facts of `header`, or nil if the batch has no producer, or is a control batch that ends no transaction.
    /// `marker` is what the record of a control batch says.
    init?(_ header: RecordBatchHeader, marker: @autoclosure () -> EndTransactionMarker?) {
        guard header.hasProducerId else { return nil }
        let content: Content
        if header.isControl {
            guard let marker = marker() else { return nil }
            content = .endMarker(isCommit: marker.isCommit, coordinatorEpoch: marker.coordinatorEpoch)
        } else {
            content = .data(isTransactional: header.isTransactional)
        }
        self.init(
            producerID: header.producerId,
            epoch: header.producerEpoch,
            firstSequence: header.baseSequence,
            lastSequence: header.lastSequence,
            firstOffset: header.baseOffset,
            lastOffset: header.lastOffset,
            timestamp: header.maxTimestamp,
            content: content
        )
    }
}

extension EndTransactionMarker {
    /// Nil if the bytes are not a control batch that ends a transaction.
    init?(controlBatch bytes: ByteBuffer) {
        guard let view = try? RecordBatchView(bytes), view.header.isControl, var records = try? view.records(),
            let record = try? records.next()
        else { return nil }
        self.init(record)
    }
}
