import Synchronization

/// A segment that retention took out of the log.
package struct DeletedSegment: Equatable, Sendable {
    package let baseOffset: Int64
    package let size: Int64
    package let reason: RetentionDecision.Reason
}

extension PartitionLog {
    /// Raises the log start offset: everything below it is invisible at once, and its segments go with the next
    /// retention check. An offset below the present start changes nothing. Throws `.offsetOutOfRange` beyond the log
    /// end; the caller checks against the high watermark. Returns the log start offset.
    package func deleteRecords(before offset: Int64) throws(ReadError) -> Int64 {
        try state.withLock { state throws(ReadError) in
            guard offset >= 0, offset <= state.logEndOffset else {
                throw .offsetOutOfRange(
                    offset: offset,
                    logStartOffset: state.logStartOffset,
                    logEndOffset: state.logEndOffset
                )
            }
            guard offset > state.logStartOffset else { return state.logStartOffset }
            state.raiseLogStart(to: offset)
            return offset
        }
    }

    /// Removes segments that are due by start offset, size or time. The files keep their bytes under a `.deleted` name
    /// for `file.delete.delay.ms`; see ``purgeDeletedFiles(nowMs:)``.
    package func applyRetention(nowMs: Int64, highWatermark: Int64) throws(StorageError) -> [DeletedSegment] {
        try state.withLock { state throws(StorageError) in
            if let failure = state.failure { throw failure }
            // Cheap way out: with unlimited retention only the start offset can remove something.
            if !state.config.deletesOldSegments || (state.config.retentionMs < 0 && state.config.retentionBytes < 0),
                state.endOffset(ofSegment: 0) > state.logStartOffset
            {
                return []
            }
            let candidates = try state.retentionCandidates(fileSystem)
            let reasons = RetentionDecision(
                config: state.config,
                logStartOffset: state.logStartOffset,
                highWatermark: highWatermark,
                nowMs: nowMs
            ).due(candidates)
            guard !reasons.isEmpty else { return [] }
            noteFilesChange()
            if reasons.count == state.segments.count {
                try state.roll(at: state.logEndOffset, nowMs: nowMs, fileSystem, directory: directory)
            }
            var deleted: [DeletedSegment] = []
            for (reason, candidate) in zip(reasons, candidates) {
                try state.removeFirstSegment(nowMs: nowMs, fileSystem)
                deleted.append(
                    DeletedSegment(baseOffset: candidate.baseOffset, size: candidate.size, reason: reason)
                )
            }
            // Metadata only: what is stale here is repaired when the log is opened.
            try? state.writeEpochs(fileSystem, directory: directory, synchronized: false)
            return deleted
        }
    }

    /// Begins a new segment at the log end, so that what is there now can be removed as a whole.
    package func roll(nowMs: Int64) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            if let failure = state.failure { throw failure }
            noteFilesChange()
            try state.roll(at: state.logEndOffset, nowMs: nowMs, fileSystem, directory: directory)
        }
    }

    /// Removes files whose delay is over.
    package func purgeDeletedFiles(nowMs: Int64) throws(StorageError) {
        let due = state.withLock { state in
            let due = state.deletedFiles.filter { $0.dueMs <= nowMs }
            state.deletedFiles.removeAll { $0.dueMs <= nowMs }
            return due
        }
        for (path, _) in due { try fileSystem.removeIfPresent(path) }
    }
}

extension LogState {
    /// Largest timestamps come from the time indexes; only segments that could be due are looked at.
    fileprivate mutating func retentionCandidates(
        _ fileSystem: any FileSystem
    ) throws(StorageError) -> [RetentionDecision.Candidate] {
        var candidates: [RetentionDecision.Candidate] = []
        for index in segments.indices {
            var timestamp = try segments[index].loadMaximum(fileSystem).timestamp
            if timestamp < 0 {
                timestamp = try fileSystem.status(segments[index].logPath)?.modifiedMs ?? segments[index].createdMs
            }
            candidates.append(
                RetentionDecision.Candidate(
                    baseOffset: segments[index].baseOffset,
                    endOffset: endOffset(ofSegment: index),
                    size: segments[index].size,
                    maxTimestampMs: timestamp
                )
            )
        }
        return candidates
    }

    mutating func raiseLogStart(to offset: Int64) {
        logStartOffset = max(logStartOffset, offset)
        if epochs.truncateFromStart(logStartOffset) { epochsStale = true }
        recoveryPoint = max(recoveryPoint, logStartOffset)
    }

    /// Takes the first segment out of the log and renames its files; there must be another one.
    fileprivate mutating func removeFirstSegment(nowMs: Int64, _ fileSystem: any FileSystem) throws(StorageError) {
        let segment = segments[0]
        try hide(segment, withSnapshot: true, nowMs: nowMs, fileSystem)
        segments.removeFirst()
        raiseLogStart(to: segments[0].baseOffset)
    }

    /// Renames the files of a segment to `.deleted`. The log file goes first and decides: index files without one are
    /// removed when the log is opened, so it is no failure if they keep their name.
    mutating func hide(
        _ segment: Segment,
        withSnapshot: Bool,
        nowMs: Int64,
        _ fileSystem: any FileSystem
    ) throws(StorageError) {
        let suffixes = LogFileName.segmentSuffixes + (withSnapshot ? [LogFileName.snapshot] : [])
        for suffix in suffixes {
            let path = Segment.path(segment.directory, segment.baseOffset, suffix)
            let hidden = path + LogFileName.deleted
            do throws(StorageError) {
                try fileSystem.rename(path, to: hidden)
            } catch  where error.isNotFound || suffix != LogFileName.log {
                continue
            }
            deletedFiles.append((hidden, config.deletionMs(nowMs: nowMs)))
        }
        directoryDirty = true
    }
}
