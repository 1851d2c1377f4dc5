import KafkaClient
import KafkaWire

/// Reads ranges of partitions, without a group, until each has come to its end.
///
/// Whether a partition is at its end is told by the position of its reader, so that markers of transactions, holes that
/// compaction left and empty partitions do not keep it waiting.
struct RangeReader {
    private let consumer: KafkaConsumer
    /// What is left, by partition.
    private var ranges: [TopicPartition: ReadingBounds.Range]
    /// Some partition has an end.
    private let isBounded: Bool

    init(_ consumer: KafkaConsumer, _ ranges: [TopicPartition: ReadingBounds.Range]) {
        self.consumer = consumer
        self.ranges = ranges.filter { !$0.value.isEmpty }
        isBounded = ranges.values.contains { $0.end != nil }
        consumer.assign(self.ranges.mapValues { .offset($0.start) })
    }

    /// How long a position is waited for before it is looked at again.
    private static let pause: Duration = .milliseconds(50)

    /// What came of waiting for a batch.
    enum Next {
        /// Records from `end` on are not wanted; `Int64.max` for all.
        case batch(ConsumedBatch, end: Int64)
        /// Nothing came for the time given.
        case nothing
        /// Every partition is at its end.
        case finished
    }

    /// - Parameters:
    ///   - timeout: how long to wait for a batch; nil for as long as it takes.
    ///   - idle: called before waiting: nothing more is there at the moment.
    mutating func next(timeout: Duration?, idle: () throws -> Void) async throws -> Next {
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now + $0 }
        while true {
            if let batch = try consumer.takeBatch() {
                guard let next = wanted(batch) else { continue }
                return next
            }
            dropFinished()
            if ranges.isEmpty { return .finished }
            try idle()
            let left = deadline.map { max(.zero, $0 - clock.now) }
            let pause = isBounded ? min(Self.pause, left ?? Self.pause) : left
            if let batch = try await consumer.nextBatch(timeout: pause) {
                guard let next = wanted(batch) else { continue }
                return next
            }
            if let left, left == .zero { return .nothing }
        }
    }

    /// Partitions that are not at their end.
    var unfinished: some Collection<TopicPartition> { ranges.keys }

    /// A batch that is there already, if any; else looks which partitions have come to their end.
    mutating func take() throws -> (batch: ConsumedBatch, end: Int64)? {
        while let batch = try consumer.takeBatch() {
            if case .batch(let batch, let end)? = wanted(batch) { return (batch, end) }
        }
        dropFinished()
        return nil
    }

    /// The first offset of the batch's partition that is not wanted; nil when nothing of the batch is.
    mutating func end(of batch: ConsumedBatch) -> Int64? {
        guard case .batch(_, let end)? = wanted(batch) else { return nil }
        return end
    }

    /// The batch with what is wanted of it; nil when it lies beyond the end of its partition.
    private mutating func wanted(_ batch: ConsumedBatch) -> Next? {
        guard let range = ranges[batch.partition] else { return nil }
        guard let end = range.end else { return .batch(batch, end: .max) }
        guard batch.view.header.baseOffset >= end else { return .batch(batch, end: end) }
        drop(batch.partition)
        return nil
    }

    /// Looks at every partition: when nothing more is there at the moment, not with each batch.
    private mutating func dropFinished() {
        for (partition, range) in ranges {
            guard let end = range.end, let position = consumer.position(of: partition), position >= end else {
                continue
            }
            drop(partition)
        }
    }

    private mutating func drop(_ partition: TopicPartition) {
        ranges[partition] = nil
        consumer.unassign([partition])
    }
}
