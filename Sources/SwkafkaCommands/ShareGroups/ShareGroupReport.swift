import KafkaClient

/// What `share-groups --describe` found out about one group.
struct ShareGroupReport: Equatable {
    var description: ShareGroupDescription
    /// Empty unless offsets were asked for.
    var offsets: [TopicPartition: ShareGroupOffset] = [:]

    var id: String { description.id }
    /// By topic and partition.
    var rows: [(partition: TopicPartition, offset: ShareGroupOffset)] {
        offsets.sorted { $0.key < $1.key }.map { (partition: $0.key, offset: $0.value) }
    }
}
