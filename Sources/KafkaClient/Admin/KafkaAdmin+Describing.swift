import KafkaMessages
import KafkaTransport
public import KafkaWire

extension KafkaAdmin {
    /// Describes topics by name, page by page where the broker offers it, so that no answer grows without bound.
    ///
    /// - Parameter partitionsPerPage: how many partitions a broker puts into one answer.
    /// - Returns: the description, or why there is none, by name.
    public func describeTopics(
        _ names: [String],
        partitionsPerPage: Int32 = 2000,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<TopicDescription, KafkaClientError>] {
        let names = Set(names).sorted()
        guard !names.isEmpty else { return [:] }
        let deadline = deadline(timeout)
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.anyConnection(deadline: deadline)
            if connection.negotiatedVersion(for: .describeTopicPartitions) != nil {
                return try await describe(names, pageSize: partitionsPerPage, over: connection, deadline: deadline)
            }
            let response = try await cluster.fetchMetadata(
                topics: names,
                allowsTopicCreation: false,
                deadline: deadline
            )
            var results: [String: Result<TopicDescription, KafkaClientError>] = [:]
            for topic in response.topics {
                guard let name = topic.name else { continue }
                results[name] = Self.description(topic, called: "Topic '\(name)'")
            }
            return results
        }
    }

    /// Describes topics by id.
    ///
    /// - Returns: the description, or why there is none, by id.
    /// - Throws: ``KafkaClientError/Code/unsupportedByBroker`` when the broker does not know ids.
    public func describeTopics(
        ids: [KafkaUUID],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [KafkaUUID: Result<TopicDescription, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = MetadataRequest()
        request.allowAutoTopicCreation = false
        request.topics = ids.map { id in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.topicId = id
            topic.name = nil
            return topic
        }
        let response = try await cluster.withRetries(deadline: deadline) {
            [cluster] (_) async throws(KafkaClientError) in
            let connection = try await cluster.anyConnection(deadline: deadline)
            guard let version = connection.negotiatedVersion(for: .metadata), version >= 12 else {
                throw KafkaClientError(
                    .unsupportedByBroker,
                    "\(connection.peer) is too old to describe topics by id: that needs Kafka 3.1 or newer."
                )
            }
            return try await cluster.exchange(request, over: connection, version: version, deadline: deadline)
        }
        var results: [KafkaUUID: Result<TopicDescription, KafkaClientError>] = [:]
        for topic in response.topics {
            results[topic.topicId] = Self.description(topic, called: "The topic with id \(topic.topicId)")
        }
        return results
    }

    private func describe(
        _ names: [String],
        pageSize: Int32,
        over connection: ClientConnection,
        deadline: Deadline
    ) async throws(KafkaClientError) -> [String: Result<TopicDescription, KafkaClientError>] {
        var results: [String: Result<TopicDescription, KafkaClientError>] = [:]
        var cursor: DescribeTopicPartitionsRequest.Cursor?
        repeat {
            var request = DescribeTopicPartitionsRequest()
            request.responsePartitionLimit = pageSize
            request.cursor = cursor
            request.topics = names.filter { name in cursor.map { name >= $0.topicName } ?? true }.map { name in
                var topic = DescribeTopicPartitionsRequest.TopicRequest()
                topic.name = name
                return topic
            }
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            for topic in response.topics {
                guard let name = topic.name else { continue }
                Self.take(topic, called: name, into: &results)
            }
            let next = response.nextCursor.map { next in
                var cursor = DescribeTopicPartitionsRequest.Cursor()
                cursor.topicName = next.topicName
                cursor.partitionIndex = next.partitionIndex
                return cursor
            }
            // A broker that does not move on would keep us here for ever.
            guard next == nil || next != cursor else {
                throw KafkaClientError(.protocolViolation, "\(connection.peer) repeats a page of topic descriptions.")
            }
            cursor = next
        } while cursor != nil
        return results
    }

    private static func take(
        _ topic: DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic,
        called name: String,
        into results: inout [String: Result<TopicDescription, KafkaClientError>]
    ) {
        guard topic.errorCode == .none else {
            results[name] = .failure(KafkaClientError("Topic '\(name)' cannot be described", topic.errorCode))
            return
        }
        let partitions = topic.partitions.map { partition in
            PartitionDescription(
                metadata: PartitionMetadata(
                    index: partition.partitionIndex,
                    leader: partition.leaderId,
                    leaderEpoch: partition.leaderEpoch,
                    replicas: partition.replicaNodes,
                    inSyncReplicas: partition.isrNodes,
                    offlineReplicas: partition.offlineReplicas,
                    error: partition.errorCode
                ),
                eligibleLeaderReplicas: partition.eligibleLeaderReplicas ?? [],
                lastKnownEligibleReplicas: partition.lastKnownElr ?? []
            )
        }
        var known: [PartitionDescription] = []
        if case .success(let description)? = results[name], description.id == topic.topicId {
            known = description.partitions
        }
        results[name] = .success(
            TopicDescription(
                name: name,
                id: topic.topicId,
                isInternal: topic.isInternal,
                partitions: (known + partitions).sorted { $0.metadata.index < $1.metadata.index }
            )
        )
    }

    private static func description(
        _ topic: MetadataResponse.MetadataResponseTopic,
        called what: String
    ) -> Result<TopicDescription, KafkaClientError> {
        guard topic.errorCode == .none, let name = topic.name else {
            return .failure(KafkaClientError("\(what) cannot be described", topic.errorCode))
        }
        return .success(
            TopicDescription(
                name: name,
                id: topic.topicId,
                isInternal: topic.isInternal,
                partitions: topic.partitions
                    .map { PartitionDescription(metadata: PartitionMetadata($0)) }
                    .sorted { $0.metadata.index < $1.metadata.index }
            )
        )
    }
}
