package import KafkaMessages

/// What a held request of a group is answered with.
package enum GroupReply: Equatable, Sendable {
    case join(JoinGroupResponse)
    case sync(SyncGroupResponse)
}
