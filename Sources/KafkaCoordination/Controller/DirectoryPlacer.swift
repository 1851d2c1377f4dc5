import KafkaMessages
import KafkaWire

/// Chooses a log directory on its broker for each new replica: the one with the fewest (KIP-858 leaves that to the
/// broker; here it is part of the decision that makes the partition, so that no crash can come between the two).
struct DirectoryPlacer {
    /// How many replicas each directory of a broker has, in the broker's own order.
    private var counts: [Int32: [(id: KafkaUUID, count: Int)]] = [:]

    init(_ image: MetadataImage) {
        for broker in image.brokers.values {
            counts[broker.id] = broker.directories.map { ($0, 0) }
        }
        // With one directory there is nothing to count for.
        guard counts.values.contains(where: { $0.count > 1 }) else { return }
        for partition in image.topics.values.lazy.flatMap(\.partitions) {
            for (replica, directory) in zip(partition.replicas, partition.directories) { add(directory, of: replica) }
        }
    }

    /// Directories for all replicas of new partitions among `records`.
    mutating func assign(_ records: inout [MetadataRecord]) {
        for index in records.indices {
            guard case .partition(var partition) = records[index] else { continue }
            partition.directories = partition.replicas.map { next(of: $0) }
            records[index] = .partition(partition)
        }
    }

    /// Zero, "not assigned", for a broker that has told of none.
    private mutating func next(of broker: Int32) -> KafkaUUID {
        guard let fewest = counts[broker]?.min(by: { $0.count < $1.count }) else { return .zero }
        add(fewest.id, of: broker)
        return fewest.id
    }

    private mutating func add(_ directory: KafkaUUID, of broker: Int32) {
        guard let index = counts[broker]?.firstIndex(where: { $0.id == directory }) else { return }
        counts[broker]?[index].count += 1
    }
}
