/// What the leader of a classic group assigns by: the topics that exist, and where their partitions are.
package struct TopicLayout: Equatable, Sendable {
    package var partitionCounts: [String: Int32]
    /// The racks of each partition's replicas, as far as brokers tell theirs.
    package var racks: [TopicPartition: Set<String>]

    package init(partitionCounts: [String: Int32], racks: [TopicPartition: Set<String>] = [:]) {
        self.partitionCounts = partitionCounts
        self.racks = racks
    }
}

extension TopicLayout: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral counts: (String, Int32)...) {
        self.init(partitionCounts: Dictionary(counts, uniquingKeysWith: { first, _ in first }))
    }
}
