import KafkaStorage
import KafkaWire

/// Prints an offset or time index beside its segment, and collects what does not fit it.
struct IndexDump {
    let path: String
    let isSanityCheck: Bool
    let isQuiet: Bool
    let largestBatch: Int64
    let output: ByteOutput
    let fileSystem: any FileSystem

    private let base: Int64
    private let logPath: String
    private var line = TextLine()

    init(_ path: String, command: DumpLogCommand, output: ByteOutput, fileSystem: any FileSystem) throws(CommandFailure)
    {
        self.path = path
        isSanityCheck = command.indexSanityCheck
        isQuiet = command.verifyIndexOnly
        largestBatch = Int64(command.maxMessageSize)
        self.output = output
        self.fileSystem = fileSystem
        base = try DumpLogRunner.offset(of: path)
        logPath = DumpLogRunner.sibling(of: path, suffix: LogFileName.log)
    }

    // MARK: Offsets

    /// Returns (offset in the index, offset in the log) where they differ, the latest first.
    mutating func dumpOffsets() throws -> [(Int64, Int64)] {
        var log = try BatchScanner(path: logPath, fileSystem: fileSystem)
        var index = try IndexScanner<OffsetIndexEntry>(path: path, fileSystem: fileSystem)
        guard index.count > 0 else {
            line.add("\(path) is empty.")
            try line.end(output)
            return []
        }
        if isSanityCheck {
            let last = try index.entry(at: index.count - 1)
            try checkSanity(index.unread, isOrdered: (last?.relativeOffset ?? 0) >= 0)
            return []
        }
        var mismatches: [(Int64, Int64)] = []
        while let entry = try index.next() {
            // The rest was preallocated and never written.
            if entry.relativeOffset == 0 && index.index > 1 { break }
            let offset = base &+ Int64(entry.relativeOffset)
            let found = try batch(in: &log, at: Int64(entry.position))
            if found.header.lastOffset != offset { mismatches.insert((offset, found.header.lastOffset), at: 0) }
            guard !isQuiet else { continue }
            line.add("offset: ")
            line.add(offset)
            line.add(" position: ")
            line.add(entry.position)
            try line.end(output)
        }
        return mismatches
    }

    private func batch(in log: inout BatchScanner, at position: Int64) throws -> RecordBatchView {
        log.move(to: position)
        guard position >= 0, case .batch(let batch, _) = try log.next(), Int64(batch.sizeInBytes) <= largestBatch else {
            throw CommandFailure(
                "\(path) names byte \(position) of the segment, where no batch of at most \(largestBatch) bytes begins."
            )
        }
        return batch
    }

    // MARK: Times

    /// What does not fit between a time index and its segment.
    struct TimeFindings {
        /// Timestamp in the index, timestamp in the log.
        var mismatches: [(Int64, Int64)] = []
        /// Timestamp, and the one before it that is not smaller.
        var unordered: [(Int64, Int64)] = []
        /// Offset in the index, offset found in its place; -1 for none.
        var missing: [(Int64, Int64)] = []
    }

    mutating func dumpTimes() throws -> TimeFindings {
        var log = try BatchScanner(path: logPath, fileSystem: fileSystem)
        let offsetsPath = DumpLogRunner.sibling(of: path, suffix: LogFileName.offsetIndex)
        var offsets = try IndexScanner<OffsetIndexEntry>(path: offsetsPath, fileSystem: fileSystem)
        var times = try IndexScanner<TimeIndexEntry>(path: path, fileSystem: fileSystem)
        if isSanityCheck {
            let first = try times.entry(at: 0)
            let last = try times.entry(at: max(0, times.count - 1))
            let isOrdered = (last?.relativeOffset ?? 0) >= 0 && (last?.timestamp ?? 0) >= (first?.timestamp ?? 0)
            try checkSanity(times.unread, isOrdered: isOrdered)
            return TimeFindings()
        }
        var findings = TimeFindings()
        var previous: Int64 = -1
        while let entry = try times.next() {
            if entry.relativeOffset == 0 && times.index > 1 { break }
            let offset = base &+ Int64(entry.relativeOffset)
            let found = try batch(in: &log, holding: offset, from: try position(of: entry.relativeOffset, &offsets))
            if let found, found.header.lastOffset == offset {
                let timestamp = try largestTimestamp(of: found)
                if timestamp != entry.timestamp { findings.mismatches.append((entry.timestamp, timestamp)) }
                if previous >= entry.timestamp { findings.unordered.append((entry.timestamp, previous)) }
            } else {
                findings.missing.append((offset, found?.header.lastOffset ?? -1))
            }
            previous = entry.timestamp
            guard !isQuiet else { continue }
            line.add("timestamp: ")
            line.add(entry.timestamp)
            line.add(" offset: ")
            line.add(offset)
            try line.end(output)
        }
        return findings
    }

    /// Where a search for an offset begins: what the last index entry at or below it says.
    private func position(of offset: Int32, _ index: inout IndexScanner<OffsetIndexEntry>) throws -> Int64 {
        var low: Int64 = 0
        var high = index.count
        var position: Int64 = 0
        while low < high {
            let middle = low + (high - low) / 2
            guard let entry = try index.entry(at: middle) else { break }
            let isUnwritten = entry.relativeOffset == 0 && middle > 0
            if !isUnwritten && entry.relativeOffset <= offset {
                position = Int64(entry.position)
                low = middle + 1
            } else {
                high = middle
            }
        }
        return position
    }

    private func batch(
        in log: inout BatchScanner,
        holding offset: Int64,
        from position: Int64
    ) throws -> RecordBatchView? {
        log.move(to: position)
        while case .batch(let batch, _) = try log.next() {
            if batch.header.lastOffset >= offset { return batch }
        }
        return nil
    }

    private func largestTimestamp(of batch: RecordBatchView) throws -> Int64 {
        var largest: Int64 = -1
        do throws(RecordError) {
            try batch.forEachRecord { record in
                largest = max(largest, record.timestampMs)
                return true
            }
        } catch {
            throw CommandFailure(
                "The batch at offset \(batch.header.baseOffset) of \(logPath) cannot be read: \(error)."
            )
        }
        return largest
    }

    // MARK: Sanity

    /// What a starting broker looks at to decide whether it must build the index anew.
    private mutating func checkSanity(_ unread: Int64, isOrdered: Bool) throws {
        guard unread == 0 else {
            throw CommandFailure("\(path) is damaged: \(unread) bytes follow its last whole entry.")
        }
        guard isOrdered else {
            throw CommandFailure("\(path) is damaged: its last entry lies before the first offset or time.")
        }
        line.add("\(path) passed sanity check.")
        try line.end(output)
    }
}
