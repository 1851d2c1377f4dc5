/// How far a group has read a partition, as it is committed.
public struct OffsetAndMetadata: Hashable, Sendable {
    /// The offset of the next record to read.
    public var offset: Int64
    /// The leader epoch of the last record that was read, `nil` for unknown. It lets a later reader notice that the log was
    /// cut off behind its back (KIP-320).
    public var leaderEpoch: Int32?
    /// A note of the application; brokers take up to 4096 bytes (`offset.metadata.max.bytes`).
    public var metadata: String

    /// An offset to commit.
    public init(_ offset: Int64, leaderEpoch: Int32? = nil, metadata: String = "") {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
    }
}

/// Who a consumer is in its group, for transactions that commit its offsets.
public struct GroupMetadata: Hashable, Sendable {
    /// The group's name.
    public var groupID: String
    /// The generation, or the member's epoch; -1 outside of a membership.
    public var generation: Int32
    /// The id that the group knows the member by; empty outside of a membership.
    public var memberID: String
    /// The member's own name, if it is static.
    public var instanceID: String?

    /// A group without membership: the coordinator then checks nothing about members.
    public init(groupID: String, generation: Int32 = -1, memberID: String = "", instanceID: String? = nil) {
        self.groupID = groupID
        self.generation = generation
        self.memberID = memberID
        self.instanceID = instanceID
    }
}
