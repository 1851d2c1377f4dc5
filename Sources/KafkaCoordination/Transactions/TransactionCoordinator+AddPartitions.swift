package import KafkaMessages

extension TransactionCoordinator {
    /// Adds partitions to the producer's transaction, and opens one if none is.
    ///
    /// - Parameter clientVersion: 2 when a partition's leader adds on behalf of a client with `transaction.version` 2.
    package func addPartitions(
        _ id: String,
        _ producer: TransactionalProducer,
        _ partitions: PartitionSet,
        clientVersion: Int16,
        nowMs: Int64
    ) -> TransactionResult<ErrorCode> {
        guard !id.isEmpty else { return result(.invalidRequest) }
        guard let current = transactions[id] else { return result(.invalidProducerIdMapping) }
        if current.isNextProducer(producer) { return result(.concurrentTransactions) }
        guard current.producerID == producer.id else { return result(.invalidProducerIdMapping) }
        guard current.epoch == producer.epoch else { return result(.producerFenced) }
        guard !current.state.isPrepared else { return result(.concurrentTransactions) }
        if current.state == .ongoing, partitions.isSubset(of: current.partitions) { return result(.none) }
        var next = current
        next.state = .ongoing
        if current.state != .ongoing {
            next.startMs = nowMs
            next.partitions = PartitionSet()
        }
        next.partitions = next.partitions.union(partitions)
        next.lastUpdateMs = nowMs
        next.clientVersion = clientVersion
        return result(.none, [TransactionRecord(id, next)])
    }

    /// Whether the producer's open transaction holds partitions: nil answers for all, otherwise one code each
    /// (KIP-890 part 1).
    package func verify(
        _ id: String,
        _ producer: TransactionalProducer
    ) -> (code: ErrorCode, partitions: PartitionSet) {
        guard !id.isEmpty else { return (.invalidRequest, PartitionSet()) }
        guard let current = transactions[id], current.producerID == producer.id else {
            return (.invalidProducerIdMapping, PartitionSet())
        }
        guard current.epoch == producer.epoch else { return (.producerFenced, PartitionSet()) }
        guard !current.state.isPrepared else { return (.concurrentTransactions, PartitionSet()) }
        return (.none, current.state == .ongoing ? current.partitions : PartitionSet())
    }
}
