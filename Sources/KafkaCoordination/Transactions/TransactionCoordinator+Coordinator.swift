package import KafkaMessages

extension TransactionCoordinator: Coordinator {
    /// How many transactions are ended, or ids forgotten, with one write.
    private static let portion = 500

    package var nextDeadlineMs: Int64? {
        let deadlines = [
            waiter.flatMap { $0.isTold ? nil : delivery.nextDeadlineMs },
            openCount > 0 ? nextAbortMs : nil,
            transactions.isEmpty ? nil : nextExpiryMs,
        ]
        return deadlines.compactMap(\.self).min()
    }

    package mutating func replay(_ record: CoordinatorRecord, producerID: Int64?) throws {
        guard let decoded = try TransactionRecord(decoding: record) else { return }
        replay(decoded)
    }

    /// The log of transactions is itself never part of one.
    package mutating func endTransaction(producerID: Int64, isCommit: Bool) {}

    package mutating func loaded(_ image: MetadataImage, nowMs: Int64) -> CoordinatorResult<Void, MarkersAreDue> {
        nextAbortMs = nowMs
        nextExpiryMs = Self.later(nowMs, settings.expiryIntervalMs)
        return metadataChanged(image, removedTopics: [], nowMs: nowMs)
    }

    package mutating func metadataChanged(
        _ image: MetadataImage,
        removedTopics: [RemovedTopic],
        nowMs: Int64
    ) -> CoordinatorResult<Void, MarkersAreDue> {
        settings.transactionVersion = image.features[FeatureCatalog.transactionVersion] ?? 0
        return TransactionResult()
    }

    package mutating func advance(nowMs: Int64) -> CoordinatorResult<Void, MarkersAreDue> {
        if let waiter, !waiter.isTold, let dueMs = delivery.nextDeadlineMs, dueMs <= nowMs {
            self.waiter = (waiter.token, true)
            return TransactionResult(replies: [HeldReply(waiter.token, MarkersAreDue())])
        }
        if openCount > 0, nextAbortMs <= nowMs {
            let ids = timedOut(nowMs: nowMs, limit: Self.portion)
            if ids.count < Self.portion { nextAbortMs = Self.later(nowMs, settings.abortIntervalMs) }
            return result((), ids.map { TransactionRecord($0.id, fenced($0.transaction, nowMs: nowMs)) })
        }
        guard !transactions.isEmpty, nextExpiryMs <= nowMs else { return TransactionResult() }
        let ids = expired(nowMs: nowMs, limit: Self.portion)
        if ids.count < Self.portion { nextExpiryMs = Self.later(nowMs, settings.expiryIntervalMs) }
        return result((), ids.map { TransactionRecord($0, nil) })
    }

    /// The input itself is refused; nothing else waits for a write. What came due by time is tried again.
    package mutating func writeFailed(
        _ subject: String,
        code: ErrorCode,
        nowMs: Int64
    ) -> [HeldReply<MarkersAreDue>] {
        if nextAbortMs <= nowMs { nextAbortMs = Self.later(nowMs, settings.abortIntervalMs) }
        if nextExpiryMs <= nowMs { nextExpiryMs = Self.later(nowMs, settings.expiryIntervalMs) }
        return []
    }

    /// Open transactions whose producers have let their time pass.
    private func timedOut(nowMs: Int64, limit: Int) -> [(id: String, transaction: Transaction)] {
        let due = transactions.lazy.filter { $0.value.deadlineMs.map { $0 < nowMs } ?? false }
        return due.prefix(limit).map { (id: $0.key, transaction: $0.value) }
    }

    /// Ids that nobody has used for `transactional.id.expiration.ms`.
    private func expired(nowMs: Int64, limit: Int) -> [String] {
        let idle = settings.idExpirationMs
        let due = transactions.lazy.filter { $0.value.expiryMs(after: idle).map { $0 <= nowMs } ?? false }
        return due.prefix(limit).map(\.key)
    }

    private static func later(_ nowMs: Int64, _ intervalMs: Int64) -> Int64 {
        let (later, isBeyondCount) = nowMs.addingReportingOverflow(max(1, intervalMs))
        return isBeyondCount ? .max : later
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
