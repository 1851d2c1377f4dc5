/// A state of a transactional id to append to the log; nil forgets the id.
package struct TransactionChange: Equatable, Sendable {
    package var transactionalID: String
    package var transaction: Transaction?
}

/// What the coordinator decides on one input: changes to append and replay together, whose markers must be sent once
/// they are committed, and the answer to give then. Nothing has changed yet.
package struct TransactionResult<Answer: Sendable>: Sendable {
    package var changes: [TransactionChange]
    package var answer: Answer

    package init(_ answer: Answer, changes: [TransactionChange] = []) {
        self.answer = answer
        self.changes = changes
    }

    /// Ids whose end is decided by this: their markers follow (``TransactionCoordinator/marker(of:)``).
    package var prepared: [String] {
        changes.lazy.filter { $0.transaction?.state.isPrepared == true }.map(\.transactionalID)
    }
}

/// All transactional ids of one partition of `__transaction_state` (`producer.md`, section 6; KIP-98, KIP-360, KIP-890).
///
/// Rules: a decision reads the state and returns changes; the state changes only in `replay`, the same way when the log
/// is loaded and directly after an append. Prepare* in the log is the decision: from then on a transaction can only go
/// on to Complete*, however often the coordinator fails. Whoever is not the latest producer of its id is fenced by
/// epoch. While markers are on their way everything else is CONCURRENT_TRANSACTIONS, which clients repeat. There is no
/// clock and no source of producer ids: the time comes in, and who needs an id is asked to come again with one.
package struct TransactionCoordinator: Sendable {
    package private(set) var transactions: [String: Transaction] = [:]
    package var settings: Settings
    /// The last epoch that was given out to the holder of the one before (KIP-360), by id. Not in the log: after a
    /// failover a repeated request is fenced, as with Kafka.
    var successions: [String: Succession] = [:]

    package struct Settings: Equatable, Sendable {
        /// `transaction.max.timeout.ms`.
        package var maxTimeoutMs: Int32 = 900_000
        /// `transactional.id.expiration.ms`.
        package var idExpirationMs: Int64 = 604_800_000
        /// The finalized level of the feature `transaction.version`.
        package var transactionVersion: Int16 = 2

        package init() {}
    }

    /// A producer as its id and epoch name it.
    package struct Producer: Equatable, Sendable {
        package var id: Int64
        package var epoch: Int16

        package init(id: Int64, epoch: Int16) {
            self.id = id
            self.epoch = epoch
        }
    }

    struct Succession: Equatable {
        var old: Producer
        var new: Producer
    }

    package init(settings: Settings = Settings()) { self.settings = settings }

    /// Takes over one change that is in the log.
    package mutating func replay(_ change: TransactionChange) {
        transactions[change.transactionalID] = change.transaction
        if change.transaction == nil { successions[change.transactionalID] = nil }
    }

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

    /// Ids whose markers must be sent (again) by a coordinator that has just loaded its log.
    package var prepared: [String] {
        transactions.lazy.filter { $0.value.state.isPrepared }.map(\.key).sorted()
    }

    // MARK: What follows by itself

    /// Every partition has the marker, or is gone: the transaction is over. Nothing if it was over before.
    package func complete(_ marker: TransactionMarker, nowMs: Int64) -> TransactionResult<Void> {
        guard let current = transactions[marker.transactionalID], current.state.isPrepared,
            current.producerID == marker.producerID, current.epoch == marker.epoch
        else { return TransactionResult(()) }
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
        return TransactionResult(
            (),
            changes: [TransactionChange(transactionalID: marker.transactionalID, transaction: next)]
        )
    }

    /// Ends transactions whose producers have let their time pass, at most `limit` at once; the answer is whether there
    /// are more.
    package func abortTimedOut(nowMs: Int64, limit: Int) -> TransactionResult<Bool> {
        let due = transactions.lazy.filter { $0.value.deadlineMs.map { $0 < nowMs } ?? false }.map(\.key).prefix(
            limit + 1
        )
        let ids = Array(due)
        let changes = ids.prefix(limit).compactMap { id in
            transactions[id].map { TransactionChange(transactionalID: id, transaction: fenced($0, nowMs: nowMs)) }
        }
        return TransactionResult(ids.count > limit, changes: changes)
    }

    /// Forgets ids that nobody has used for `transactional.id.expiration.ms`, at most `limit` at once; the answer is
    /// whether there are more.
    package func removeExpired(nowMs: Int64, limit: Int) -> TransactionResult<Bool> {
        let idle = settings.idExpirationMs
        let due = transactions.lazy.filter { $0.value.expiryMs(after: idle).map { $0 <= nowMs } ?? false }
        let ids = Array(due.map(\.key).prefix(limit + 1))
        let changes = ids.prefix(limit).map { TransactionChange(transactionalID: $0, transaction: nil) }
        return TransactionResult(ids.count > limit, changes: changes)
    }

    /// The end of an open transaction that its producer did not ask for: the epoch rises so that it is fenced.
    func fenced(_ current: Transaction, nowMs: Int64) -> Transaction {
        var next = current
        next.state = .prepareAbort
        // The last usable epoch is below the greatest number.
        next.epoch = current.epoch == .max ? .max : current.epoch + 1
        next.lastUpdateMs = nowMs
        // As of a client without KIP-890 part 2: the fenced producer must not take the epoch for its own next one.
        next.clientVersion = min(current.clientVersion, 1)
        return next
    }
}
