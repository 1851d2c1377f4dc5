/// Where a transaction stands; the numbers are those of the transaction log.
package enum TransactionState: Int8, CaseIterable, Sendable {
    /// Nothing was begun since the producer asked for its epoch.
    case empty = 0
    case ongoing = 1
    /// Decided, which is to say that it is in the log; markers are on their way.
    case prepareCommit = 2
    case prepareAbort = 3
    /// Every marker is written.
    case completeCommit = 4
    case completeAbort = 5
    /// The id is being forgotten. Never in the log, where a null value says so.
    case dead = 6
    /// A step in the memory of Kafka's coordinator; never in the log.
    case prepareEpochFence = 7

    /// The name as ListTransactions and DescribeTransactions give it.
    package var name: String {
        switch self {
        case .empty: "Empty"
        case .ongoing: "Ongoing"
        case .prepareCommit: "PrepareCommit"
        case .prepareAbort: "PrepareAbort"
        case .completeCommit: "CompleteCommit"
        case .completeAbort: "CompleteAbort"
        case .dead: "Dead"
        case .prepareEpochFence: "PrepareEpochFence"
        }
    }

    package init?(name: String) {
        guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }

    /// The decision has been made and its markers may not all be written.
    package var isPrepared: Bool { self == .prepareCommit || self == .prepareAbort }

    package var isComplete: Bool { self == .completeCommit || self == .completeAbort }
}
