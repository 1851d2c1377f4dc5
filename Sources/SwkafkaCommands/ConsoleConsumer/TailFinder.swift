import KafkaClient
import KafkaWire

/// Finds where the last records of a partition begin.
///
/// Offsets do not tell: markers of transactions, aborted records and compaction leave holes. So the end is read once,
/// from further and further back, until enough records were seen.
struct TailFinder {
    let consumer: KafkaConsumer
    /// How many records are wanted.
    let count: Int64

    /// A record that was seen.
    struct Seen: Equatable {
        var offset: Int64
        var timestampMs: Int64
    }

    /// - Parameter range: the whole partition, with an end.
    /// - Returns: the range of its last records.
    func tail(of partition: TopicPartition, _ range: ReadingBounds.Range) async throws -> ReadingBounds.Range {
        guard let end = range.end, !range.isEmpty else { return range }
        let seen = try await last(of: partition, range)
        return ReadingBounds.Range(start: seen.first?.offset ?? end, end: end)
    }

    /// The last records, `count` at most.
    func last(of partition: TopicPartition, _ range: ReadingBounds.Range) async throws -> [Seen] {
        guard let end = range.end, !range.isEmpty else { return [] }
        var distance = count
        while true {
            let start = max(range.start, distance > end ? range.start : end - distance)
            let seen = try await records(of: partition, from: start, to: end)
            if seen.count >= count || start == range.start { return seen }
            distance = min(distance.multipliedReportingOverflow(by: 4).partialValue, Int64.max / 8)
        }
    }

    private func records(of partition: TopicPartition, from start: Int64, to end: Int64) async throws -> [Seen] {
        var reader = RangeReader(consumer, [partition: ReadingBounds.Range(start: start, end: end)])
        var seen: [Seen] = []
        while true {
            guard case .batch(let batch, let end) = try await reader.next(timeout: nil, idle: {}) else { break }
            try batch.forEachRecord { record in
                guard record.offset < end else { return false }
                seen.append(Seen(offset: record.offset, timestampMs: record.timestampMs))
                return true
            }
            // Kept short, but not shifted with every batch.
            if seen.count > 2 * Int(count) + 1024 { seen.removeFirst(seen.count - Int(count)) }
        }
        return Array(seen.suffix(Int(count)))
    }

    /// Where each partition begins when together they shall give their last `count` records: from the end backwards,
    /// always the latest record of those that are next in their partitions.
    ///
    /// - Parameter seen: of each partition the last records, at least `count` if it has so many.
    /// - Returns: the first offset of each partition that gives any.
    static func starts(_ seen: [TopicPartition: [Seen]], count: Int64) -> [TopicPartition: Int64] {
        var left = seen.filter { !$0.value.isEmpty }
        var starts: [TopicPartition: Int64] = [:]
        for _ in 0..<count {
            let latest = left.max { first, second in
                let (one, other) = (first.value.last?.timestampMs ?? .min, second.value.last?.timestampMs ?? .min)
                return (one, first.key) < (other, second.key)
            }
            guard let partition = latest?.key, let record = left[partition]?.popLast() else { break }
            starts[partition] = record.offset
            if left[partition]?.isEmpty ?? true { left[partition] = nil }
        }
        return starts
    }
}
