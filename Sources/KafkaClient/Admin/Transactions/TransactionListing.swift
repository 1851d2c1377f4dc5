/// A transactional id in a list.
public struct TransactionListing: Hashable, Sendable {
    /// The producer's `transactional.id`.
    public var id: String
    /// The id of the producer that uses it.
    public var producerID: Int64
    /// How far its transaction is.
    public var state: TransactionState

    /// A transactional id whose facts are known.
    public init(id: String, producerID: Int64, state: TransactionState) {
        self.id = id
        self.producerID = producerID
        self.state = state
    }
}
