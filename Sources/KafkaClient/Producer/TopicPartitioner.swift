import KafkaCompression
import KafkaWire

/// Chooses the partitions of one topic's records.
///
/// A key decides over all partitions, with a leader or not, so that it always leads to the same one. Records without a
/// key stay on one partition until a batch's worth of bytes went there (KIP-794), and the next is drawn from those with a
/// leader: evenly, or the more likely the shorter the queue is.
package struct TopicPartitioner: Sendable {
    private let settings: PartitionerSettings
    package private(set) var partitionCount: Int32 = 0
    /// Partitions with a leader, ascending.
    private var withLeader: [Int32] = []
    /// How likely each partition is, `nil` for evenly over ``withLeader``.
    private var weights: PartitionWeights?
    /// Where records without a key go for now.
    package private(set) var stickyPartition: Int32?
    /// Bytes that went to ``stickyPartition`` since it was chosen.
    private var stickyBytes = 0
    private var turn: UInt32 = 0

    package init(settings: PartitionerSettings) {
        self.settings = settings
    }

    /// Takes note of the topic's partitions, as new metadata show them. Must be called before a partition is asked for.
    ///
    /// - Parameters:
    ///   - partitionCount: at least 1.
    ///   - withLeader: the partitions that have a leader, in any order.
    package mutating func update(partitionCount: Int32, withLeader: [Int32]) {
        self.partitionCount = partitionCount
        self.withLeader = withLeader.filter { (0..<partitionCount).contains($0) }.sorted()
        weights = nil
        if let sticky = stickyPartition {
            let isUsable = self.withLeader.isEmpty ? sticky < partitionCount : self.withLeader.contains(sticky)
            if !isUsable { stickyPartition = nil }
        }
    }

    /// Takes note of the queues, for the choices to come. Does nothing unless the producer partitions adaptively.
    ///
    /// - Parameter queues: every partition with a leader, and whether that leader is available.
    package mutating func update(queues: [PartitionQueue]) {
        guard settings.isAdaptive else { return }
        weights = PartitionWeights(queues.filter { $0.isAvailable && (0..<partitionCount).contains($0.partition) })
        // Equal queues, none left out: the even choice is the same and cheaper.
        if let weights, weights.isUniform, weights.count == withLeader.count { self.weights = nil }
    }

    /// The partition for a record.
    ///
    /// - Parameters:
    ///   - given: the partition that the record names, if it does: taken as it is.
    ///   - key: `nil` is null; an empty key is a key.
    ///   - random: where chance comes from.
    package mutating func partition(
        given: Int32? = nil,
        key: UnsafeRawBufferPointer?,
        using random: inout some RandomNumberGenerator
    ) -> Int32 {
        if let given { return given }
        return isKeyed(key) ? keyedPartition(key) : unkeyedPartition(using: &random)
    }

    /// Whether a record with this key goes where its key leads. The others' bytes are to be told to
    /// ``didAppend(bytes:to:isBatchReady:using:)``.
    package func isKeyed(_ key: UnsafeRawBufferPointer?) -> Bool {
        guard !settings.ignoresKeys else { return false }
        return switch settings.kind {
        case .standard, .murmur2Random: key != nil
        case .consistentRandom: (key?.count ?? 0) > 0
        case .murmur2, .consistent: true
        case .random, .roundRobin: false
        }
    }

    /// Takes note that a record without a key was laid into a batch.
    ///
    /// - Parameters:
    ///   - bytes: what the record added to the batch.
    ///   - isBatchReady: whether the partition's batches are all full, so that leaving it leaves no half-filled batch.
    package mutating func didAppend(
        bytes: Int,
        to partition: Int32,
        isBatchReady: Bool,
        using random: inout some RandomNumberGenerator
    ) {
        guard partition == stickyPartition else { return }
        stickyBytes += bytes
        let isDue = stickyBytes >= settings.batchSize && isBatchReady
        // A batch that never gets ready, as its records do not quite fill it, is left at twice its size.
        if isDue || stickyBytes >= 2 * settings.batchSize { choose(using: &random) }
    }

    private func keyedPartition(_ key: UnsafeRawBufferPointer?) -> Int32 {
        let key = key ?? UnsafeRawBufferPointer(start: nil, count: 0)
        return switch settings.kind {
        case .consistent, .consistentRandom: crc32Partition(key)
        case .standard, .murmur2, .murmur2Random, .random, .roundRobin: murmur2Partition(key)
        }
    }

    private func murmur2Partition(_ key: UnsafeRawBufferPointer) -> Int32 {
        (KafkaWire.murmur2(key) & Int32.max) % max(partitionCount, 1)
    }

    private func crc32Partition(_ key: UnsafeRawBufferPointer) -> Int32 {
        Int32(CRC32.checksum(key) % UInt32(max(partitionCount, 1)))  // below an Int32
    }

    private mutating func unkeyedPartition(using random: inout some RandomNumberGenerator) -> Int32 {
        switch settings.kind {
        case .random:
            return drawn(using: &random)
        case .roundRobin:
            defer { turn &+= 1 }
            guard !withLeader.isEmpty else { return Int32(turn % UInt32(max(partitionCount, 1))) }
            return withLeader[Int(turn) % withLeader.count]
        case .standard, .consistent, .consistentRandom, .murmur2, .murmur2Random:
            if stickyPartition == nil { choose(using: &random) }
            return stickyPartition ?? 0
        }
    }

    private mutating func choose(using random: inout some RandomNumberGenerator) {
        stickyPartition = drawn(using: &random)
        stickyBytes = 0
    }

    private func drawn(using random: inout some RandomNumberGenerator) -> Int32 {
        if let weights { return weights.drawn(using: &random) }
        return withLeader.randomElement(using: &random) ?? Int32.random(in: 0..<max(partitionCount, 1), using: &random)
    }
}
