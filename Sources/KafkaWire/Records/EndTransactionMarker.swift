package import NIOCore

/// The control record that ends a transaction in a partition.
package struct EndTransactionMarker: Equatable, Sendable {
    /// Whether the transaction took effect.
    package var isCommit: Bool
    /// Leader epoch of the coordinator's partition of `__transaction_state`: markers of an older one are refused.
    package var coordinatorEpoch: Int32

    private static let valueVersion: Int16 = 0

    package init(isCommit: Bool, coordinatorEpoch: Int32) {
        self.isCommit = isCommit
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// Reads a control record; `nil` if it is for something else, or no marker that can be read.
    package init?(_ record: RecordView) {
        guard let type = ControlRecordType(key: record.key), type == .commit || type == .abort,
            let value = record.value,
            let version = value.getInteger(at: value.readerIndex, as: Int16.self), version >= 0,
            let epoch = value.getInteger(at: value.readerIndex + 2, as: Int32.self)
        else { return nil }
        self.init(isCommit: type == .commit, coordinatorEpoch: epoch)
    }

    package var type: ControlRecordType { isCommit ? .commit : .abort }

    /// The value of the record.
    package var value: ByteBuffer {
        var value = ByteBuffer()
        value.writeInteger(Self.valueVersion)
        value.writeInteger(coordinatorEpoch)
        return value
    }

    /// The finished batch that holds this marker alone.
    package func batch(
        producerId: Int64,
        producerEpoch: Int16,
        timestampMs: Int64,
        partitionLeaderEpoch: Int32 = -1
    ) throws(RecordError) -> ByteBuffer {
        try RecordBatchBuilder.controlBatch(
            type,
            value: value,
            timestampMs: timestampMs,
            producerId: producerId,
            producerEpoch: producerEpoch,
            isTransactional: true,
            partitionLeaderEpoch: partitionLeaderEpoch
        )
    }
}
