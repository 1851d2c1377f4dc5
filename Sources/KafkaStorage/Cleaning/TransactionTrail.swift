/// Follows the transactions of a log while it is read from front to end below its last stable offset; pure.
///
/// All transactions that are met there are decided: those in the transaction index were aborted, the others committed.
/// A marker may go only when nothing of its transaction was met before it.
struct TransactionTrail {
    private struct Aborted {
        let transaction: AbortedTransaction
        var hasBatches = false
    }

    /// Those that were not met yet, the last one first.
    private var waiting: [AbortedTransaction]
    private var aborted: [Int64: Aborted] = [:]
    /// Producers of which a batch was met since their last marker.
    private var committed: Set<Int64> = []

    /// - Parameter transactions: all aborted ones that touch what is read.
    init(aborted transactions: [AbortedTransaction]) {
        waiting = transactions.sorted { $0.firstOffset > $1.firstOffset }
    }

    /// Takes in a batch of records; true if it belongs to an aborted transaction.
    mutating func meets(batchOf producerID: Int64, isTransactional: Bool, lastOffset: Int64) -> Bool {
        advance(to: lastOffset)
        guard isTransactional else { return false }
        if aborted[producerID] != nil {
            aborted[producerID]?.hasBatches = true
            return true
        }
        committed.insert(producerID)
        return false
    }

    /// Takes in a marker. If batches of its transaction were met it must stay, and so must the entry in the transaction
    /// index if it is returned.
    mutating func meets(
        markerOf producerID: Int64,
        isCommit: Bool,
        offset: Int64
    ) -> (mayGo: Bool, entry: AbortedTransaction?) {
        advance(to: offset)
        if isCommit { return (committed.remove(producerID) == nil, nil) }
        guard let found = aborted.removeValue(forKey: producerID), found.hasBatches else { return (true, nil) }
        return (false, found.transaction)
    }

    private mutating func advance(to offset: Int64) {
        while let next = waiting.last, next.firstOffset <= offset {
            waiting.removeLast()
            if aborted[next.producerID] == nil { aborted[next.producerID] = Aborted(transaction: next) }
        }
    }
}
