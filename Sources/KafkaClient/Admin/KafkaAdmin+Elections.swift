import KafkaMessages

/// Which replica becomes the leader (KIP-460).
public enum ElectionType: Int8, Sendable {
    /// The first replica of the partition, if it is in sync.
    case preferred = 0
    /// Any live replica when none in sync is left: records that only others hold are lost.
    case unclean = 1
}

extension KafkaAdmin {
    /// Has leaders elected (KIP-183, KIP-460).
    ///
    /// - Parameters:
    ///   - partitions: which ones; `nil` for all that need it. An unclean election of all needs Kafka 2.4.
    /// - Returns: success, or why not, by partition; ELECTION_NOT_NEEDED when the right replica leads already. With `nil`
    ///   only partitions for which there was something to do.
    /// - Throws: when the controller refuses the whole request.
    public func electLeaders(
        _ type: ElectionType,
        partitions: [TopicPartition]?,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = ElectLeadersRequest()
        request.electionType = type.rawValue
        request.timeoutMs = deadline.remaining.milliseconds32
        request.topicPartitions = partitions.map { partitions in
            Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }.map { topic, partitions in
                ElectLeadersRequest.TopicPartitions(topic: topic, partitions: partitions.map(\.partition).sorted())
            }
        }
        let response = try await cluster.call(request, to: .controller, deadline: deadline) {
            (response) throws(KafkaClientError) in
            try Self.checkController([response.errorCode])
        }
        guard response.errorCode == .none else {
            throw KafkaClientError("No leader was elected", response.errorCode)
        }
        var results: [TopicPartition: Result<Void, KafkaClientError>] = [:]
        for topic in response.replicaElectionResults {
            for partition in topic.partitionResult {
                let name = TopicPartition(topic: topic.topic, partition: partition.partitionId)
                results[name] = Self.result(
                    partition.errorCode,
                    partition.errorMessage,
                    "No leader was elected for \(name)"
                )
            }
        }
        cluster.requestMetadataRefresh()
        return results
    }
}
