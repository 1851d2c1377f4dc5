/// The facts of one appended batch that producer state is made of.
package struct ProducerBatch: Equatable, Sendable {
    /// What the batch does to transactions.
    package enum Content: Equatable, Sendable {
        case data(isTransactional: Bool)
        /// The end of a transaction; the epoch is the transaction coordinator's.
        case endMarker(isCommit: Bool, coordinatorEpoch: Int32)
    }

    package let producerID: Int64
    package let epoch: Int16
    package let firstSequence: Int32
    package let lastSequence: Int32
    package let firstOffset: Int64
    package let lastOffset: Int64
    package let timestamp: Int64
    package let content: Content

    package init(
        producerID: Int64,
        epoch: Int16,
        firstSequence: Int32,
        lastSequence: Int32,
        firstOffset: Int64,
        lastOffset: Int64,
        timestamp: Int64,
        content: Content
    ) {
        self.producerID = producerID
        self.epoch = epoch
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.firstOffset = firstOffset
        self.lastOffset = lastOffset
        self.timestamp = timestamp
        self.content = content
    }
}

/// Sequence numbers run from 0 to `Int32.max` and begin again at 0.
package enum ProducerSequence {
    package static func adding(_ delta: Int32, to sequence: Int32) -> Int32 {
        let sum = Int64(sequence) + Int64(delta)
        return Int32(sum > Int64(Int32.max) ? sum - Int64(Int32.max) - 1 : sum)
    }

    package static func subtracting(_ delta: Int32, from sequence: Int32) -> Int32 {
        let difference = Int64(sequence) - Int64(delta)
        return Int32(difference < 0 ? difference + Int64(Int32.max) + 1 : difference)
    }
}

/// Who writes: decides which rules of producer state are enforced.
package enum AppendOrigin: Equatable, Sendable {
    /// A Produce request: epochs and sequences are checked.
    case client
    /// A group or transaction coordinator: epochs only.
    case coordinator
    /// A replica's copy of the leader's log, or the replay of our own: nothing is checked, state follows.
    case replication
}
