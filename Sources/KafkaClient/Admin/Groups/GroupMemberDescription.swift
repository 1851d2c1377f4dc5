/// A member of a group.
public struct GroupMemberDescription: Hashable, Sendable {
    /// The id that the coordinator or the member made up.
    public var id: String
    /// The member's `group.instance.id`; `nil` for a dynamic member.
    public var instanceID: String?
    /// The member's `client.id`.
    public var clientID: String
    /// Where the member's connection comes from, as the coordinator writes it, usually with a leading slash.
    public var host: String
    /// The partitions that the member has, sorted; `nil` when the coordinator told them in a form that is not known here,
    /// as members that are no consumers do.
    public var assignment: [TopicPartition]?
    /// The partitions that the member shall have, sorted (KIP-848); `nil` for a member of a classic group.
    public var targetAssignment: [TopicPartition]?
    /// The epoch that the member has reached (KIP-848); `nil` for a member of a classic group.
    public var epoch: Int32?
    /// Whether the member itself speaks the protocol of KIP-848; `nil` when the broker does not tell.
    public var isUpgraded: Bool?

    /// A member whose facts are known.
    public init(
        id: String,
        instanceID: String? = nil,
        clientID: String,
        host: String,
        assignment: [TopicPartition]? = [],
        targetAssignment: [TopicPartition]? = nil,
        epoch: Int32? = nil,
        isUpgraded: Bool? = nil
    ) {
        self.id = id
        self.instanceID = instanceID
        self.clientID = clientID
        self.host = host
        self.assignment = assignment
        self.targetAssignment = targetAssignment
        self.epoch = epoch
        self.isUpgraded = isUpgraded
    }
}
