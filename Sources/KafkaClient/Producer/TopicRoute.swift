/// What a producer knows of a topic: how many partitions it has, who leads them, and where their queues are.
struct TopicRoute {
    let name: String
    var partitioner: TopicPartitioner
    private(set) var partitionCount: Int32 = 0
    /// When the cluster was last told that the topic is in use.
    var usedMs: Int64
    /// Places in the accumulator by partition; made when a partition is first used.
    private var slots: [Int?] = []
    /// Leaders by partition, `nil` for none.
    private var leaders: [Int32?] = []

    init(name: String, settings: PartitionerSettings, nowMs: Int64) {
        self.name = name
        partitioner = TopicPartitioner(settings: settings)
        usedMs = nowMs
    }

    /// Takes in a description, and tells the accumulator who leads the partitions in use.
    mutating func learn<Promise>(_ topic: TopicMetadata, into accumulator: inout RecordAccumulator<Promise>) {
        // Partitions are numbered without gaps; a broker that claims otherwise names only those that it lists.
        partitionCount = Int32(clamping: topic.partitions.count)
        leaders = (0..<partitionCount).map { index in
            topic.partition(index).flatMap { $0.leader >= 0 ? $0.leader : nil }
        }
        while slots.count < leaders.count { slots.append(nil) }
        for (partition, slot) in slots.enumerated() {
            guard let slot else { continue }
            accumulator.setLeader(partition < leaders.count ? leaders[partition] : nil, of: slot)
        }
        partitioner.update(
            partitionCount: partitionCount,
            withLeader: (0..<partitionCount).filter { leaders[Int($0)] != nil }
        )
    }

    /// The accumulator's place for a partition, which must be below ``partitionCount``.
    mutating func slot<Promise>(of partition: Int32, in accumulator: inout RecordAccumulator<Promise>) -> Int {
        if let slot = slots[Int(partition)] { return slot }
        let slot = accumulator.slot(of: TopicPartition(topic: name, partition: partition))
        accumulator.setLeader(leaders[Int(partition)], of: slot)
        slots[Int(partition)] = slot
        return slot
    }

    /// Tells the partitioner how much waits for each partition.
    mutating func reportQueues<Promise>(of accumulator: RecordAccumulator<Promise>) {
        guard partitionCount > 1, partitioner.stickyPartition != nil else { return }
        partitioner.update(
            queues: leaders.indices.compactMap { index in
                leaders[index].map { leader in
                    PartitionQueue(
                        partition: Int32(index),
                        batches: slots[index].map { accumulator.queueLength(of: $0) } ?? 0,
                        isAvailable: accumulator.availability.isAvailable(leader)
                    )
                }
            }
        )
    }
}
