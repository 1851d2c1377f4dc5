/// A share group with its members (KIP-932).
public struct ShareGroupDescription: Hashable, Sendable {
    /// The group's id.
    public var id: String
    /// What the group is doing: stable, empty or dead.
    public var state: GroupStatus
    /// The assignor in use, such as `simple`.
    public var assignor: String
    /// The broker that looks after the group.
    public var coordinator: Node
    /// The members, as the coordinator lists them.
    public var members: [ShareGroupMember]
    /// How often subscriptions or partitions have changed.
    public var groupEpoch: Int32
    /// The ``groupEpoch`` that the assignment was made for.
    public var assignmentEpoch: Int32
}

/// A member of a share group.
public struct ShareGroupMember: Hashable, Sendable {
    /// The id that the member made up.
    public var id: String
    /// The member's `client.id`.
    public var clientID: String
    /// Where the member's connection comes from, as the coordinator writes it, usually with a leading slash.
    public var host: String
    /// The member's `client.rack`.
    public var rack: String?
    /// The epoch that the member has reached.
    public var epoch: Int32
    /// The topics that the member subscribes to.
    public var subscription: [String]
    /// The partitions that the member may read, sorted; others may read them too.
    public var assignment: [TopicPartition]
}

/// From where a share group reads a partition: what lies before is settled.
public struct ShareGroupOffset: Hashable, Sendable {
    /// The first record that is not settled; `nil` when the group has not begun to read the partition.
    public var start: Int64?
    /// How often leadership had changed when the offset was stored; `nil` when it is not known.
    public var leaderEpoch: Int32?
    /// Records that are not settled; `nil` when the broker does not tell, which brokers before Kafka 4.2 do not.
    public var lag: Int64?

    /// An offset whose facts are known.
    public init(start: Int64?, leaderEpoch: Int32? = nil, lag: Int64? = nil) {
        self.start = start
        self.leaderEpoch = leaderEpoch
        self.lag = lag
    }
}
