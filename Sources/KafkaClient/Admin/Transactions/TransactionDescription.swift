/// A transactional id and its current or last transaction.
public struct TransactionDescription: Hashable, Sendable {
    /// The producer's `transactional.id`.
    public var id: String
    /// The id of the broker that coordinates it.
    public var coordinatorID: Int32
    /// How far the transaction is.
    public var state: TransactionState
    /// The id of the producer that uses it.
    public var producerID: Int64
    /// The producer's epoch; an older producer with a lower one is fenced.
    public var producerEpoch: Int16
    /// How long a transaction may stay open, in milliseconds.
    public var timeoutMs: Int32
    /// When the current or last transaction began, in milliseconds since 1970; `nil` when there was none.
    public var startMs: Int64?
    /// The partitions of the current transaction, sorted; empty when none is open.
    public var partitions: [TopicPartition]

    /// A transactional id whose facts are known.
    public init(
        id: String,
        coordinatorID: Int32,
        state: TransactionState,
        producerID: Int64,
        producerEpoch: Int16,
        timeoutMs: Int32,
        startMs: Int64?,
        partitions: [TopicPartition]
    ) {
        self.id = id
        self.coordinatorID = coordinatorID
        self.state = state
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.timeoutMs = timeoutMs
        self.startMs = startMs
        self.partitions = partitions
    }
}
