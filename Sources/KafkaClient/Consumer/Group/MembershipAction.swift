package import KafkaMessages
package import KafkaWire

/// What a membership wants to be done next.
///
/// Requests and look-ups are done one at a time, and their outcome is told to the membership before it is asked again. A
/// handover is done by the application's next call for records; heartbeats go on meanwhile.
package enum MembershipAction: Equatable, Sendable {
    /// Nothing before this time, or before something changes.
    case wait(untilMs: Int64?)
    /// Let the application know and change what is read, in this order.
    case handOver([RebalanceEvent])
    case join(JoinGroupRequest)
    /// Find out how many partitions these topics have, and where.
    case describe([String])
    case sync(SyncGroupRequest)
    /// Find out what the members of the group were assigned.
    case review(DescribeGroupsRequest)
    case heartbeat(HeartbeatRequest)
    case leave(LeaveGroupRequest)
    /// A heartbeat of the newer protocol (KIP-848).
    case beat(ConsumerGroupHeartbeatRequest)
    /// Find out the names that belong to these topic ids.
    case resolve(Set<KafkaUUID>)
    /// Something final happened; see the membership's `failure`.
    case stopped
}

/// Under which name and number a member commits offsets.
package struct MemberIdentity: Equatable, Sendable {
    /// Empty outside of a group's membership.
    package var memberID = ""
    /// Generation, or member epoch in the newer protocol; -1 outside of a group's membership.
    package var generation: Int32 = -1
    package var instanceID: String?

    package init(memberID: String = "", generation: Int32 = -1, instanceID: String? = nil) {
        self.memberID = memberID
        self.generation = generation
        self.instanceID = instanceID
    }
}
