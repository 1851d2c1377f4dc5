/// Names a member that shall leave its group.
public enum GroupMemberReference: Hashable, Sendable {
    /// A dynamic member, by the id that the coordinator gave it.
    case member(id: String)
    /// A static member, by its `group.instance.id`.
    case instance(id: String)
}
