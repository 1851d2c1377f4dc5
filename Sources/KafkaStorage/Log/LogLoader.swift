import KafkaWire

/// Brings a partition's folder into order and finds out what its log holds; recovers it after an unclean stop.
struct LogLoader {
    let directory: String
    let config: LogConfig
    let opening: LogOpening
    let fileSystem: any FileSystem
    let nowMs: Int64
    var report = RecoveryReport()

    init(
        directory: String,
        config: LogConfig,
        opening: LogOpening,
        fileSystem: any FileSystem,
        nowMs: Int64
    ) {
        self.directory = directory
        self.config = config
        self.opening = opening
        self.fileSystem = fileSystem
        self.nowMs = nowMs
    }

    mutating func load(isNew: Bool) throws(StorageError) -> LogState {
        guard !isNew else { return try newLog(at: opening.logStartOffset, epochs: LeaderEpochCache()) }
        var names = try fileSystem.list(directory)
        if names.contains(where: { $0.hasSuffix(LogFileName.deleted) || $0.hasSuffix(LogFileName.cleaned) })
            || names.contains(where: { $0.hasSuffix(LogFileName.swap) })
        {
            try LeftoverFiles(directory: directory, fileSystem: fileSystem).tidy(names)
            names = try fileSystem.list(directory)
        }
        let epochs = try loadEpochs(names)
        var segments = try findSegments(names)
        guard !segments.isEmpty else { return try newLog(at: opening.logStartOffset, epochs: epochs) }

        let recoveryStart = try recoveryStart(&segments)
        var recovery = SegmentRecovery(
            directory: directory,
            config: config,
            fileSystem: fileSystem,
            nowMs: nowMs,
            epochs: epochs
        )
        let end: Int64
        var producers: ProducerStateLoader.Loaded
        if let recoveryStart {
            (end, producers) = try recovery.recover(&segments, from: recoveryStart)
            report = recovery.report
        } else {
            end = try logEnd(of: segments[segments.count - 1])
            producers = try ProducerStateLoader(
                fileSystem: fileSystem,
                directory: directory,
                nowMs: nowMs,
                config: config,
                // A clean stop answers what is under way: little is sent again, and a start must not take long.
                recallBytes: 128 << 10
            ).load(segments: segments, upTo: end)
        }
        report.notes += producers.notes
        // What was not recovered was closed by a clean stop, or flushed before the recovery point passed it.
        for index in segments.indices.dropLast() where index < recoveryStart ?? .max {
            segments[index].indexesAreDurable = true
        }
        if end < opening.logStartOffset { return try restart(segments, end: end) }

        var state = LogState(
            config: config,
            segments: segments,
            logStartOffset: max(opening.logStartOffset, segments[0].baseOffset),
            logEndOffset: end,
            recoveryPoint: recoveryStart == nil ? end : min(max(opening.recoveryPoint, segments[0].baseOffset), end),
            epochs: recovery.epochs,
            producers: producers.table,
            lastSnapshotOffset: producers.snapshotOffset
        )
        if recoveryStart != nil && state.recoveryPoint < end { state.unflushedSinceMs = nowMs }
        state.epochsStale = recovery.epochs != epochs
        if state.epochs.truncateFromEnd(end) { state.epochsStale = true }
        if state.epochs.truncateFromStart(state.logStartOffset) { state.epochsStale = true }
        try state.writeEpochs(fileSystem, directory: directory, synchronized: false)
        try removeStraySnapshots(names, segments: segments, end: end)
        state.directoryDirty = recoveryStart != nil
        state.drawJitter()
        return state
    }

    private func newLog(at offset: Int64, epochs: LeaderEpochCache) throws(StorageError) -> LogState {
        var segment = Segment(creatingIn: directory, baseOffset: offset, nowMs: nowMs)
        _ = try segment.open(fileSystem)
        // Opened again by the first append: a partition without traffic holds no descriptor.
        segment.file = nil
        var state = LogState(
            config: config,
            segments: [segment],
            logStartOffset: offset,
            logEndOffset: offset,
            recoveryPoint: offset,
            epochs: epochs,
            producers: ProducerStateTable(),
            lastSnapshotOffset: -1
        )
        state.epochsStale = state.epochs.truncateFromEnd(offset) || epochs.entries.isEmpty
        state.directoryDirty = true
        state.drawJitter()
        try state.writeEpochs(fileSystem, directory: directory, synchronized: false)
        return state
    }

    /// The log ends below where it is known to start: nothing of it is wanted (rule 8).
    private mutating func restart(_ segments: [Segment], end: Int64) throws(StorageError) -> LogState {
        report.removedSegments += segments.map(\.baseOffset)
        report.notes.append(
            "the log ended at \(end), below its checkpointed start \(opening.logStartOffset), and begins there anew"
        )
        var state = LogState(
            config: config,
            segments: segments,
            logStartOffset: end,
            logEndOffset: end,
            recoveryPoint: end,
            epochs: LeaderEpochCache(),
            producers: ProducerStateTable(),
            lastSnapshotOffset: -1
        )
        try state.restart(at: opening.logStartOffset, nowMs: nowMs, fileSystem, directory: directory)
        return state
    }

    // MARK: What is there

    private mutating func loadEpochs(_ names: [String]) throws(StorageError) -> LeaderEpochCache {
        guard names.contains(LeaderEpochCache.fileName) else { return LeaderEpochCache() }
        let path = "\(directory)/\(LeaderEpochCache.fileName)"
        let bytes = try fileSystem.readAll(path)
        do throws(StorageError) {
            return try LeaderEpochCache.decode(bytes, path: path)
        } catch {
            // Epochs of segments that are not read again are lost with it: followers fall back to the high watermark.
            report.notes.append("ignored \(path): \(error.reason)")
            return LeaderEpochCache()
        }
    }

    /// The segments in order. Index files without a log file are removed.
    private mutating func findSegments(_ names: [String]) throws(StorageError) -> [Segment] {
        var sizes: [Int64: [Substring: Int64]] = [:]
        for name in names {
            guard let file = LogFileName.parse(name), LogFileName.segmentSuffixes.contains(String(file.suffix)),
                let status = try fileSystem.status("\(directory)/\(name)")
            else { continue }
            sizes[file.offset, default: [:]][file.suffix] = status.size
        }
        var segments: [Segment] = []
        for (offset, files) in sizes.sorted(by: { $0.key < $1.key }) {
            guard let logSize = files[Substring(LogFileName.log)] else {
                for suffix in files.keys {
                    try fileSystem.removeIfPresent(Segment.path(directory, offset, String(suffix)))
                }
                report.notes.append("removed index files of offset \(offset), which have no log file")
                continue
            }
            segments.append(
                Segment(
                    existingIn: directory,
                    baseOffset: offset,
                    logSize: logSize,
                    offsetIndexSize: files[Substring(LogFileName.offsetIndex)],
                    timeIndexSize: files[Substring(LogFileName.timeIndex)],
                    transactionIndexSize: files[Substring(LogFileName.transactionIndex)],
                    modifiedMs: nowMs
                )
            )
        }
        return segments
    }

    /// The index of the first segment that must be read and checked; nil if none.
    private mutating func recoveryStart(_ segments: inout [Segment]) throws(StorageError) -> Int? {
        var first: Int?
        if !opening.isClean {
            first = max(0, segments.prefixCount { $0.baseOffset <= opening.recoveryPoint } - 1)
        }
        for index in segments.indices where index < first ?? .max {
            if try !hasSaneIndexes(segments[index], isLast: index == segments.count - 1) {
                report.notes.append("the indexes of segment \(segments[index].baseOffset) are missing or damaged")
                first = index
            }
        }
        if first == nil, let last = segments.last, !isWhole(last) { first = segments.count - 1 }
        return first
    }

    /// Sizes for all segments; the last entries, which cost reading, only for the active one. Transaction indexes are
    /// read whole: they are short, and what they say cannot be checked when it is needed.
    private func hasSaneIndexes(_ segment: Segment, isLast: Bool) throws(StorageError) -> Bool {
        guard segment.offsetIndex.fileExists, segment.timeIndex.fileExists else { return segment.size == 0 }
        if segment.transactionIndex.fileExists, try !hasSaneTransactionIndex(segment) { return false }
        let offsetSize = try fileSystem.status(segment.offsetIndex.path)?.size ?? -1
        let timeSize = try fileSystem.status(segment.timeIndex.path)?.size ?? -1
        guard offsetSize % Int64(OffsetIndexEntry.size) == 0, timeSize % Int64(TimeIndexEntry.size) == 0 else {
            return false
        }
        guard isLast else { return true }
        if let last = try segment.offsetIndex.last(fileSystem),
            last.relativeOffset <= 0 || Int64(last.position) >= segment.size
        {
            return false
        }
        if let last = try segment.timeIndex.last(fileSystem), let first = try segment.timeIndex.first(fileSystem),
            last.timestamp < first.timestamp || last.relativeOffset < 0
        {
            return false
        }
        return true
    }

    private func hasSaneTransactionIndex(_ segment: Segment) throws(StorageError) -> Bool {
        let size = try fileSystem.status(segment.transactionIndex.path)?.size ?? -1
        guard size % Int64(AbortedTransaction.size) == 0 else { return false }
        return try segment.transactionIndex.suffix(fileSystem, from: 0).allSatisfy { entry in
            entry.version == 0 && entry.producerID >= 0 && entry.firstOffset >= 0
                && entry.firstOffset <= entry.lastOffset && entry.lastOffset >= segment.baseOffset
                && entry.lastOffset - segment.baseOffset <= Int64(Int32.max) && entry.lastStableOffset >= 0
        }
    }

    /// Whether whole batches lead from the last index entry to the end of the file.
    private func isWhole(_ segment: Segment) -> Bool {
        (try? logEnd(of: segment)) != nil
    }

    private func logEnd(of segment: Segment) throws(StorageError) -> Int64 {
        guard segment.size > 0 else { return segment.baseOffset }
        var cursor = try segment.cursor(for: .max, file: try segment.reader(fileSystem), fileSystem)
        var end = segment.baseOffset
        while let batch = try cursor.next() {
            guard batch.header.baseOffset >= end else {
                throw .corrupt(segment.logPath, "offsets run backwards at byte \(batch.position)")
            }
            end = batch.header.nextOffset
        }
        return end
    }

    /// Snapshots that belong to no segment go, but for the newest one (rule 10).
    private func removeStraySnapshots(_ names: [String], segments: [Segment], end: Int64) throws(StorageError) {
        let offsets = names.compactMap { LogFileName.parse($0) }
            .filter { $0.suffix == LogFileName.snapshot }
            .map(\.offset)
        let newest = offsets.filter { $0 <= end }.max()
        let bases = Set(segments.map(\.baseOffset))
        for offset in offsets where offset != newest && !bases.contains(offset) {
            try fileSystem.removeIfPresent(Segment.path(directory, offset, LogFileName.snapshot))
        }
    }
}
