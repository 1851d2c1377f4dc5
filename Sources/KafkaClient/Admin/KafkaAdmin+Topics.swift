import KafkaMessages
import KafkaTransport

extension KafkaAdmin {
    /// All topics that this client may see, by name.
    public func listTopics(timeout: Duration? = nil) async throws(KafkaClientError) -> [TopicListing] {
        try await allTopicMetadata(timeout: timeout)
            .filter { $0.errorCode == .none }
            .compactMap { topic in
                topic.name.map { TopicListing(name: $0, id: topic.topicId, isInternal: topic.isInternal) }
            }
            .sorted { $0.name < $1.name }
    }

    /// Creates topics.
    ///
    /// - Parameter validateOnly: only checks whether they could be created.
    /// - Returns: what was created, or why not, by name.
    public func createTopics(
        _ topics: [NewTopic],
        validateOnly: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<CreatedTopic, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = CreateTopicsRequest()
        request.timeoutMs = deadline.remaining.milliseconds32
        request.validateOnly = validateOnly
        request.topics = topics.map(CreateTopicsRequest.CreatableTopic.init)
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            try Self.checkController(response.topics.map(\.errorCode))
        }
        var results: [String: Result<CreatedTopic, KafkaClientError>] = [:]
        for topic in response.topics {
            results[topic.name] =
                topic.errorCode == .none
                ? .success(
                    CreatedTopic(
                        id: topic.topicId,
                        partitions: topic.numPartitions >= 0 ? topic.numPartitions : nil,
                        replicationFactor: topic.replicationFactor >= 0 ? topic.replicationFactor : nil
                    )
                )
                : .failure(
                    KafkaClientError(
                        "Topic '\(topic.name)' was not created",
                        topic.errorCode,
                        detail: topic.errorMessage
                    )
                )
        }
        cluster.requestMetadataRefresh()
        return results
    }

    /// Deletes topics with all their records.
    ///
    /// - Returns: success, or why not, by name.
    public func deleteTopics(
        _ names: [String],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        let connection = try await cluster.withRetries(deadline: deadline) {
            [cluster] (_) async throws(KafkaClientError) in
            try await cluster.connection(to: .controller, deadline: deadline)
        }
        var request = DeleteTopicsRequest()
        request.timeoutMs = deadline.remaining.milliseconds32
        if (connection.negotiatedVersion(for: .deleteTopics) ?? 0) >= 6 {
            request.topics = names.map { name in
                var topic = DeleteTopicsRequest.DeleteTopicState()
                topic.name = name
                return topic
            }
        } else {
            request.topicNames = names
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            try Self.checkController(response.responses.map(\.errorCode))
        }
        var results: [String: Result<Void, KafkaClientError>] = [:]
        for topic in response.responses {
            guard let name = topic.name else { continue }
            results[name] = Self.result(topic.errorCode, topic.errorMessage, "Topic '\(name)' was not deleted")
        }
        cluster.requestMetadataRefresh()
        return results
    }

    /// Adds partitions to topics.
    ///
    /// - Returns: success, or why not, by topic name.
    public func createPartitions(
        _ partitions: [String: NewPartitions],
        validateOnly: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = CreatePartitionsRequest()
        request.timeoutMs = deadline.remaining.milliseconds32
        request.validateOnly = validateOnly
        request.topics = partitions.sorted { $0.key < $1.key }.map { name, wanted in
            var topic = CreatePartitionsRequest.CreatePartitionsTopic()
            topic.name = name
            topic.count = wanted.totalCount
            topic.assignments = wanted.assignment?.map { brokers in
                var assignment = CreatePartitionsRequest.CreatePartitionsAssignment()
                assignment.brokerIds = brokers
                return assignment
            }
            return topic
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            try Self.checkController(response.results.map(\.errorCode))
        }
        var results: [String: Result<Void, KafkaClientError>] = [:]
        for topic in response.results {
            results[topic.name] = Self.result(
                topic.errorCode,
                topic.errorMessage,
                "No partitions were added to topic '\(topic.name)'"
            )
        }
        cluster.requestMetadataRefresh()
        return results
    }

    /// Partitions that are moving to other brokers.
    ///
    /// - Throws: ``KafkaClientError/Code/unsupportedByBroker`` when the cluster cannot tell.
    public func listPartitionReassignments(
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: PartitionReassignment] {
        let deadline = deadline(timeout)
        var request = ListPartitionReassignmentsRequest()
        request.timeoutMs = deadline.remaining.milliseconds32
        request.topics = nil
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            guard response.errorCode == .none else {
                throw KafkaClientError(
                    "Reassignments cannot be listed",
                    response.errorCode,
                    detail: response.errorMessage
                )
            }
        }
        var reassignments: [TopicPartition: PartitionReassignment] = [:]
        for topic in response.topics {
            for partition in topic.partitions {
                reassignments[TopicPartition(topic: topic.name, partition: partition.partitionIndex)] =
                    PartitionReassignment(
                        replicas: partition.replicas,
                        addingReplicas: partition.addingReplicas,
                        removingReplicas: partition.removingReplicas
                    )
            }
        }
        return reassignments
    }

    func allTopicMetadata(
        timeout: Duration?
    ) async throws(KafkaClientError) -> [MetadataResponse.MetadataResponseTopic] {
        let deadline = deadline(timeout)
        return try await cluster.withRetries(deadline: deadline) { [cluster] (_) async throws(KafkaClientError) in
            try await cluster.fetchMetadata(topics: nil, allowsTopicCreation: false, deadline: deadline).topics
        }
    }

    /// A request that met a controller which is none any more is sent again.
    static func checkController(_ errors: [ErrorCode]) throws(KafkaClientError) {
        guard !errors.contains(.notController) else {
            throw KafkaClientError("The controller has moved", .notController)
        }
    }

    /// Success or the failure that an answer tells.
    static func result(_ error: ErrorCode, _ detail: String?, _ what: String) -> Result<Void, KafkaClientError> {
        error == .none ? .success(()) : .failure(KafkaClientError(what, error, detail: detail))
    }
}

extension CreateTopicsRequest.CreatableTopic {
    fileprivate init(_ topic: NewTopic) {
        self.init()
        name = topic.name
        numPartitions = topic.assignment == nil ? topic.partitions ?? -1 : -1
        replicationFactor = topic.assignment == nil ? topic.replicationFactor ?? -1 : -1
        assignments = (topic.assignment ?? []).enumerated().map { index, brokers in
            var assignment = CreateTopicsRequest.CreatableReplicaAssignment()
            assignment.partitionIndex = Int32(clamping: index)
            assignment.brokerIds = brokers
            return assignment
        }
        configs = topic.configs.sorted { $0.key < $1.key }.map { name, value in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = name
            config.value = value
            return config
        }
    }
}
