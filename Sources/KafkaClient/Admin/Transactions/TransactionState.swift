/// How far a transaction is, as its coordinator tells it.
public enum TransactionState: String, Hashable, Sendable, CaseIterable {
    /// A state that this client does not know.
    case unknown = "Unknown"
    /// The transactional id has not begun a transaction.
    case empty = "Empty"
    /// A transaction is open.
    case ongoing = "Ongoing"
    /// Commit markers are being written.
    case prepareCommit = "PrepareCommit"
    /// Abort markers are being written.
    case prepareAbort = "PrepareAbort"
    /// The last transaction was committed.
    case completeCommit = "CompleteCommit"
    /// The last transaction was aborted.
    case completeAbort = "CompleteAbort"
    /// The producer is being fenced, after which its transaction is aborted.
    case prepareEpochFence = "PrepareEpochFence"
    /// The transactional id is being forgotten.
    case dead = "Dead"

    /// The state with this name; ``unknown`` for a name that is not known here.
    public init(name: String) {
        self = TransactionState(rawValue: name) ?? .unknown
    }
}
