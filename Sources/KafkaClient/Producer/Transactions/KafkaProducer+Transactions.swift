import Synchronization

/// Writing in transactions: all records and offsets of one become visible together, or none of them.
///
/// ```swift
/// try await producer.initTransactions()
/// while let batch = try await consumer.nextBatch() {
///     try producer.beginTransaction()
///     do {
///         // … enqueue what comes of the batch
///         try await producer.sendOffsets(consumer.handedOutOffsets, group: consumer.groupMetadata ?? …)
///         try await producer.commitTransaction()
///     } catch {
///         try await producer.abortTransaction()   // then seek back to what is committed
///     }
/// }
/// ```
///
/// Calls are made one after the other. One that times out may be repeated; after ``KafkaClientError/Code/fenced`` the
/// producer can only be closed.
extension KafkaProducer {
    /// Takes over the transactional id: an earlier producer is shut out, and what it left open is aborted. To be called
    /// once, before the first transaction.
    ///
    /// - Parameter timeout: how long to try; `max.block.ms` when `nil`.
    /// - Throws: ``KafkaClientError/Code/invalidArgument`` without ``ProducerConfiguration/transactionalID``, and why it
    ///   failed.
    public func initTransactions(timeout: Duration? = nil) async throws(KafkaClientError) {
        let deadline = Deadline.after(timeout ?? configuration.maxBlock)
        try sender.withTransaction { (transaction) throws(KafkaClientError) in try transaction.beginInitializing() }
        try await sender.initialize(next: false, deadline: deadline)
        try await sender.learnTransactionVersion(deadline: deadline)
        try sender.withTransaction { (transaction) throws(KafkaClientError) in transaction.initialized() }
    }

    /// Begins a transaction; records are taken in one only.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidArgument`` when there is one already or
    ///   ``initTransactions(timeout:)`` is missing; what made the producer fail.
    public func beginTransaction() throws(KafkaClientError) {
        let implicit = sender.addsImplicitly.load(ordering: .relaxed)
        try sender.withTransaction { (transaction) throws(KafkaClientError) in
            try transaction.begin(addsImplicitly: implicit)
        }
    }

    /// Commits a consumer's offsets as part of the transaction. The consumer itself must not commit them
    /// (`enable.auto.commit=false`).
    ///
    /// - Parameters:
    ///   - offsets: the next offsets to read, see ``KafkaConsumer/handedOutOffsets``.
    ///   - group: who the consumer is in its group, see ``KafkaConsumer/groupMetadata``.
    ///   - timeout: how long to try; `max.block.ms` when `nil`.
    /// - Throws: why it failed; the transaction can then only be aborted.
    public func sendOffsets(
        _ offsets: [TopicPartition: OffsetAndMetadata],
        group: GroupMetadata,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) {
        guard !offsets.isEmpty else { return }
        try sender.withTransaction { (transaction) throws(KafkaClientError) in try transaction.addsOffsets() }
        try await sender.commit(offsets, group, deadline: .after(timeout ?? configuration.maxBlock))
    }

    /// Waits until all records of the transaction are written, and makes them visible.
    ///
    /// - Parameter timeout: how long to wait for the coordinator; `max.block.ms` when `nil`.
    /// - Throws: why it failed. After ``KafkaClientError/Code/timedOut`` the outcome is open: call again. After other
    ///   errors abort, unless the producer was shut out.
    public func commitTransaction(timeout: Duration? = nil) async throws(KafkaClientError) {
        try sender.withTransaction { (transaction) throws(KafkaClientError) in try transaction.beginCommitting() }
        await flush()
        try await sender.end(deadline: .after(timeout ?? configuration.maxBlock))
    }

    /// Drops what was not sent, and makes what was invisible to readers of committed records.
    ///
    /// - Parameter timeout: how long to wait for the coordinator; `max.block.ms` when `nil`.
    /// - Throws: why it failed; after ``KafkaClientError/Code/timedOut`` call again.
    public func abortTransaction(timeout: Duration? = nil) async throws(KafkaClientError) {
        try sender.withTransaction { (transaction) throws(KafkaClientError) in try transaction.beginAborting() }
        sender.state.withLock { $0.accumulator.abandonAll(.transactionAborted) }
        await flush()
        try await sender.end(deadline: .after(timeout ?? configuration.maxBlock))
    }

    /// Before the producer closes: an open transaction would keep readers of committed records waiting until it times out.
    func abortWhatIsOpen(within limit: Duration?) async {
        let phase = sender.state.withLock { $0.accumulator.transaction?.phase }
        guard phase == .open || phase == .abortable else { return }
        let patience = min(limit ?? sender.cluster.configuration.request.timeout, configuration.maxBlock)
        // What cannot be aborted now is aborted by the coordinator when its time is up.
        try? await abortTransaction(timeout: patience)
    }
}

extension KafkaClientError {
    static let transactionAborted = KafkaClientError(.transactionAborted, "The record's transaction was aborted.")
}
