import KafkaWire

/// Records that a share group has lent to this member: some offsets of a batch, to be acknowledged with
/// ``KafkaShareConsumer/acknowledge(_:as:offsets:)`` before the broker's lock on them ends.
public struct SharedBatch: Sendable {
    /// The records; those below the first of ``offsets`` are left out already, those above the last are not lent.
    public let batch: ConsumedBatch
    /// What is lent.
    public let offsets: ClosedRange<Int64>
    /// The broker that lent it.
    let node: Int32
    let place: SharePlace

    /// The partition that the records belong to.
    public var partition: TopicPartition { batch.partition }

    /// How often the records have been delivered, this time included.
    public var deliveryCount: Int { batch.deliveryCount ?? 1 }

    init(
        _ view: RecordBatchView,
        _ offsets: ClosedRange<Int64>,
        deliveryCount: Int16,
        of partition: TopicPartition,
        at place: SharePlace,
        from node: Int32,
        decompressionLimit: Int
    ) {
        batch = ConsumedBatch(
            partition: partition,
            view: view,
            fromOffset: offsets.lowerBound,
            decompressionLimit: decompressionLimit,
            deliveryCount: Int(deliveryCount)
        )
        self.offsets = offsets
        self.node = node
        self.place = place
    }
}
