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
        try reading { isCurrent throws(StorageError) in
            let view = state.withLock { (segments: $0.segments, start: $0.logStartOffset, end: $0.logEndOffset) }
            let bound = min(limit, view.end)
            for segment in view.segments {
                if segment.baseOffset >= bound { return nil }
                let maximum = try maximum(of: segment, isCurrent)
                guard segment.size > 0, maximum.timestamp >= target else { continue }
                if let found = try firstRecord(in: segment, timestamp: target, from: view.start, isCurrent) {
                    return found.offset < bound ? found : nil
                }
            }
            return nil
        }
    }

    /// The first record that bears the largest timestamp of the log; nil if the log is empty or has no timestamps.
    package func maxTimestampOffset() throws(StorageError) -> TimestampedOffset? {
        try reading { isCurrent throws(StorageError) in
            let (segments, start) = state.withLock { ($0.segments, $0.logStartOffset) }
            var best: (segment: Segment, timestamp: Int64)?
            for segment in segments where segment.size > 0 {
                let maximum = try maximum(of: segment, isCurrent)
                if maximum.timestamp > best?.timestamp ?? -1 { best = (segment, maximum.timestamp) }
            }
            guard let best else { return nil }
            return try firstRecord(in: best.segment, timestamp: best.timestamp, from: start, isCurrent)
        }
    }

    /// The largest timestamp of a segment, which is kept for the next one who asks.
    private func maximum(
        of segment: Segment,
        _ isCurrent: () -> Bool
    ) throws(StorageError) -> (timestamp: Int64, offset: Int64) {
        if let maximum = segment.maximum { return maximum }
        var copy = segment
        let maximum = try copy.loadMaximum(fileSystem)
        state.withLock { state in
            guard isCurrent(), let index = state.segments.firstIndex(where: { $0.baseOffset == segment.baseOffset })
            else { return }
            state.segments[index].takeMaximum(of: copy)
        }
        return maximum
    }

    private func firstRecord(
        in segment: Segment,
        timestamp target: Int64,
        from start: Int64,
        _ isCurrent: () -> Bool
    ) throws(StorageError) -> TimestampedOffset? {
        // Everything up to the last entry below the target is too old.
        let older = try segment.timeIndex.partition(fileSystem) { $0.timestamp < target }.last
        let from = max(start, older.map { segment.baseOffset + Int64($0.relativeOffset) } ?? segment.baseOffset)
        let file = try openForReading(segment, isCurrent)
        var cursor = try segment.cursor(for: from, file: file, fileSystem)
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
