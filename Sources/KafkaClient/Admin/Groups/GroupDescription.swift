/// A group with its members.
public struct GroupDescription: Hashable, Sendable {
    /// The group's id.
    public var id: String
    /// How the members agree.
    public var type: GroupType
    /// What the group is doing.
    public var state: GroupStatus
    /// What the members speak among themselves: `consumer` for consumers, empty for a group that only has offsets.
    public var protocolType: String
    /// The assignor in use, such as `range` or `uniform`; empty when there is none.
    public var assignor: String
    /// The broker that looks after the group.
    public var coordinator: Node
    /// The members, as the coordinator lists them.
    public var members: [GroupMemberDescription]
    /// How often subscriptions or partitions have changed (KIP-848); `nil` for a classic group.
    public var groupEpoch: Int32?
    /// The ``groupEpoch`` that the target assignment was made for (KIP-848); `nil` for a classic group.
    public var targetAssignmentEpoch: Int32?

    /// A group whose facts are known.
    public init(
        id: String,
        type: GroupType,
        state: GroupStatus,
        protocolType: String = "consumer",
        assignor: String = "",
        coordinator: Node,
        members: [GroupMemberDescription] = [],
        groupEpoch: Int32? = nil,
        targetAssignmentEpoch: Int32? = nil
    ) {
        self.id = id
        self.type = type
        self.state = state
        self.protocolType = protocolType
        self.assignor = assignor
        self.coordinator = coordinator
        self.members = members
        self.groupEpoch = groupEpoch
        self.targetAssignmentEpoch = targetAssignmentEpoch
    }
}
