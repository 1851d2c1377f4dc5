/// What a rebalance of the group does to a consumer's partitions.
///
/// Events are told in the call for records during which they take effect, so the application is not working on records
/// then. Partitions are sorted.
public enum RebalanceEvent: Equatable, Sendable {
    /// These partitions are about to go to other members. What was read can still be committed; with
    /// ``GroupConfiguration/commitsAutomatically`` it already is.
    case revoked([TopicPartition])
    /// These partitions came. Reading starts at their committed offsets unless the closure seeks; the list may be empty.
    case assigned([TopicPartition])
    /// These partitions went without warning, as the group took this member for dead; others may read them by now, and
    /// offsets cannot be committed any more.
    case lost([TopicPartition])
}
