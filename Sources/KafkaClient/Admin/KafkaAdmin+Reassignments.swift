import KafkaMessages

extension KafkaAdmin {
    /// Moves partitions to other brokers, or takes back moves that are under way (KIP-455).
    ///
    /// The call returns when the moves have begun; ``listPartitionReassignments(timeout:)`` tells which are not done.
    ///
    /// - Parameters:
    ///   - targets: the brokers of each partition, the preferred leader first; `nil` takes back.
    ///   - allowsReplicationFactorChange: whether there may be more or fewer replicas than before (KIP-860).
    /// - Returns: success, or why not, by partition.
    public func alterPartitionReassignments(
        _ targets: [TopicPartition: [Int32]?],
        allowsReplicationFactorChange: Bool = true,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = AlterPartitionReassignmentsRequest()
        request.timeoutMs = deadline.remaining.milliseconds32
        request.allowReplicationFactorChange = allowsReplicationFactorChange
        request.topics = Dictionary(grouping: targets, by: \.key.topic).sorted { $0.key < $1.key }.map { topic, items in
            let partitions = items.sorted { $0.key < $1.key }.map { item in
                AlterPartitionReassignmentsRequest.ReassignablePartition(
                    partitionIndex: item.key.partition,
                    replicas: item.value
                )
            }
            return AlterPartitionReassignmentsRequest.ReassignableTopic(name: topic, partitions: partitions)
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            try Self.checkController([response.errorCode])
        }
        guard response.errorCode == .none else {
            throw KafkaClientError("No partition is moved", response.errorCode, detail: response.errorMessage)
        }
        var results: [TopicPartition: Result<Void, KafkaClientError>] = [:]
        for topic in response.responses {
            for partition in topic.partitions {
                let name = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                results[name] = Self.result(partition.errorCode, partition.errorMessage, "\(name) is not moved")
            }
        }
        cluster.requestMetadataRefresh()
        return results
    }

    /// Moves replicas of one broker to others of its log directories (KIP-113).
    ///
    /// - Parameter paths: the directory of each partition.
    /// - Returns: success, or why not, by partition.
    public func alterReplicaLogDirs(
        _ paths: [TopicPartition: String],
        of broker: Int32,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = AlterReplicaLogDirsRequest()
        request.dirs = Dictionary(grouping: paths, by: \.value).sorted { $0.key < $1.key }.map { path, items in
            let topics = Dictionary(grouping: items, by: \.key.topic).sorted { $0.key < $1.key }
            return AlterReplicaLogDirsRequest.AlterReplicaLogDir(
                path: path,
                topics: topics.map { topic, items in
                    .init(name: topic, partitions: items.map(\.key.partition).sorted())
                }
            )
        }
        let response = try await cluster.call(request, to: .node(broker), deadline: deadline)
        var results: [TopicPartition: Result<Void, KafkaClientError>] = [:]
        for topic in response.results {
            for partition in topic.partitions {
                let name = TopicPartition(topic: topic.topicName, partition: partition.partitionIndex)
                results[name] = Self.result(partition.errorCode, nil, "\(name) is not moved on broker \(broker)")
            }
        }
        return results
    }
}
