import KafkaWire
import Synchronization

extension PartitionLog {
    /// Cuts the log so that it ends at or before `offset`: a batch that holds `offset` goes as a whole. For followers
    /// whose log differs from the leader's. True if anything was cut.
    ///
    /// The caller must have recovery point and high watermark checkpointed at or below `offset` before new data is
    /// acknowledged (``LogDirectory/truncate(_:to:nowMs:)`` does).
    package func truncate(to offset: Int64, nowMs: Int64) throws(StorageError) -> Bool {
        try state.withLock { state throws(StorageError) in
            if let failure = state.failure { throw failure }
            guard offset < state.logEndOffset else { return false }
            let restarts = offset <= state.segments[0].baseOffset
            noteFilesChange()
            try state.cutting { state throws(StorageError) in
                if restarts {
                    try state.restart(at: offset, nowMs: nowMs, fileSystem, directory: directory)
                } else {
                    try state.truncate(to: offset, nowMs: nowMs, fileSystem, directory: directory)
                }
            }
            return true
        }
    }

    /// Removes everything and begins again at `offset`.
    package func truncateFully(startingAt offset: Int64, nowMs: Int64) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            if let failure = state.failure { throw failure }
            noteFilesChange()
            try state.cutting { state throws(StorageError) in
                try state.restart(at: offset, nowMs: nowMs, fileSystem, directory: directory)
            }
        }
    }
}

extension LogState {
    /// Runs a change of several steps. If one fails, memory and disk may differ: nothing is appended until the log has
    /// been opened again.
    fileprivate mutating func cutting(
        _ change: (inout LogState) throws(StorageError) -> Void
    ) throws(StorageError) {
        cutCount += 1
        do throws(StorageError) {
            try change(&self)
        } catch {
            failure = StorageError(
                kind: .offline,
                operation: "append to",
                path: error.path,
                reason: "truncation stopped halfway: \(error.reason)",
                remedy: "restart the broker so that the log is recovered"
            )
            throw error
        }
    }

    fileprivate mutating func truncate(
        to offset: Int64,
        nowMs: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(StorageError) {
        tail.removeAll()
        recoveryPoint = min(recoveryPoint, offset)
        // What is cut must not come back after a power cut, behind what is written in its place.
        if segments.count > 1 && active.baseOffset >= offset {
            while segments.count > 1 && active.baseOffset >= offset { try removeLastSegment(nowMs: nowMs, fileSystem) }
            try fileSystem.synchronizeDirectory(directory)
        }
        let file = try active.open(fileSystem)
        if let batch = try active.batch(containing: offset, file: file, fileSystem) {
            try active.cut(at: batch.position, offset: batch.header.baseOffset, fileSystem)
            try file.synchronize()
            logEndOffset = min(offset, batch.header.baseOffset)
        } else {
            // Offset lies in a hole that compaction left at the end of the segment.
            logEndOffset = offset
        }
        recoveryPoint = min(recoveryPoint, logEndOffset)
        logStartOffset = min(logStartOffset, logEndOffset)
        try rebuildAfterCut(nowMs: nowMs, fileSystem, directory: directory)
    }

    mutating func restart(
        at offset: Int64,
        nowMs: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(StorageError) {
        tail.removeAll()
        recoveryPoint = min(recoveryPoint, offset)
        // Newest first, so that what a crash leaves has no gap.
        while segments.count > 1 { try removeLastSegment(nowMs: nowMs, fileSystem) }
        try hide(segments[0], withSnapshot: false, nowMs: nowMs, fileSystem)
        segments[0] = Segment(creatingIn: directory, baseOffset: offset, nowMs: nowMs)
        _ = try segments[0].open(fileSystem)
        logEndOffset = offset
        logStartOffset = offset
        recoveryPoint = offset
        try removeSnapshots(from: 0, fileSystem, directory: directory)
        producers = ProducerStateTable()
        epochs.removeAll()
        epochsStale = true
        try writeEpochs(fileSystem, directory: directory, synchronized: false)
    }

    private mutating func removeLastSegment(nowMs: Int64, _ fileSystem: any FileSystem) throws(StorageError) {
        let last = active
        try hide(last, withSnapshot: false, nowMs: nowMs, fileSystem)
        segments.removeLast()
        logEndOffset = last.baseOffset
    }

    /// Epochs and producers as of the new log end.
    private mutating func rebuildAfterCut(
        nowMs: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(StorageError) {
        if epochs.truncateFromEnd(logEndOffset) { epochsStale = true }
        try writeEpochs(fileSystem, directory: directory, synchronized: false)
        try removeSnapshots(from: logEndOffset + 1, fileSystem, directory: directory)
        let loaded = try ProducerStateLoader(fileSystem: fileSystem, directory: directory, nowMs: nowMs, config: config)
            .load(segments: segments, upTo: logEndOffset)
        producers = loaded.table
        lastSnapshotOffset = loaded.snapshotOffset
        drawJitter()
    }

    /// Removes snapshots of `offset` and above.
    private mutating func removeSnapshots(
        from offset: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(StorageError) {
        for name in try fileSystem.list(directory) {
            guard let file = LogFileName.parse(name), file.suffix == LogFileName.snapshot, file.offset >= offset
            else { continue }
            try fileSystem.removeIfPresent("\(directory)/\(name)")
        }
        lastSnapshotOffset = min(lastSnapshotOffset, offset - 1)
        directoryDirty = true
    }
}
