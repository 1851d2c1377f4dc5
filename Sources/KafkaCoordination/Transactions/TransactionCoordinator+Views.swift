package import KafkaMessages

extension TransactionCoordinator {
    /// Which transactional ids ListTransactions asks for; an empty set asks for all.
    package struct Filter: Equatable, Sendable {
        package var states: Set<TransactionState> = []
        package var producerIDs: Set<Int64> = []
        /// Only transactions that began longer ago than this; negative for all.
        package var longerThanMs: Int64 = -1

        package init() {}
    }

    /// The ids that pass `filter`, sorted.
    package func list(_ filter: Filter, nowMs: Int64) -> [(id: String, transaction: Transaction)] {
        transactions.lazy.filter { _, transaction in
            if !filter.states.isEmpty, !filter.states.contains(transaction.state) { return false }
            if !filter.producerIDs.isEmpty, !filter.producerIDs.contains(transaction.producerID) { return false }
            guard filter.longerThanMs >= 0 else { return true }
            let (age, isBeyondCount) = nowMs.subtractingReportingOverflow(transaction.startMs)
            return isBeyondCount ? nowMs > transaction.startMs : age > filter.longerThanMs
        }
        .map { (id: $0.key, transaction: $0.value) }
        .sorted { $0.id < $1.id }
    }

    /// One id for DescribeTransactions.
    package func describe(_ id: String) -> DescribeTransactionsResponse.TransactionState {
        var view = DescribeTransactionsResponse.TransactionState()
        view.transactionalId = id
        guard !id.isEmpty else {
            view.errorCode = .invalidRequest
            return view
        }
        guard let transaction = transactions[id] else {
            view.errorCode = .transactionalIdNotFound
            return view
        }
        view.producerId = transaction.producerID
        view.producerEpoch = transaction.epoch
        view.transactionState = transaction.state.name
        view.transactionTimeoutMs = transaction.timeoutMs
        view.transactionStartTimeMs = transaction.startMs
        view.topics = transaction.partitions.sorted.map { topic, partitions in
            DescribeTransactionsResponse.TopicData(topic: topic, partitions: partitions)
        }
        return view
    }
}
