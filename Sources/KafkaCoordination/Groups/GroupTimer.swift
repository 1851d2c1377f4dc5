/// What a coordinator of groups waits for.
package enum GroupTimer: Hashable, Sendable {
    /// A member that is not heard of until then is removed.
    case session(group: String, member: String)
    /// A member id that was given out and not used until then is forgotten.
    case pendingMember(group: String, member: String)
    /// A rebalance goes on without those that have not joined.
    case join(group: String)
    /// The first rebalance of an empty group has waited long enough for more members.
    case initialJoin(group: String)
    /// Members that have not asked for their assignment are removed.
    case sync(group: String)
    /// A consumer group has just become a classic one: its members have to join.
    case downgraded(group: String)
    /// The next look for offsets to forget.
    case offsetExpiry
}
