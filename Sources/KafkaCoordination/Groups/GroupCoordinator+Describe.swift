package import KafkaMessages
import NIOCore

extension GroupCoordinator {
    /// DescribeGroups, of those groups that this coordinator looks after. A group of another protocol is described as
    /// one that does not exist.
    package func describe(_ ids: [String]) -> Decision<[DescribeGroupsResponse.DescribedGroup]> {
        Decision(
            answer: ids.map { id in
                guard case .classic(let group)? = groups[id] else {
                    return .init(
                        errorCode: .groupIdNotFound,
                        errorMessage: "Group \(id) not found.",
                        groupId: id,
                        groupState: "Dead"
                    )
                }
                return description(of: group)
            }
        )
    }

    private func description(of group: ClassicGroup) -> DescribeGroupsResponse.DescribedGroup {
        let isStable = group.state == .stable
        return DescribeGroupsResponse.DescribedGroup(
            groupId: group.id,
            groupState: group.state.rawValue,
            protocolType: group.protocolType ?? "",
            protocolData: isStable ? group.protocolName ?? "" : "",
            members: group.members.values.sorted { $0.id < $1.id }.map { member in
                DescribeGroupsResponse.DescribedGroupMember(
                    memberId: member.id,
                    groupInstanceId: member.instanceID,
                    clientId: member.clientID,
                    clientHost: member.clientHost,
                    memberMetadata: isStable ? member.metadata(of: group.protocolName) : ByteBuffer(),
                    memberAssignment: isStable ? member.assignment : ByteBuffer()
                )
            }
        )
    }

    /// ListGroups.
    ///
    /// - Parameters:
    ///   - states: lowercase names of states; empty for all.
    ///   - types: lowercase names of group types; empty for all.
    package func list(states: Set<String>, types: Set<String>) -> Decision<[ListGroupsResponse.ListedGroup]> {
        let all = allGroups.map { id, group in
            switch group {
            case .classic(let group):
                ListGroupsResponse.ListedGroup(
                    groupId: id,
                    protocolType: group.protocolType ?? "",
                    groupState: group.state.rawValue,
                    groupType: "classic"
                )
            case .consumer(let group):
                ListGroupsResponse.ListedGroup(
                    groupId: id,
                    protocolType: ModernGroups.protocolType,
                    groupState: group.state.rawValue,
                    groupType: "consumer"
                )
            }
        }
        return Decision(
            answer: all.filter {
                (states.isEmpty || states.contains($0.groupState.lowercased()))
                    && (types.isEmpty || types.contains($0.groupType.lowercased()))
            }
        )
    }
}
