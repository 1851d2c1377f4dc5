/// How much waits for a partition.
package struct PartitionQueue: Equatable, Sendable {
    package var partition: Int32
    /// Batches that wait to be sent.
    package var batches: Int
    /// Whether the partition's leader takes batches; see ``NodeAvailability``.
    package var isAvailable: Bool

    package init(partition: Int32, batches: Int, isAvailable: Bool = true) {
        self.partition = partition
        self.batches = batches
        self.isAvailable = isAvailable
    }
}

/// Partitions that are drawn the more often the shorter their queues are: the weight of one is the longest queue, plus
/// one, less its own (KIP-794).
struct PartitionWeights: Sendable {
    private let partitions: [Int32]
    /// Sum of the weights up to and with each partition.
    private let cumulative: [Int]
    /// Whether all weigh the same.
    let isUniform: Bool

    var count: Int { partitions.count }

    /// `nil` if there is no queue to choose.
    init?(_ queues: [PartitionQueue]) {
        guard let longest = queues.map(\.batches).max() else { return nil }
        var sum = 0
        cumulative = queues.map { queue in
            sum += longest + 1 - queue.batches
            return sum
        }
        partitions = queues.map(\.partition)
        isUniform = queues.allSatisfy { $0.batches == longest }
    }

    func drawn(using random: inout some RandomNumberGenerator) -> Int32 {
        let point = Int.random(in: 0..<(cumulative.last ?? 1), using: &random)
        // The first partition whose sum lies beyond the point.
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return partitions[low]
    }
}
