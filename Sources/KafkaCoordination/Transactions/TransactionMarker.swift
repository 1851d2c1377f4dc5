/// The end of a transaction that has to be written to its partitions.
package struct TransactionMarker: Equatable, Sendable {
    package var transactionalID: String
    package var producerID: Int64
    package var epoch: Int16
    package var isCommit: Bool
    package var partitions: PartitionSet
    /// `transaction.version` of the client (KIP-1228).
    package var transactionVersion: Int16
}
