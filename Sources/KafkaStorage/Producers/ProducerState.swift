/// What a partition remembers of one producer.
package struct ProducerState: Equatable, Sendable {
    /// One of the last batches, to recognise it when it is sent again.
    package struct Batch: Equatable, Sendable {
        package var lastSequence: Int32
        package var lastOffset: Int64
        /// lastOffset - firstOffset, which is also lastSequence - firstSequence.
        package var offsetDelta: Int32
        package var timestamp: Int64

        package var firstOffset: Int64 { lastOffset - Int64(offsetDelta) }
        package var firstSequence: Int32 { ProducerSequence.subtracting(offsetDelta, from: lastSequence) }
    }

    /// How many batches are remembered; a client may have as many in flight.
    package static let window = 5

    package var epoch: Int16
    /// Oldest first, at most ``window``.
    package var batches: [Batch] = []
    /// Epoch of the transaction coordinator that wrote the last marker, -1 for none.
    package var coordinatorEpoch: Int32 = -1
    package var lastTimestamp: Int64
    /// Where the open transaction began; nil when none is open.
    package var transactionFirstOffset: Int64?

    package var lastSequence: Int32 { batches.last?.lastSequence ?? -1 }

    static func remember(_ batch: Batch, in batches: inout [Batch]) {
        if batches.count == window { batches.removeFirst() }
        batches.append(batch)
    }

    func duplicate(firstSequence: Int32, lastSequence: Int32) -> Batch? {
        batches.first { $0.firstSequence == firstSequence && $0.lastSequence == lastSequence }
    }
}

extension ProducerState.Batch {
    init(_ batch: ProducerBatch) {
        self.init(
            lastSequence: batch.lastSequence,
            lastOffset: batch.lastOffset,
            offsetDelta: Int32(truncatingIfNeeded: batch.lastOffset - batch.firstOffset),
            timestamp: batch.timestamp
        )
    }
}
