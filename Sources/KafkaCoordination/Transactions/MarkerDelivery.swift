package import KafkaMessages

/// The markers of one partition of `__transaction_state` that are on their way, and to which partitions.
///
/// A marker is sent to each of its partitions until that partition has it or is gone. What could not be done is tried
/// again after a pause that grows; nothing is given up, because a transaction that is decided must end everywhere.
package struct MarkerDelivery: Sendable {
    private struct Open {
        var marker: TransactionMarker
        /// Partitions without an answer yet.
        var left: PartitionSet
        var attempts = 0
        /// When to send to those that are left; nil while a round is on its way.
        var dueMs: Int64?
    }

    private static let firstPauseMs: Int64 = 20
    private static let longestPauseMs: Int64 = 1000

    private var open: [String: Open] = [:]

    package init() {}

    package var isEmpty: Bool { open.isEmpty }

    /// When something is due next; nil if nothing waits.
    package var nextDeadlineMs: Int64? { open.values.compactMap(\.dueMs).min() }

    /// Takes up a marker; the same one again changes nothing, a later one of its id takes the place of the earlier.
    package mutating func add(_ marker: TransactionMarker, nowMs: Int64) {
        if let known = open[marker.transactionalID], known.marker == marker { return }
        open[marker.transactionalID] = Open(marker: marker, left: marker.partitions, dueMs: nowMs)
    }

    /// What is to be sent now. The answer to all of it is expected in ``finished(_:results:nowMs:)``.
    package mutating func takeDue(nowMs: Int64) -> [(marker: TransactionMarker, partitions: PartitionSet)] {
        var due: [(marker: TransactionMarker, partitions: PartitionSet)] = []
        for (id, entry) in open where entry.dueMs.map({ $0 <= nowMs }) ?? false {
            open[id]?.dueMs = nil
            due.append((entry.marker, entry.left))
        }
        return due.sorted { $0.marker.transactionalID < $1.marker.transactionalID }
    }

    /// How a round went. True when every partition has the marker, so that the transaction is complete; then it is
    /// forgotten here.
    package mutating func finished(
        _ marker: TransactionMarker,
        results: [(topic: String, partition: Int32, code: ErrorCode)],
        nowMs: Int64
    ) -> Outcome {
        guard var entry = open[marker.transactionalID], entry.marker == marker else { return .waiting }
        for result in results {
            switch Self.verdict(result.code) {
            case .done: entry.left.remove(result.topic, result.partition)
            case .again: break
            case .deposed:
                open[marker.transactionalID] = nil
                return .deposed
            }
        }
        guard !entry.left.isEmpty else {
            open[marker.transactionalID] = nil
            return .complete
        }
        let pause = min(Self.longestPauseMs, Self.firstPauseMs << Int64(min(entry.attempts, 10)))
        entry.attempts += 1
        entry.dueMs = nowMs + pause
        open[marker.transactionalID] = entry
        return .waiting
    }

    package enum Outcome: Equatable, Sendable {
        /// Some partitions are left.
        case waiting
        case complete
        /// A newer coordinator has been at work: this one is over.
        case deposed
    }

    private enum Verdict {
        case done
        case again
        case deposed
    }

    private static func verdict(_ code: ErrorCode) -> Verdict {
        switch code {
        // With a deleted partition goes what the transaction wrote there. A partition that knows a later epoch of the
        // producer leaves what is open there to the markers of that epoch.
        case .none, .unknownTopicOrPartition, .unknownTopicId, .invalidProducerEpoch: .done
        case .transactionCoordinatorFenced: .deposed
        default: .again
        }
    }
}
