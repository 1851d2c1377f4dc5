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

    /// - Parameter range: the whole partition, with an end.
    /// - Returns: the range of its last records.
    func tail(of partition: TopicPartition, _ range: ReadingBounds.Range) async throws -> ReadingBounds.Range {
        guard let end = range.end, !range.isEmpty else { return range }
        var distance = count
        while true {
            let start = max(range.start, distance > end ? range.start : end - distance)
            let offsets = try await lastOffsets(of: partition, from: start, to: end)
            if offsets.count >= count || start == range.start {
                return ReadingBounds.Range(start: offsets.first ?? start, end: end)
            }
            distance = min(distance.multipliedReportingOverflow(by: 4).partialValue, Int64.max / 8)
        }
    }

    /// The offsets of at most `count` records, the last ones of the range.
    private func lastOffsets(of partition: TopicPartition, from start: Int64, to end: Int64) async throws -> [Int64] {
        var reader = RangeReader(consumer, [partition: ReadingBounds.Range(start: start, end: end)])
        var offsets: [Int64] = []
        while true {
            guard case .batch(let batch, let end) = try await reader.next(timeout: nil, idle: {}) else { break }
            try batch.forEachRecord { record in
                guard record.offset < end else { return false }
                offsets.append(record.offset)
                return true
            }
            // Kept short, but not shifted with every batch.
            if offsets.count > 2 * Int(count) + 1024 { offsets.removeFirst(offsets.count - Int(count)) }
        }
        return Array(offsets.suffix(Int(count)))
    }
}
