/// Partitions of several topics.
package struct PartitionSet: Equatable, Sendable {
    private var topics: [String: Set<Int32>] = [:]

    package init() {}

    package init(_ topics: some Sequence<(String, [Int32])>) {
        for (topic, partitions) in topics {
            for partition in partitions { insert(topic, partition) }
        }
    }

    package var isEmpty: Bool { topics.isEmpty }

    package var count: Int { topics.values.reduce(0) { $0 + $1.count } }

    package func contains(_ topic: String, _ partition: Int32) -> Bool {
        topics[topic]?.contains(partition) ?? false
    }

    package func isSubset(of other: PartitionSet) -> Bool {
        topics.allSatisfy { topic, partitions in
            other.topics[topic].map { partitions.isSubset(of: $0) } ?? partitions.isEmpty
        }
    }

    package mutating func insert(_ topic: String, _ partition: Int32) {
        topics[topic, default: []].insert(partition)
    }

    package mutating func remove(_ topic: String, _ partition: Int32) {
        topics[topic]?.remove(partition)
        if topics[topic]?.isEmpty == true { topics[topic] = nil }
    }

    package func union(_ other: PartitionSet) -> PartitionSet {
        var sum = self
        sum.topics.merge(other.topics) { $0.union($1) }
        return sum
    }

    /// By topic and number.
    package var sorted: [(topic: String, partitions: [Int32])] {
        topics.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }

    /// One by one, by topic and number.
    package var list: [(topic: String, partition: Int32)] {
        sorted.flatMap { topic, partitions in partitions.map { (topic, $0) } }
    }
}
