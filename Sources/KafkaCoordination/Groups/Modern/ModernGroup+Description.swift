import KafkaMessages
import KafkaWire

extension ModernGroup {
    /// What ConsumerGroupDescribe shows.
    func described(_ image: MetadataImage, default assignor: ServerAssignor)
        -> ConsumerGroupDescribeResponse.DescribedGroup
    {
        var described = ConsumerGroupDescribeResponse.DescribedGroup(groupId: id, groupState: state.rawValue)
        described.groupEpoch = epoch
        described.assignmentEpoch = targetEpoch
        described.assignorName = (preferredAssignor ?? assignor).rawValue
        described.members = members.values.sorted { $0.id < $1.id }.map { member in
            var shown = ConsumerGroupDescribeResponse.Member(memberId: member.id, memberEpoch: member.epoch)
            shown.instanceId = member.instanceID
            shown.rackId = member.rackID
            shown.clientId = member.clientID
            shown.clientHost = member.clientHost
            shown.subscribedTopicNames = member.topics
            shown.subscribedTopicRegex = member.pattern
            shown.assignment = Self.shown(member.assigned, image)
            shown.targetAssignment = Self.shown(targets[member.id] ?? AssignedPartitions(), image)
            shown.memberType = member.isClassic ? 0 : 1
            return shown
        }
        return described
    }

    /// Topics that are gone are left out.
    private static func shown(
        _ partitions: AssignedPartitions,
        _ image: MetadataImage
    ) -> ConsumerGroupDescribeResponse.Assignment {
        ConsumerGroupDescribeResponse.Assignment(
            topicPartitions: partitions.sorted.compactMap { topic, numbers in
                image.topicNames[topic].map { .init(topicId: topic, topicName: $0, partitions: numbers) }
            }
        )
    }
}
