package import KafkaMessages

/// The markers of one partition of `__transaction_state` that are on their way, and to which partitions.
///
/// A marker is sent to each of its partitions until that partition has it or is gone. What could not be done is tried
/// again after a pause that grows; nothing is given up, because a transaction that is decided must end everywhere.
package struct MarkerDelivery: Sendable {
    /// How one partition answered.
    package struct PartitionResult: Equatable, Sendable {
        package var topic: String
        package var partition: Int32
        package var code: ErrorCode

        package init(_ topic: String, _ partition: Int32, _ code: ErrorCode) {
            self.topic = topic
            self.partition = partition
            self.code = code
        }
    }

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
    package mutating func add(_ marker: TransactionMarker) {
        if let known = open[marker.transactionalID], known.marker == marker { return }
        open[marker.transactionalID] = Open(marker: marker, left: marker.partitions, dueMs: .min)
    }

    /// The transaction is in another state: its marker is not needed any more.
    package mutating func remove(_ id: String) { open[id] = nil }

    /// What is to be sent now. The answer to all of it is expected in `finished`.
    package mutating func takeDue(nowMs: Int64) -> [(marker: TransactionMarker, partitions: PartitionSet)] {
        var due: [(marker: TransactionMarker, partitions: PartitionSet)] = []
        for (id, entry) in open where entry.dueMs.map({ $0 <= nowMs }) ?? false {
            open[id]?.dueMs = nil
            due.append((entry.marker, entry.left))
        }
        return due.sorted { $0.marker.transactionalID < $1.marker.transactionalID }
    }

    /// How a round went. True when every partition has the marker, so that the transaction may be completed. The marker
    /// is kept until that is in the log (``remove(_:)``), and comes up again if it cannot be written.
    package mutating func finished(
        _ marker: TransactionMarker,
        results: [PartitionResult],
        nowMs: Int64
    ) -> Bool {
        guard var entry = open[marker.transactionalID], entry.marker == marker else { return false }
        for result in results where Self.isDone(result.code) { entry.left.remove(result.topic, result.partition) }
        entry.dueMs = nowMs + min(Self.longestPauseMs, Self.firstPauseMs << Int64(min(entry.attempts, 10)))
        entry.attempts += 1
        open[marker.transactionalID] = entry
        return entry.left.isEmpty
    }

    private static func isDone(_ code: ErrorCode) -> Bool {
        switch code {
        // With a deleted partition goes what the transaction wrote there. A partition that knows a later epoch of the
        // producer leaves what is open there to the markers of that epoch.
        case .none, .unknownTopicOrPartition, .unknownTopicId, .invalidProducerEpoch: true
        default: false
        }
    }
}
