import KafkaMessages
import KafkaTransport

extension KafkaAdmin {
    /// The offsets that groups have stored.
    ///
    /// - Parameters:
    ///   - partitions: which partitions; `nil` for all that have an offset.
    ///   - requireStable: whether to wait for transactions that are about to change an offset (KIP-447).
    /// - Returns: the offsets by partition, or why they cannot be told, by group. A partition without an offset is left
    ///   out; a group that does not exist has none.
    public func listGroupOffsets(
        _ groups: [String],
        partitions: [TopicPartition]? = nil,
        requireStable: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<[TopicPartition: GroupOffset], KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askCoordinators(of: .group, about: groups, deadline: deadline) {
            [cluster] (node, names) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .node(node.id), deadline: deadline)
            // From version 10 topics are named by ids, which groups may outlive.
            let version = try cluster.mapping { () throws(ConnectionError) in
                try connection.version(of: OffsetFetchRequest.self, atMost: 9)
            }
            guard version >= 8 else {
                return try await fetchEach(names, partitions, requireStable, over: connection, version, deadline)
            }
            var request = OffsetFetchRequest()
            request.requireStable = requireStable
            request.groups = names.map { name in
                var group = OffsetFetchRequest.OffsetFetchRequestGroup(groupId: name)
                group.topics = partitions.map { partitions in
                    grouped(partitions, by: \.topic).map { topic, partitions in
                        var item = OffsetFetchRequest.OffsetFetchRequestTopics(name: topic)
                        item.partitionIndexes = partitions.map(\.partition)
                        return item
                    }
                }
                return group
            }
            let response = try await cluster.exchange(request, over: connection, version: version, deadline: deadline)
            var results: [String: Result<[TopicPartition: GroupOffset], KafkaClientError>] = [:]
            for group in response.groups {
                var offsets = OffsetAnswers(group: group.groupId, error: group.errorCode)
                for topic in group.topics {
                    for partition in topic.partitions {
                        offsets.take(
                            TopicPartition(topic: topic.name, partition: partition.partitionIndex),
                            partition.errorCode,
                            partition.committedOffset,
                            partition.committedLeaderEpoch,
                            partition.metadata
                        )
                    }
                }
                results[group.groupId] = offsets.result
            }
            return results
        }
    }

    /// Before version 8 a request concerns one group.
    private func fetchEach(
        _ names: [String],
        _ partitions: [TopicPartition]?,
        _ requireStable: Bool,
        over connection: ClientConnection,
        _ version: Int16,
        _ deadline: Deadline
    ) async throws(KafkaClientError) -> [String: Result<[TopicPartition: GroupOffset], KafkaClientError>] {
        guard version >= 2 || partitions != nil else {
            throw KafkaClientError(
                .unsupportedByBroker,
                "\(connection.peer) is too old to tell all offsets of a group: that needs Kafka 0.10.2 or newer."
            )
        }
        var results: [String: Result<[TopicPartition: GroupOffset], KafkaClientError>] = [:]
        for name in names {
            var request = OffsetFetchRequest(groupId: name)
            request.requireStable = version >= 7 && requireStable
            request.topics = partitions.map { partitions in
                grouped(partitions, by: \.topic).map { topic, partitions in
                    var item = OffsetFetchRequest.OffsetFetchRequestTopic(name: topic)
                    item.partitionIndexes = partitions.map(\.partition)
                    return item
                }
            }
            let response = try await cluster.exchange(request, over: connection, version: version, deadline: deadline)
            var offsets = OffsetAnswers(group: name, error: response.errorCode)
            for topic in response.topics {
                for partition in topic.partitions {
                    offsets.take(
                        TopicPartition(topic: topic.name, partition: partition.partitionIndex),
                        partition.errorCode,
                        partition.committedOffset,
                        partition.committedLeaderEpoch,
                        partition.metadata
                    )
                }
            }
            results[name] = offsets.result
        }
        return results
    }

    /// Stores offsets for a group that has no members; creates the group if there is none.
    ///
    /// - Returns: success, or why not, by partition: UNKNOWN_MEMBER_ID while the group has members.
    public func alterGroupOffsets(
        _ offsets: [TopicPartition: GroupOffset],
        of group: String,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = OffsetCommitRequest(groupId: group)
        request.topics = grouped(offsets.keys.sorted(), by: \.topic).map { topic, partitions in
            var item = OffsetCommitRequest.OffsetCommitRequestTopic(name: topic)
            item.partitions = partitions.map { partition in
                var entry = OffsetCommitRequest.OffsetCommitRequestPartition(partitionIndex: partition.partition)
                entry.committedOffset = offsets[partition]?.offset ?? 0
                entry.committedLeaderEpoch = offsets[partition]?.leaderEpoch ?? -1
                entry.committedMetadata = offsets[partition]?.metadata
                return entry
            }
            return item
        }
        return try await cluster.withCoordinator(of: .group(group), deadline: deadline) {
            [cluster, request] (node) async throws(KafkaClientError) in
            // From version 10 topics are named by ids.
            let response = try await cluster.send(request, to: .node(node.id), atMost: 9, deadline: deadline)
            var results: [TopicPartition: Result<Void, KafkaClientError>] = [:]
            for topic in response.topics {
                for partition in topic.partitions {
                    let name = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                    results[name] = Self.result(
                        partition.errorCode,
                        nil,
                        "The offset of group '\(group)' for \(name) was not stored"
                    )
                }
            }
            try Self.throwIfCoordinatorFailed(results)
            return results
        }
    }

    /// Deletes offsets of a group, for topics that no live member subscribes to.
    ///
    /// - Returns: success, or why not, by partition: GROUP_SUBSCRIBED_TO_TOPIC while a member reads the topic.
    /// - Throws: why nothing was deleted: GROUP_ID_NOT_FOUND when there is no such group, NON_EMPTY_GROUP when it has
    ///   members that are no consumers.
    public func deleteGroupOffsets(
        _ partitions: [TopicPartition],
        of group: String,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        var request = OffsetDeleteRequest(groupId: group)
        request.topics = grouped(partitions, by: \.topic).map { topic, partitions in
            var item = OffsetDeleteRequest.OffsetDeleteRequestTopic(name: topic)
            item.partitions = partitions.map {
                OffsetDeleteRequest.OffsetDeleteRequestPartition(partitionIndex: $0.partition)
            }
            return item
        }
        let response = try await cluster.call(request, coordinatorOf: .group(group), deadline: deadline) {
            (response) throws(KafkaClientError) in
            guard response.errorCode == .none else {
                throw KafkaClientError("No offset of group '\(group)' was deleted", response.errorCode)
            }
        }
        var results: [TopicPartition: Result<Void, KafkaClientError>] = [:]
        for topic in response.topics {
            for partition in topic.partitions {
                let name = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                results[name] = Self.result(
                    partition.errorCode,
                    nil,
                    "The offset of group '\(group)' for \(name) was not deleted"
                )
            }
        }
        return results
    }

    /// What is wrong with the coordinator is told for each partition; the whole request must be sent again.
    private static func throwIfCoordinatorFailed(
        _ results: [TopicPartition: Result<Void, KafkaClientError>]
    ) throws(KafkaClientError) {
        for case .failure(let error) in results.values
        where error.refreshesCoordinator || error.brokerError == .coordinatorLoadInProgress {
            throw error
        }
    }
}

/// The offsets of one group, gathered from an answer.
private struct OffsetAnswers {
    let group: String
    var offsets: [TopicPartition: GroupOffset] = [:]
    var failure: KafkaClientError?

    init(group: String, error: ErrorCode) {
        self.group = group
        if error != .none {
            failure = KafkaClientError("The offsets of group '\(group)' cannot be told", error)
        }
    }

    mutating func take(
        _ partition: TopicPartition,
        _ error: ErrorCode,
        _ offset: Int64,
        _ epoch: Int32,
        _ metadata: String?
    ) {
        guard error == .none else {
            failure =
                failure ?? KafkaClientError("The offset of group '\(group)' for \(partition) cannot be told", error)
            return
        }
        guard offset >= 0 else { return }
        offsets[partition] = GroupOffset(offset, leaderEpoch: epoch >= 0 ? epoch : nil, metadata: metadata ?? "")
    }

    var result: Result<[TopicPartition: GroupOffset], KafkaClientError> {
        failure.map { .failure($0) } ?? .success(offsets)
    }
}
