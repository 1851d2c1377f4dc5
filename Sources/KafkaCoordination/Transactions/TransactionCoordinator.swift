/// Tells who waits for markers to send that there are some.
package struct MarkersAreDue: Equatable, Sendable {
    package init() {}
}

/// What the coordinator decides on one input.
package typealias TransactionResult<Answer: Sendable> = CoordinatorResult<Answer, MarkersAreDue>

/// All transactional ids of one partition of `__transaction_state` (`producer.md`, section 6; KIP-98, KIP-360, KIP-890).
///
/// Rules: a decision reads the state and returns records; the state changes only in `replay`, the same way when the log
/// is loaded and directly after an append. Prepare* in the log is the decision: from then on a transaction can only go
/// on to Complete*, however often the coordinator fails. Whoever is not the latest producer of its id is fenced by
/// epoch. While markers are on their way everything else is CONCURRENT_TRANSACTIONS, which clients repeat. There is no
/// clock and no source of producer ids: the time comes in, and who needs an id is asked to come again with one.
///
/// Markers: replaying Prepare* makes them due, on load as well. One driver waits for them (``awaitMarkers(_:nowMs:)``),
/// takes them (``takeMarkers(nowMs:)``) once the decision is committed, sends them, and reports
/// (``markersWritten(_:results:nowMs:)``).
package struct TransactionCoordinator: Sendable {
    package private(set) var transactions: [String: Transaction] = [:]
    package var settings: TransactionSettings
    /// The last epoch that was given out to the holder of the one before (KIP-360), by id. Not in the log: after a
    /// failover a repeated request is fenced, as with Kafka.
    var successions: [String: Succession] = [:]
    var delivery = MarkerDelivery()
    /// Who waits for markers, and whether it has been told.
    var waiter: (token: HeldToken, isTold: Bool)?
    /// How many transactions are open.
    private(set) var openCount = 0
    /// When to look next for transactions whose time is up, and for ids that nobody uses.
    var nextAbortMs: Int64 = 0
    var nextExpiryMs: Int64 = 0

    struct Succession: Equatable {
        var old: TransactionalProducer
        var new: TransactionalProducer
    }

    package init(settings: TransactionSettings = TransactionSettings()) { self.settings = settings }

    // MARK: Log

    /// Takes over one record that is in the log.
    package mutating func replay(_ record: TransactionRecord) {
        let id = record.transactionalID
        if transactions[id]?.state == .ongoing { openCount -= 1 }
        transactions[id] = record.transaction
        if record.transaction == nil { successions[id] = nil }
        if record.transaction?.state == .ongoing { openCount += 1 }
        guard let marker = marker(of: id) else { return delivery.remove(id) }
        delivery.add(marker)
        // The decision told who waits.
        waiter?.isTold = true
    }

    /// Records to write, with the answer. Who waits for markers is told with it when a transaction is decided.
    func result<Answer>(
        _ answer: Answer,
        _ records: [TransactionRecord] = []
    ) -> TransactionResult<Answer> {
        var result = TransactionResult(answer: answer, subject: records.first?.transactionalID)
        // Cannot fail: ids are checked when they come, and topics exist.
        result.records = records.compactMap { try? $0.encoded(transactionVersion: settings.transactionVersion) }
        result.isAtomic = false
        if let waiter, records.contains(where: { $0.transaction?.state.isPrepared == true }) {
            result.replies = [HeldReply(waiter.token, MarkersAreDue())]
        }
        return result
    }

    // MARK: Markers

    /// The markers that a decided transaction still needs; nil if it is in another state.
    package func marker(of id: String) -> TransactionMarker? {
        guard let transaction = transactions[id], transaction.state.isPrepared else { return nil }
        return TransactionMarker(
            transactionalID: id,
            producerID: transaction.producerID,
            epoch: transaction.epoch,
            isCommit: transaction.state == .prepareCommit,
            partitions: transaction.partitions,
            transactionVersion: transaction.clientVersion
        )
    }

    /// Answers once there are markers to send; at once if there are.
    package mutating func awaitMarkers(_ token: HeldToken, nowMs: Int64) -> TransactionResult<Void> {
        let isDue = delivery.nextDeadlineMs.map { $0 <= nowMs } ?? false
        waiter = (token, isDue)
        return TransactionResult(replies: isDue ? [HeldReply(token, MarkersAreDue())] : [])
    }

    /// The markers to send now, and to which partitions.
    package mutating func takeMarkers(
        nowMs: Int64
    ) -> TransactionResult<[(marker: TransactionMarker, partitions: PartitionSet)]> {
        waiter = nil
        return result(delivery.takeDue(nowMs: nowMs))
    }

    /// How a round of sending went.
    package mutating func markersWritten(
        _ marker: TransactionMarker,
        results: [MarkerDelivery.PartitionResult],
        nowMs: Int64
    ) -> TransactionResult<Void> {
        let isComplete = delivery.finished(marker, results: results, nowMs: nowMs)
        return result((), isComplete ? complete(marker, nowMs: nowMs) : [])
    }

    /// Every partition has the marker, or is gone: the transaction is over.
    private func complete(_ marker: TransactionMarker, nowMs: Int64) -> [TransactionRecord] {
        guard let current = transactions[marker.transactionalID], current.state.isPrepared,
            current.producerID == marker.producerID, current.epoch == marker.epoch
        else { return [] }
        var next = current
        next.state = current.state == .prepareCommit ? .completeCommit : .completeAbort
        next.partitions = PartitionSet()
        next.lastUpdateMs = nowMs
        if current.nextProducerID >= 0 {
            next.previousProducerID = current.producerID
            next.producerID = current.nextProducerID
            next.nextProducerID = -1
            next.epoch = 0
        }
        return [TransactionRecord(marker.transactionalID, next)]
    }
}
