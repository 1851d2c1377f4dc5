package import KafkaMessages
import NIOCore

/// A leader that came back under its own name (a static member, KIP-814) finds the group as it was, assigned by its former
/// self. How many partitions there were then it does not know, and Kafka's client takes it that there were as many as now:
/// what was added while it was away nobody would read before the next rebalance. This one asks what the group was assigned.
extension ClassicMembership {
    func reviewRequest() -> DescribeGroupsRequest { DescribeGroupsRequest(groups: [settings.groupID]) }

    /// Takes in what the members of the group have, and calls for a rebalance if topics have more partitions or fewer.
    /// Without an answer all stays as it is, and so it does in a group that is not at rest.
    package mutating func reviewed(_ outcome: Outcome<DescribeGroupsResponse>) {
        guard case .success(let response) = outcome, let group = response.groups.first, group.errorCode == .none,
            group.groupState == "Stable", isLeader, phase == .stable
        else { return }
        var counts: [String: Int32] = [:]
        for member in group.members where member.memberAssignment.readableBytes > 0 {
            guard
                let assignment = try? ConsumerProtocolAssignment(
                    versioned: member.memberAssignment,
                    acceptingNewer: true
                )
            else { return }
            for topic in assignment.assignedPartitions {
                counts[topic.topic, default: 0] += Int32(clamping: topic.partitions.count)
            }
        }
        if groupTopics.contains(where: { counts[$0.key, default: 0] != $0.value }) { wantsRebalance = true }
    }
}
