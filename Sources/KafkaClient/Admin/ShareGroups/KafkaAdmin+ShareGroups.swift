import KafkaMessages
import KafkaTransport

extension KafkaAdmin {
    /// Makes sure that the cluster offers share groups (KIP-932), as far as any broker can tell.
    ///
    /// - Throws: ``KafkaClientError/Code/unsupportedByBroker`` when it does not.
    public func requireShareGroups(timeout: Duration? = nil) async throws(KafkaClientError) {
        let deadline = deadline(timeout)
        let connection = try await cluster.withRetries(deadline: deadline) {
            [cluster] (_) async throws(KafkaClientError) in
            try await cluster.anyConnection(deadline: deadline)
        }
        try Self.requireShareGroups(connection, .shareGroupDescribe)
    }

    /// Version 0 was a preview of another form, in Kafka 4.0.
    private static func requireShareGroups(
        _ connection: ClientConnection,
        _ api: APIKey,
        since version: Int16 = 1
    ) throws(KafkaClientError) {
        guard (connection.negotiatedVersion(for: api) ?? -1) < version else { return }
        throw .withoutShareGroups("\(connection.peer) knows no request \(api.name).")
    }

    /// Share groups that are switched off make themselves known by this error.
    private static func failure(_ what: String, _ code: ErrorCode, _ detail: String?) -> KafkaClientError {
        let error = KafkaClientError(what, code, detail: detail)
        return code == .unsupportedVersion ? .withoutShareGroups(error.message, error) : error
    }

    /// Describes share groups.
    ///
    /// - Returns: the description, or why there is none, by group; GROUP_ID_NOT_FOUND when there is no such share group.
    public func describeShareGroups(
        _ groups: [String],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<ShareGroupDescription, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askCoordinators(of: .group, about: groups, deadline: deadline) {
            [cluster] (node, names) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .node(node.id), deadline: deadline)
            try Self.requireShareGroups(connection, .shareGroupDescribe)
            let request = ShareGroupDescribeRequest(groupIds: names)
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            return response.groups.reduce(into: [:]) { results, group in
                results[group.groupId] =
                    group.errorCode == .none
                    ? .success(ShareGroupDescription(group, coordinator: node))
                    : .failure(
                        Self.failure(
                            "Share group '\(group.groupId)' cannot be described",
                            group.errorCode,
                            group.errorMessage
                        )
                    )
            }
        }
    }

    /// From where share groups read, by partition.
    ///
    /// - Returns: the offsets of all partitions that the group has begun to read, or why they cannot be told, by group.
    public func listShareGroupOffsets(
        _ groups: [String],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<[TopicPartition: ShareGroupOffset], KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askCoordinators(of: .group, about: groups, deadline: deadline) {
            [cluster] (node, names) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .node(node.id), deadline: deadline)
            try Self.requireShareGroups(connection, .describeShareGroupOffsets, since: 0)
            var request = DescribeShareGroupOffsetsRequest()
            request.groups = names.map { name in
                var group = DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup(groupId: name)
                group.topics = nil
                return group
            }
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            return response.groups.reduce(into: [:]) { results, group in
                results[group.groupId] = Self.offsets(group)
            }
        }
    }

    private static func offsets(
        _ group: DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup
    ) -> Result<[TopicPartition: ShareGroupOffset], KafkaClientError> {
        guard group.errorCode == .none else {
            return .failure(
                failure(
                    "The offsets of share group '\(group.groupId)' cannot be told",
                    group.errorCode,
                    group.errorMessage
                )
            )
        }
        var offsets: [TopicPartition: ShareGroupOffset] = [:]
        for topic in group.topics {
            for item in topic.partitions {
                let partition = TopicPartition(topic: topic.topicName, partition: item.partitionIndex)
                guard item.errorCode == .none else {
                    return .failure(
                        failure(
                            "The offset of share group '\(group.groupId)' for \(partition) cannot be told",
                            item.errorCode,
                            item.errorMessage
                        )
                    )
                }
                offsets[partition] = ShareGroupOffset(
                    start: item.startOffset >= 0 ? item.startOffset : nil,
                    leaderEpoch: item.startOffset >= 0 && item.leaderEpoch >= 0 ? item.leaderEpoch : nil,
                    lag: item.lag >= 0 ? item.lag : nil
                )
            }
        }
        return .success(offsets)
    }

    /// Sets from where a share group without members reads; creates the group if there is none.
    ///
    /// - Returns: success, or why not, by partition.
    /// - Throws: why nothing was changed: NON_EMPTY_GROUP while the group has members.
    public func alterShareGroupOffsets(
        _ offsets: [TopicPartition: Int64],
        of group: String,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Void, KafkaClientError>] {
        typealias Topic = AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic
        typealias Partition = AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition
        var request = AlterShareGroupOffsetsRequest(groupId: group)
        request.topics = grouped(offsets.keys.sorted(), by: \.topic).map { topic, partitions in
            Topic(
                topicName: topic,
                partitions: partitions.map { Partition(partitionIndex: $0.partition, startOffset: offsets[$0] ?? 0) }
            )
        }
        let response = try await cluster.call(request, coordinatorOf: .group(group), deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            guard response.errorCode == .none else {
                throw Self.failure(
                    "No offset of share group '\(group)' was set",
                    response.errorCode,
                    response.errorMessage
                )
            }
        }
        var results: [TopicPartition: Result<Void, KafkaClientError>] = [:]
        for topic in response.responses {
            for item in topic.partitions {
                let partition = TopicPartition(topic: topic.topicName, partition: item.partitionIndex)
                results[partition] = Self.result(
                    item.errorCode,
                    item.errorMessage,
                    "The offset of share group '\(group)' for \(partition) was not set"
                )
            }
        }
        return results
    }

    /// Lets a share group without members forget how far it has read topics.
    ///
    /// - Returns: success, or why not, by topic.
    /// - Throws: why nothing was deleted: GROUP_ID_NOT_FOUND when there is no such group, NON_EMPTY_GROUP while it has
    ///   members.
    public func deleteShareGroupOffsets(
        topics: [String],
        of group: String,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<Void, KafkaClientError>] {
        typealias Topic = DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic
        var request = DeleteShareGroupOffsetsRequest(groupId: group)
        request.topics = Set(topics).sorted().map { Topic(topicName: $0) }
        let response = try await cluster.call(request, coordinatorOf: .group(group), deadline: deadline(timeout)) {
            (response) throws(KafkaClientError) in
            guard response.errorCode == .none else {
                throw Self.failure(
                    "No offset of share group '\(group)' was deleted",
                    response.errorCode,
                    response.errorMessage
                )
            }
        }
        return response.responses.reduce(into: [:]) { results, topic in
            results[topic.topicName] = Self.result(
                topic.errorCode,
                topic.errorMessage,
                "The offsets of share group '\(group)' for topic '\(topic.topicName)' were not deleted"
            )
        }
    }
}

extension ShareGroupDescription {
    init(_ group: ShareGroupDescribeResponse.DescribedGroup, coordinator: Node) {
        self.init(
            id: group.groupId,
            state: GroupStatus(name: group.groupState),
            assignor: group.assignorName,
            coordinator: coordinator,
            members: group.members.map(ShareGroupMember.init),
            groupEpoch: group.groupEpoch,
            assignmentEpoch: group.assignmentEpoch
        )
    }
}

extension ShareGroupMember {
    init(_ member: ShareGroupDescribeResponse.Member) {
        self.init(
            id: member.memberId,
            clientID: member.clientId,
            host: member.clientHost,
            rack: member.rackId,
            epoch: member.memberEpoch,
            subscription: member.subscribedTopicNames,
            assignment: member.assignment.topicPartitions.flatMap { topic in
                topic.partitions.map { TopicPartition(topic: topic.topicName, partition: $0) }
            }.sorted()
        )
    }
}
