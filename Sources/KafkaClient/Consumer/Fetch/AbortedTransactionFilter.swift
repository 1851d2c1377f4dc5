/// Leaves out the records of aborted transactions when only committed ones shall be read.
///
/// A broker that is asked for committed records sends everything below the last stable offset, and beside it a list of
/// aborted transactions: producer id and first offset. Such a transaction ends at the abort marker of its producer. The
/// list may name more than the answer holds; one filter serves one partition's part of one answer.
package struct AbortedTransactionFilter: Sendable {
    /// What the filter needs to know about a batch.
    package struct Batch: Equatable, Sendable {
        package enum Kind: Equatable, Sendable {
            case plain
            case transactional
            /// A marker or another control batch; `isAbort` for the marker that ends an aborted transaction.
            case control(isAbort: Bool)
        }

        /// -1 when the batch has no producer id.
        package var producerID: Int64
        package var lastOffset: Int64
        package var kind: Kind

        package init(producerID: Int64, lastOffset: Int64, kind: Kind) {
            self.producerID = producerID
            self.lastOffset = lastOffset
            self.kind = kind
        }
    }

    private struct Entry: Sendable {
        var producerID: Int64
        var firstOffset: Int64
    }

    /// Latest first, so that the next one is taken from the end.
    private var waiting: [Entry]
    private var aborted: Set<Int64> = []

    /// - Parameter transactions: producer id and first offset of aborted transactions, in any order.
    package init(_ transactions: [(producerID: Int64, firstOffset: Int64)]) {
        waiting =
            transactions
            .map { Entry(producerID: $0.producerID, firstOffset: $0.firstOffset) }
            .sorted { $0.firstOffset > $1.firstOffset }
    }

    /// Whether the records of the next batch, in offset order, are to be delivered.
    package mutating func delivers(_ batch: Batch) -> Bool {
        if batch.producerID >= 0 {
            while let next = waiting.last, next.firstOffset <= batch.lastOffset {
                aborted.insert(next.producerID)
                waiting.removeLast()
            }
        }
        switch batch.kind {
        case .plain:
            return true
        case .transactional:
            return !aborted.contains(batch.producerID)
        case .control(let isAbort):
            if isAbort {
                aborted.remove(batch.producerID)
            }
            return false
        }
    }
}
