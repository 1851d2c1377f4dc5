package import KafkaWire

/// Partitions of topics by id: what a member owns, gives back or shall own. Sorted arrays instead of sets, since they
/// are kept for every member, compared at every heartbeat and written to the log.
package struct AssignedPartitions: Equatable, Sendable {
    /// Never empty, ascending, without duplicates.
    package private(set) var topics: [KafkaUUID: [Int32]] = [:]

    package init() {}

    /// Numbers in any order, possibly repeated, as they come from outside.
    package init(_ pairs: some Sequence<(KafkaUUID, [Int32])>) {
        for (topic, partitions) in pairs {
            self[topic] = Self.normalized((topics[topic] ?? []) + partitions)
        }
    }

    package subscript(_ topic: KafkaUUID) -> [Int32] {
        get { topics[topic] ?? [] }
        set { topics[topic] = newValue.isEmpty ? nil : newValue }
    }

    package var isEmpty: Bool { topics.isEmpty }

    package var count: Int { topics.values.reduce(0) { $0 + $1.count } }

    /// Topics in the order of their ids, so that what is written and answered does not depend on hashing.
    package var sorted: [(topic: KafkaUUID, partitions: [Int32])] {
        topics.map { (topic: $0.key, partitions: $0.value) }.sorted { $0.topic.precedes($1.topic) }
    }

    package func contains(_ topic: KafkaUUID, _ partition: Int32) -> Bool {
        guard let partitions = topics[topic] else { return false }
        var range = partitions.startIndex..<partitions.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if partitions[middle] == partition { return true }
            range = partitions[middle] < partition ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return false
    }

    /// The members of this set for which `isIncluded` holds.
    package func filter(_ isIncluded: (KafkaUUID, Int32) -> Bool) -> AssignedPartitions {
        var result = AssignedPartitions()
        for (topic, partitions) in topics { result[topic] = partitions.filter { isIncluded(topic, $0) } }
        return result
    }

    package func intersection(_ other: AssignedPartitions) -> AssignedPartitions { filter(other.contains) }

    package func subtracting(_ other: AssignedPartitions) -> AssignedPartitions { filter { !other.contains($0, $1) } }

    package func union(_ other: AssignedPartitions) -> AssignedPartitions {
        var result = self
        for (topic, partitions) in other.topics {
            result[topic] = result.topics[topic].map { Self.normalized($0 + partitions) } ?? partitions
        }
        return result
    }

    package func isDisjoint(with other: AssignedPartitions) -> Bool {
        topics.allSatisfy { topic, partitions in partitions.allSatisfy { !other.contains(topic, $0) } }
    }

    package func isSubset(of other: AssignedPartitions) -> Bool {
        topics.allSatisfy { topic, partitions in partitions.allSatisfy { other.contains(topic, $0) } }
    }

    private static func normalized(_ partitions: [Int32]) -> [Int32] {
        var result: [Int32] = []
        for partition in partitions.sorted() where partition != result.last { result.append(partition) }
        return result
    }
}

extension KafkaUUID {
    /// A fixed order of ids; it means nothing.
    func precedes(_ other: KafkaUUID) -> Bool { (high, low) < (other.high, other.low) }
}
