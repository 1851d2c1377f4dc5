import KafkaWire
import Synchronization

/// A record found by its time.
package struct TimestampedOffset: Equatable, Sendable {
    package let offset: Int64
    package let timestamp: Int64
    /// -1 if unknown.
    package let leaderEpoch: Int32
}

extension PartitionLog {
    /// The first record, in order of offset, whose timestamp is at least `target` and whose offset is below `limit`.
    package func offset(
        forTimestamp target: Int64,
        before limit: Int64
    ) throws(StorageError) -> TimestampedOffset? {
        let (count, start, end) = state.withLock { ($0.segments.count, $0.logStartOffset, $0.logEndOffset) }
        let bound = min(limit, end)
        for index in 0..<count {
            guard let segment = try loadedSegment(at: index), let maximum = segment.maximum else { continue }
            if segment.baseOffset >= bound { return nil }
            guard segment.size > 0, maximum.timestamp >= target else { continue }
            if let found = try firstRecord(in: segment, timestamp: target, from: start) {
                return found.offset < bound ? found : nil
            }
        }
        return nil
    }

    /// The first record that bears the largest timestamp of the log; nil if the log is empty or has no timestamps.
    package func maxTimestampOffset() throws(StorageError) -> TimestampedOffset? {
        let (count, start) = state.withLock { ($0.segments.count, $0.logStartOffset) }
        var best: Segment?
        for index in 0..<count {
            guard let segment = try loadedSegment(at: index), segment.size > 0, let maximum = segment.maximum
            else { continue }
            if maximum.timestamp > best?.maximum?.timestamp ?? -1 { best = segment }
        }
        guard let best, let maximum = best.maximum else { return nil }
        return try firstRecord(in: best, timestamp: maximum.timestamp, from: start)
    }

    /// A copy of a segment with its largest timestamp loaded.
    private func loadedSegment(at index: Int) throws(StorageError) -> Segment? {
        try state.withLock { state throws(StorageError) in
            guard index < state.segments.count else { return nil }
            _ = try state.segments[index].loadMaximum(fileSystem)
            return state.segments[index]
        }
    }

    private func firstRecord(
        in segment: Segment,
        timestamp target: Int64,
        from start: Int64
    ) throws(StorageError) -> TimestampedOffset? {
        // Everything up to the last entry below the target is too old.
        let older = try segment.timeIndex.partition(fileSystem) { $0.timestamp < target }.last
        let from = max(start, older.map { segment.baseOffset + Int64($0.relativeOffset) } ?? segment.baseOffset)
        let file = try openForReading(segment)
        var cursor = BatchCursor(
            file: file,
            path: segment.logPath,
            from: try segment.scanStart(for: from, fileSystem),
            to: segment.size
        )
        while let batch = try cursor.next() {
            guard batch.header.maxTimestamp >= target, batch.header.lastOffset >= start else { continue }
            let slice = FileSlice(source: file, offset: batch.position, count: batch.header.sizeInBytes)
            if let found = try firstRecord(in: slice, path: segment.logPath, timestamp: target, from: start) {
                return found
            }
        }
        return nil
    }

    private func firstRecord(
        in slice: FileSlice,
        path: String,
        timestamp target: Int64,
        from start: Int64
    ) throws(StorageError) -> TimestampedOffset? {
        do {
            let view = try RecordBatchView(try slice.read())
            var records = try view.records()
            while let record = try records.next() {
                if record.timestampMs >= target && record.offset >= start {
                    return TimestampedOffset(
                        offset: record.offset,
                        timestamp: record.timestampMs,
                        leaderEpoch: view.header.partitionLeaderEpoch
                    )
                }
            }
            return nil
        } catch {
            throw .corrupt(path, "the batch at byte \(slice.offset) cannot be read: \(error)")
        }
    }
}
