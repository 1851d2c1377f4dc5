import KafkaMessages
import KafkaTransport

extension KafkaAdmin {
    /// The transactional ids of the cluster: every broker lists those that it coordinates (KIP-664, Kafka 3.0).
    ///
    /// - Parameters:
    ///   - states: only ids in these states; empty for all.
    ///   - producerIDs: only ids that these producers use; empty for all.
    ///   - longerThan: only transactions that have been open for longer; `nil` for all. Needs Kafka 3.8 (KIP-994).
    ///   - pattern: only ids that match this regular expression of RE2; `nil` for all. Needs Kafka 4.1 (KIP-1152).
    /// - Returns: its ids, or why they cannot be told, by broker.
    /// - Throws: when no broker could be asked which brokers there are.
    public func listTransactions(
        states: Set<TransactionState> = [],
        producerIDs: Set<Int64> = [],
        longerThan duration: Duration? = nil,
        pattern: String? = nil,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [Node: Result<[TransactionListing], KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = ListTransactionsRequest()
        request.stateFilters = states.map(\.rawValue).sorted()
        request.producerIdFilters = producerIDs.sorted()
        request.durationFilter = duration?.milliseconds ?? -1
        request.transactionalIdPattern = pattern
        let wanted = request
        return try await askBrokers(nil, deadline: deadline) { [cluster] (node) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: node.id, deadline: deadline)
            let version = try cluster.mapping { () throws(ConnectionError) in
                try connection.version(of: ListTransactionsRequest.self)
            }
            guard version >= 1 || wanted.durationFilter < 0 else {
                throw Self.cannotFilter("duration", connection.peer)
            }
            guard version >= 2 || wanted.transactionalIdPattern == nil else {
                throw Self.cannotFilter("pattern", connection.peer)
            }
            let response = try await cluster.exchange(wanted, over: connection, version: version, deadline: deadline)
            guard response.errorCode == .none else {
                throw KafkaClientError("Transactions of broker \(node.id) cannot be listed", response.errorCode)
            }
            return response.transactionStates.map { item in
                TransactionListing(
                    id: item.transactionalId,
                    producerID: item.producerId,
                    state: TransactionState(name: item.transactionState)
                )
            }
        }
    }

    private static func cannotFilter(_ what: String, _ peer: PeerAddress) -> KafkaClientError {
        KafkaClientError(.unsupportedByBroker, "\(peer) is too old to choose transactions by \(what).")
    }

    /// Describes transactional ids (KIP-664, Kafka 3.0).
    ///
    /// - Returns: the description, or why there is none, by id; TRANSACTIONAL_ID_NOT_FOUND when there is no such id.
    public func describeTransactions(
        _ ids: [String],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<TransactionDescription, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askCoordinators(of: .transaction, about: ids, deadline: deadline) {
            [cluster] (node, names) async throws(KafkaClientError) in
            let request = DescribeTransactionsRequest(transactionalIds: names)
            let response = try await cluster.send(request, to: .node(node.id), deadline: deadline)
            return response.transactionStates.reduce(into: [:]) { results, item in
                results[item.transactionalId] = TransactionDescription.result(item, coordinator: node.id)
            }
        }
    }

    /// The producers that replicas remember of partitions, with their open transactions (KIP-664, Kafka 3.0).
    ///
    /// - Parameter broker: the replica to ask; `nil` for the leaders.
    /// - Returns: the producers, or why they cannot be told, by partition.
    public func describeProducers(
        _ partitions: [TopicPartition],
        broker: Int32? = nil,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<[ActiveProducer], KafkaClientError>] {
        let deadline = deadline(timeout)
        guard let broker else {
            return try await askLeaders(about: partitions, deadline: deadline) {
                (node, partitions) async throws(KafkaClientError) in
                try await producers(of: partitions, from: node, deadline: deadline)
            }
        }
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            try await producers(of: partitions, from: broker, deadline: deadline)
        }
    }

    private func producers(
        of partitions: [TopicPartition],
        from node: Int32,
        deadline: Deadline
    ) async throws(KafkaClientError) -> [TopicPartition: Result<[ActiveProducer], KafkaClientError>] {
        var request = DescribeProducersRequest()
        request.topics = grouped(partitions, by: \.topic).map { name, partitions in
            DescribeProducersRequest.TopicRequest(name: name, partitionIndexes: partitions.map(\.partition))
        }
        let response = try await cluster.send(request, to: .node(node), deadline: deadline)
        var results: [TopicPartition: Result<[ActiveProducer], KafkaClientError>] = [:]
        for topic in response.topics {
            for item in topic.partitions {
                let partition = TopicPartition(topic: topic.name, partition: item.partitionIndex)
                results[partition] =
                    item.errorCode == .none
                    ? .success(item.activeProducers.map(ActiveProducer.init))
                    : .failure(
                        KafkaClientError(
                            "The producers of \(partition) cannot be told",
                            item.errorCode,
                            detail: item.errorMessage
                        )
                    )
            }
        }
        return results
    }

    /// Writes an abort marker into a partition in which a transaction hangs that no coordinator knows any more.
    ///
    /// Never for a transaction that its coordinator still knows: that one would be aborted in one partition only.
    public func abortTransaction(_ target: AbortTarget, timeout: Duration? = nil) async throws(KafkaClientError) {
        let deadline = deadline(timeout)
        let results: [TopicPartition: Result<Void, KafkaClientError>] = try await askLeaders(
            about: [target.partition],
            deadline: deadline
        ) { [cluster] (node, _) async throws(KafkaClientError) in
            var topic = WriteTxnMarkersRequest.WritableTxnMarkerTopic(name: target.partition.topic)
            topic.partitionIndexes = [target.partition.partition]
            var marker = WriteTxnMarkersRequest.WritableTxnMarker()
            marker.producerId = target.producerID
            marker.producerEpoch = target.producerEpoch
            marker.transactionResult = false
            marker.coordinatorEpoch = target.coordinatorEpoch
            marker.topics = [topic]
            // Version 2 only adds which version of transactions the marker belongs to, which is not known here.
            let request = WriteTxnMarkersRequest(markers: [marker])
            let response = try await cluster.send(request, to: .node(node), atMost: 1, deadline: deadline)
            var results: [TopicPartition: Result<Void, KafkaClientError>] = [:]
            for topic in response.markers.flatMap(\.topics) {
                for item in topic.partitions {
                    let partition = TopicPartition(topic: topic.name, partition: item.partitionIndex)
                    results[partition] = Self.result(
                        item.errorCode,
                        nil,
                        "The transaction of producer \(target.producerID) in \(partition) was not aborted"
                    )
                }
            }
            return results
        }
        try results[target.partition]?.get()
    }

    /// Ends whatever transaction a transactional id has open and fences its producer: one that comes back fails.
    ///
    /// - Returns: success, or why not, by id.
    public func fenceProducers(
        _ ids: [String],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askCoordinators(of: .transaction, about: ids, deadline: deadline) {
            [cluster] (node, names) async throws(KafkaClientError) in
            var results: [String: Result<Void, KafkaClientError>] = [:]
            for name in names {
                var request = InitProducerIdRequest(transactionalId: name)
                // The shortest timeout that a coordinator takes: nobody will use this producer.
                request.transactionTimeoutMs = 1
                let response = try await cluster.send(request, to: .node(node.id), deadline: deadline)
                results[name] = Self.result(
                    response.errorCode,
                    nil,
                    "The producer of transactional id '\(name)' was not fenced"
                )
            }
            return results
        }
    }
}

extension ActiveProducer {
    fileprivate init(_ state: DescribeProducersResponse.ProducerState) {
        self.init(
            id: state.producerId,
            epoch: state.producerEpoch,
            lastSequence: state.lastSequence,
            lastTimestampMs: state.lastTimestamp,
            coordinatorEpoch: state.coordinatorEpoch >= 0 ? state.coordinatorEpoch : nil,
            transactionStartOffset: state.currentTxnStartOffset >= 0 ? state.currentTxnStartOffset : nil
        )
    }
}

extension TransactionDescription {
    fileprivate static func result(
        _ item: DescribeTransactionsResponse.TransactionState,
        coordinator: Int32
    ) -> Result<TransactionDescription, KafkaClientError> {
        guard item.errorCode == .none else {
            return .failure(
                KafkaClientError("Transactional id '\(item.transactionalId)' cannot be described", item.errorCode)
            )
        }
        return .success(
            TransactionDescription(
                id: item.transactionalId,
                coordinatorID: coordinator,
                state: TransactionState(name: item.transactionState),
                producerID: item.producerId,
                producerEpoch: item.producerEpoch,
                timeoutMs: item.transactionTimeoutMs,
                startMs: item.transactionStartTimeMs >= 0 ? item.transactionStartTimeMs : nil,
                partitions: item.topics.flatMap { topic in
                    topic.partitions.map { TopicPartition(topic: topic.topic, partition: $0) }
                }.sorted()
            )
        )
    }
}
