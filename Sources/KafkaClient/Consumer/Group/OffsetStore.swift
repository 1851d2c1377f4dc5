import KafkaMessages
import KafkaTransport

/// The offsets of one group at its coordinator: commits and fetches them, once for each call.
struct OffsetStore: Sendable {
    let cluster: KafkaCluster
    let finder: CoordinatorFinder
    let groupID: String

    /// From version 10 on topics go by id, which a client that knows topics by name has no use for.
    private static let highestVersion: Int16 = 9

    // MARK: Committing

    /// Commits offsets under an identity.
    ///
    /// - Throws: ``KafkaClientError/Code/commitFailed``, ``KafkaClientError/Code/rebalanceInProgress``,
    ///   ``KafkaClientError/Code/fenced``, or the coordinator's error, which may be one that passes.
    func commit(
        _ offsets: [TopicPartition: OffsetAndMetadata],
        identity: MemberIdentity,
        deadline: Deadline
    ) async throws(KafkaClientError) {
        let sorted = offsets.sorted { $0.key < $1.key }
        let request = OffsetCommitRequest(
            groupId: groupID,
            generationIdOrMemberEpoch: identity.generation,
            memberId: identity.memberID,
            groupInstanceId: identity.instanceID,
            topics: grouped(sorted, by: \.key.topic).map { topic, entries in
                OffsetCommitRequest.OffsetCommitRequestTopic(
                    name: topic,
                    partitions: entries.map { partition, offset in
                        OffsetCommitRequest.OffsetCommitRequestPartition(
                            partitionIndex: partition.partition,
                            committedOffset: offset.offset,
                            committedLeaderEpoch: offset.leaderEpoch ?? -1,
                            committedMetadata: offset.metadata
                        )
                    }
                )
            }
        )
        let response = try await finder.send(
            request,
            atMost: Self.highestVersion,
            deadline: deadline,
            adapt: GroupRequests.adapt(_:version:)
        )
        for topic in response.topics {
            for partition in topic.partitions where partition.errorCode != .none {
                finder.note(partition.errorCode)
                throw refusal(
                    partition.errorCode,
                    TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                )
            }
        }
    }

    private func refusal(_ code: ErrorCode, _ partition: TopicPartition) -> KafkaClientError {
        switch code {
        case .unknownMemberId, .illegalGeneration, .fencedMemberEpoch:
            KafkaClientError(
                .commitFailed,
                "Offsets were not committed: group '\(groupID)' has gone on without this consumer (\(code.name)), and its "
                    + "partitions may have other readers. Ask for records more often, or raise max.poll.interval.ms.",
                brokerError: code
            )
        case .fencedInstanceId:
            KafkaClientError(
                .fenced,
                "Offsets were not committed: another member of group '\(groupID)' has the same group.instance.id.",
                brokerError: code
            )
        case .rebalanceInProgress:
            KafkaClientError(
                .rebalanceInProgress,
                "Offsets were not committed: group '\(groupID)' is rebalancing. Ask for records, then commit again.",
                brokerError: code
            )
        default:
            KafkaClientError("The offset of \(partition) was not committed for group '\(groupID)'", code)
        }
    }

    // MARK: Fetching

    /// What the group has committed; offsets of transactions that are still open are waited for.
    ///
    /// - Returns: the partitions that something was committed for.
    func fetch(
        _ partitions: [TopicPartition],
        identity: MemberIdentity,
        deadline: Deadline
    ) async throws(KafkaClientError) -> [TopicPartition: OffsetAndMetadata] {
        guard !partitions.isEmpty else { return [:] }
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            try await self.fetchOnce(partitions, identity: identity, deadline: deadline)
        }
    }

    private func fetchOnce(
        _ partitions: [TopicPartition],
        identity: MemberIdentity,
        deadline: Deadline
    ) async throws(KafkaClientError) -> [TopicPartition: OffsetAndMetadata] {
        let topics = grouped(partitions.sorted(), by: \.topic)
        var request = OffsetFetchRequest()
        request.requireStable = true
        let response = try await finder.send(
            request,
            atMost: Self.highestVersion,
            deadline: deadline
        ) { (request, version) throws(KafkaClientError) in
            if version < 7 { request.requireStable = false }
            if version < 8 {
                request.groupId = groupID
                request.topics = topics.map { topic, partitions in
                    OffsetFetchRequest.OffsetFetchRequestTopic(
                        name: topic,
                        partitionIndexes: partitions.map(\.partition)
                    )
                }
            } else {
                request.groups = [group(topics)]
            }
        }
        if let group = response.groups.first(where: { $0.groupId == groupID }) {
            try check(group.errorCode)
            return try Self.found(
                group.topics.flatMap { topic in
                    topic.partitions.map {
                        (
                            $0.errorCode, topic.name, $0.partitionIndex, $0.committedOffset, $0.committedLeaderEpoch,
                            $0.metadata
                        )
                    }
                }
            )
        }
        try check(response.errorCode)
        return try Self.found(
            response.topics.flatMap { topic in
                topic.partitions.map {
                    (
                        $0.errorCode, topic.name, $0.partitionIndex, $0.committedOffset, $0.committedLeaderEpoch,
                        $0.metadata
                    )
                }
            }
        )
    }

    private func group(
        _ topics: [(key: String, elements: [TopicPartition])]
    ) -> OffsetFetchRequest.OffsetFetchRequestGroup {
        OffsetFetchRequest.OffsetFetchRequestGroup(
            groupId: groupID,
            topics: topics.map { topic, partitions in
                OffsetFetchRequest.OffsetFetchRequestTopics(
                    name: topic,
                    partitionIndexes: partitions.map(\.partition)
                )
            }
        )
    }

    private func check(_ code: ErrorCode) throws(KafkaClientError) {
        finder.note(code)
        guard code == .none else {
            throw KafkaClientError("The offsets of group '\(groupID)' cannot be read", code)
        }
    }

    private typealias Entry = (ErrorCode, String, Int32, Int64, Int32, String?)

    private static func found(_ entries: [Entry]) throws(KafkaClientError) -> [TopicPartition: OffsetAndMetadata] {
        var offsets: [TopicPartition: OffsetAndMetadata] = [:]
        for (code, topic, index, offset, epoch, metadata) in entries {
            let partition = TopicPartition(topic: topic, partition: index)
            guard code == .none else {
                throw KafkaClientError("The committed offset of \(partition) cannot be read", code)
            }
            guard offset >= 0 else { continue }
            offsets[partition] = OffsetAndMetadata(
                offset,
                leaderEpoch: epoch >= 0 ? epoch : nil,
                metadata: metadata ?? ""
            )
        }
        return offsets
    }
}
