/// An idempotent or transactional producer, as a partition's replica remembers it.
public struct ActiveProducer: Hashable, Sendable {
    /// The producer's id.
    public var id: Int64
    /// The producer's epoch.
    public var epoch: Int32
    /// The sequence number of its last record; -1 when there is none.
    public var lastSequence: Int32
    /// The timestamp of its last batch or marker in milliseconds since 1970; -1 when unknown.
    public var lastTimestampMs: Int64
    /// The epoch of the coordinator that wrote its last marker; `nil` when none was written.
    public var coordinatorEpoch: Int32?
    /// Where its open transaction begins; `nil` when none is open.
    public var transactionStartOffset: Int64?

    /// A producer whose facts are known.
    public init(
        id: Int64,
        epoch: Int32,
        lastSequence: Int32,
        lastTimestampMs: Int64,
        coordinatorEpoch: Int32?,
        transactionStartOffset: Int64?
    ) {
        self.id = id
        self.epoch = epoch
        self.lastSequence = lastSequence
        self.lastTimestampMs = lastTimestampMs
        self.coordinatorEpoch = coordinatorEpoch
        self.transactionStartOffset = transactionStartOffset
    }
}
