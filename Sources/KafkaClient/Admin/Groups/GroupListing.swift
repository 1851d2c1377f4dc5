/// A group in a list.
public struct GroupListing: Hashable, Sendable {
    /// The group's id.
    public var id: String
    /// What the members speak among themselves: `consumer` for consumers, empty for a group that only has offsets.
    public var protocolType: String
    /// What the group is doing.
    public var state: GroupStatus
    /// How the members agree.
    public var type: GroupType

    /// A group whose facts are known.
    public init(id: String, protocolType: String, state: GroupStatus, type: GroupType) {
        self.id = id
        self.protocolType = protocolType
        self.state = state
        self.type = type
    }
}
