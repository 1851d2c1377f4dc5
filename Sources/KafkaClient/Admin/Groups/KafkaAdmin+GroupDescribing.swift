import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore

extension KafkaAdmin {
    /// Describes groups of consumers of either protocol.
    ///
    /// Each coordinator is asked by ConsumerGroupDescribe, and for what is no group of KIP-848 by DescribeGroups.
    ///
    /// - Returns: the description, or why there is none, by group; GROUP_ID_NOT_FOUND when there is no such group.
    public func describeGroups(
        _ groups: [String],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<GroupDescription, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askCoordinators(of: .group, about: groups, deadline: deadline) {
            (node, names) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .node(node.id), deadline: deadline)
            var results: [String: Result<GroupDescription, KafkaClientError>] = [:]
            var classic = names
            if connection.negotiatedVersion(for: .consumerGroupDescribe) != nil {
                let request = ConsumerGroupDescribeRequest(groupIds: names)
                let response = try await cluster.exchange(request, over: connection, deadline: deadline)
                for group in response.groups {
                    results[group.groupId] = Self.description(group, coordinator: node)
                }
                classic = names.filter { name in
                    guard case .failure(let error) = results[name] else { return results[name] == nil }
                    return error.brokerError == .groupIdNotFound || error.brokerError == .unsupportedVersion
                }
            }
            guard !classic.isEmpty else { return results }
            let request = DescribeGroupsRequest(groups: classic)
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            for group in response.groups {
                results[group.groupId] = Self.description(group, coordinator: node)
            }
            return results
        }
    }

    private static func failure(_ group: String, _ error: ErrorCode, _ detail: String?) -> KafkaClientError {
        KafkaClientError("Group '\(group)' cannot be described", error, detail: detail)
    }

    private static func description(
        _ group: ConsumerGroupDescribeResponse.DescribedGroup,
        coordinator: Node
    ) -> Result<GroupDescription, KafkaClientError> {
        guard group.errorCode == .none else {
            return .failure(failure(group.groupId, group.errorCode, group.errorMessage))
        }
        return .success(
            GroupDescription(
                id: group.groupId,
                type: .consumer,
                state: GroupStatus(name: group.groupState),
                assignor: group.assignorName,
                coordinator: coordinator,
                members: group.members.map { member in
                    GroupMemberDescription(
                        id: member.memberId,
                        instanceID: member.instanceId,
                        clientID: member.clientId,
                        host: member.clientHost,
                        assignment: partitions(member.assignment),
                        targetAssignment: partitions(member.targetAssignment),
                        epoch: member.memberEpoch,
                        isUpgraded: member.memberType < 0 ? nil : member.memberType == 1
                    )
                },
                groupEpoch: group.groupEpoch,
                targetAssignmentEpoch: group.assignmentEpoch
            )
        )
    }

    private static func partitions(_ assignment: ConsumerGroupDescribeResponse.Assignment) -> [TopicPartition] {
        assignment.topicPartitions.flatMap { topic in
            topic.partitions.map { TopicPartition(topic: topic.topicName, partition: $0) }
        }.sorted()
    }

    private static func description(
        _ group: DescribeGroupsResponse.DescribedGroup,
        coordinator: Node
    ) -> Result<GroupDescription, KafkaClientError> {
        guard group.errorCode == .none else {
            return .failure(failure(group.groupId, group.errorCode, group.errorMessage))
        }
        let state = GroupStatus(name: group.groupState)
        // Up to version 5 a group that does not exist is described as a dead one.
        guard state != .dead else { return .failure(failure(group.groupId, .groupIdNotFound, nil)) }
        let areConsumers = group.protocolType == "consumer" || group.protocolType.isEmpty
        return .success(
            GroupDescription(
                id: group.groupId,
                type: .classic,
                state: state,
                protocolType: group.protocolType,
                assignor: group.protocolData,
                coordinator: coordinator,
                members: group.members.map { member in
                    GroupMemberDescription(
                        id: member.memberId,
                        instanceID: member.groupInstanceId,
                        clientID: member.clientId,
                        host: member.clientHost,
                        assignment: areConsumers ? partitions(embeddedIn: member.memberAssignment) : nil
                    )
                }
            )
        )
    }

    /// The partitions in the assignment that a member of a classic group got from its leader; `nil` when the bytes are
    /// none. No bytes are no partitions.
    static func partitions(embeddedIn bytes: ByteBuffer) -> [TopicPartition]? {
        guard bytes.readableBytes > 0 else { return [] }
        do throws(WireError) {
            let assignment = try ConsumerProtocolAssignment(versioned: bytes, acceptingNewer: true)
            return assignment.assignedPartitions.flatMap { topic in
                topic.partitions.map { TopicPartition(topic: topic.topic, partition: $0) }
            }.sorted()
        } catch {
            return nil
        }
    }
}
