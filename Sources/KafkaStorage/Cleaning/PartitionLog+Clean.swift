import KafkaWire
import Synchronization

extension PartitionLog {
    /// What of the log can be compacted now; nil while it cannot be: closed, broken, or being cleaned.
    ///
    /// - Parameters:
    ///   - cleanedOffset: where the last cleaning ended (`cleaner-offset-checkpoint`), nil if there was none.
    ///   - stableOffset: the last stable offset, which is not above the high watermark.
    package func cleanableRange(
        cleanedOffset: Int64?,
        stableOffset: Int64,
        nowMs: Int64
    ) throws(StorageError) -> CleanableRange? {
        try state.withLock { state throws(StorageError) in
            if state.failure != nil || state.isCleaning { return nil }
            return CleanableRange(
                closed: try state.cleaningCandidates(fileSystem),
                cleanedOffset: cleanedOffset,
                logStartOffset: state.logStartOffset,
                logEndOffset: state.logEndOffset,
                stableOffset: stableOffset,
                config: state.config,
                nowMs: nowMs
            )
        }
    }

    /// Compacts the log: of every key whose newest record lies in the dirty part only that record stays.
    ///
    /// The segments up to the end of the range are written anew, several small ones as one, and take the place of the
    /// old ones, which readers that have them open still read; nothing is locked meanwhile. If the keys do not fit into
    /// the memory that there is, the log is cleaned up to where they did.
    ///
    /// - Parameter proceed: called with the bytes read since the last call; may wait, and returns false to stop.
    /// - Throws: `.interrupted` if it was to stop, or the log was cut, shortened or closed meanwhile.
    package func clean(
        _ range: CleanableRange,
        settings: CleanerSettings = CleanerSettings(),
        nowMs: Int64,
        proceed: (Int) -> Bool = { _ in true }
    ) throws(CleaningError) -> CleaningReport {
        guard let scope = state.withLock({ $0.beginCleaning(range) }) else { throw .interrupted }
        defer { state.withLock { $0.isCleaning = false } }
        let outcome = withoutActuallyEscaping(proceed) { proceed in
            let cleaning = LogCleaning(
                log: self,
                range: range,
                scope: scope,
                settings: settings,
                nowMs: nowMs,
                proceed: proceed
            )
            return Result { () throws(StorageError) in try cleaning.run() }
        }
        switch outcome {
        case .success(let report):
            guard let report else { throw .interrupted }
            return report
        case .failure(let error):
            // Files that retention removed, or that went with the folder, are no failure.
            if error.isNotFound && state.withLock({ $0.place(of: scope.sources[...], scope) == nil }) {
                throw .interrupted
            }
            throw .storage(error)
        }
    }

    /// Makes the file of a segment that is to replace others. Nil if the log is closed: its folder may belong to
    /// another log by now.
    func beginCleanedSegment(baseOffset: Int64, createdMs: Int64) throws(StorageError) -> Segment? {
        try state.withLock { state throws(StorageError) in
            guard state.failure == nil else { return nil }
            var segment = Segment(
                creatingIn: directory,
                baseOffset: baseOffset,
                nowMs: createdMs,
                suffix: LogFileName.cleaned
            )
            // An earlier attempt may have left some.
            guard LogState.discard(segment, fileSystem) else {
                throw StorageError(
                    kind: .system(SystemErrorCode.inputOutput),
                    operation: "replace",
                    path: segment.logPath,
                    reason: "what an earlier cleaning left cannot be removed",
                    remedy: "check the permissions of the folder, then restart the broker"
                )
            }
            _ = try segment.open(fileSystem)
            return segment
        }
    }

    /// Puts `cleaned` in the place of `sources`. False if they are not what they were when they were read.
    func exchange(
        _ sources: ArraySlice<Segment>,
        of scope: CleaningScope,
        with cleaned: Segment,
        nowMs: Int64
    ) throws(StorageError) -> Bool {
        let isDone = try state.withLock { state throws(StorageError) in
            guard let range = state.place(of: sources, scope) else { return false }
            noteFilesChange()
            try state.replace(range, with: cleaned, nowMs: nowMs, fileSystem)
            return true
        }
        if isDone { try fileSystem.synchronizeDirectory(directory) }
        return isDone
    }
}

/// What a cleaning works on, taken under the log's lock at once.
struct CleaningScope {
    /// The closed segments up to the end of the range.
    let sources: [Segment]
    let config: LogConfig
    let lastBatches: [Int64: SegmentCleaner.LastBatch]
    let cutCount: Int
}

extension LogState {
    /// Facts about the closed segments. What must be read for them is read once.
    fileprivate mutating func cleaningCandidates(
        _ fileSystem: any FileSystem
    ) throws(StorageError) -> [CleanableRange.Candidate] {
        var candidates: [CleanableRange.Candidate] = []
        for index in segments.indices.dropLast() {
            let needsMaximum = config.minCompactionLagMs > 0
            let needsFirst = config.maxCompactionLagMs != .max
            candidates.append(
                CleanableRange.Candidate(
                    baseOffset: segments[index].baseOffset,
                    endOffset: endOffset(ofSegment: index),
                    size: segments[index].size,
                    maxTimestampMs: needsMaximum ? try segments[index].loadMaximum(fileSystem).timestamp : -1,
                    firstTimestampMs: needsFirst ? try segments[index].loadFirstTimestamp(fileSystem) : -1
                )
            )
        }
        return candidates
    }

    fileprivate mutating func beginCleaning(_ range: CleanableRange) -> CleaningScope? {
        guard failure == nil, !isCleaning else { return nil }
        isCleaning = true
        return CleaningScope(
            sources: Array(segments.dropLast().prefix { $0.baseOffset < range.end }),
            config: config,
            lastBatches: producers.producers.mapValues { state in
                SegmentCleaner.LastBatch(lastOffset: state.batches.last?.lastOffset, epoch: state.epoch)
            },
            cutCount: cutCount
        )
    }

    /// Where `sources` stand among the closed segments; nil if not all of them are there as they were, or the log is
    /// closed.
    fileprivate func place(of sources: ArraySlice<Segment>, _ scope: CleaningScope) -> Range<Int>? {
        guard failure == nil, cutCount == scope.cutCount, let first = sources.first,
            let start = segments.firstIndex(where: { $0.baseOffset == first.baseOffset }),
            start + sources.count < segments.count
        else { return nil }
        let range = start..<start + sources.count
        let isSame = zip(segments[range], sources).allSatisfy { now, then in
            now.baseOffset == then.baseOffset && now.size == then.size
        }
        return isSame ? range : nil
    }
}
