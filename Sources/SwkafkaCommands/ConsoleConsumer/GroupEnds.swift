import KafkaClient

/// Where the partitions of a group's topics ended when reading began, so that a member can stop there.
///
/// Whether a partition is at its end is told by the position of its reader, not by records: markers of transactions and
/// holes that compaction left do not keep the member waiting.
struct GroupEnds {
    /// How long a position is waited for before it is looked at again.
    static let pause: Duration = .milliseconds(50)
    /// How long a member may be without any partition before that is its share: while others still give theirs up, or
    /// the coordinator has not made up its mind, an assignment is empty for a moment.
    private static let patience: Duration = .seconds(3)

    private let ends: [TopicPartition: Int64]

    init(_ ends: [TopicPartition: Int64]) { self.ends = ends }

    /// The first offset that is not wanted; nil for a partition that did not exist when reading began.
    func end(of partition: TopicPartition) -> Int64? { ends[partition] }

    /// Whether every partition that the member has is at its end.
    /// - Parameter assigned: when the group gave its first assignment, nil before.
    func areReached(
        _ consumer: KafkaConsumer,
        assigned: ContinuousClock.Instant?,
        now: ContinuousClock.Instant
    ) -> Bool {
        guard let assigned else { return false }
        let assignment = consumer.assignment
        guard !assignment.isEmpty else { return now - assigned > Self.patience }
        return assignment.allSatisfy { partition in
            guard let end = ends[partition] else { return true }
            guard let position = consumer.position(of: partition) else { return false }
            return position >= end
        }
    }
}
