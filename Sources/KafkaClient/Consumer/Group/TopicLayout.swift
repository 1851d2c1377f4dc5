/// What the leader of a classic group assigns by: the topics that exist, and where their partitions are.
package struct TopicLayout: Equatable, Sendable {
    package var partitionCounts: [String: Int32]
    /// The racks of each partition's replicas, as far as brokers tell theirs.
    package var racks: [TopicPartition: Set<String>]
    /// Partitions of which some replicas are on brokers that are away, and whose racks nobody tells.
    package var incomplete: Set<TopicPartition>

    package init(
        partitionCounts: [String: Int32],
        racks: [TopicPartition: Set<String>] = [:],
        incomplete: Set<TopicPartition> = []
    ) {
        self.partitionCounts = partitionCounts
        self.racks = racks
        self.incomplete = incomplete
    }

    /// Takes in a topic as a broker described it.
    ///
    /// - Parameter nodes: the brokers that are there; `nil` when racks are of no interest.
    package mutating func add(_ name: String, _ partitions: [PartitionMetadata], nodes: [Int32: Node]?) {
        partitionCounts[name] = Int32(clamping: partitions.count)
        guard let nodes, nodes.values.contains(where: { $0.rack != nil }) else { return }
        for partition in partitions {
            let place = TopicPartition(topic: name, partition: partition.index)
            racks[place] = Set(partition.replicas.compactMap { nodes[$0]?.rack })
            if !partition.replicas.allSatisfy({ nodes[$0] != nil }) { incomplete.insert(place) }
        }
    }

    /// Whether a partition has come to be in other racks since this was the layout. A broker that is away for a while
    /// does not count: its replicas are where they were (KAFKA-20778).
    package func hasOtherRacks(than later: TopicLayout) -> Bool {
        racks.contains { partition, racks in
            guard let now = later.racks[partition] else { return false }
            let hasLost = !now.isSuperset(of: racks) && !later.incomplete.contains(partition)
            return hasLost || !now.isSubset(of: racks) && !incomplete.contains(partition)
        }
    }
}

extension TopicLayout: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral counts: (String, Int32)...) {
        self.init(partitionCounts: Dictionary(counts, uniquingKeysWith: { first, _ in first }))
    }
}
