import Synchronization

extension PartitionLog {
    /// Makes everything appended so far durable.
    package func flush() throws(StorageError) {
        try flush(upTo: .max)
    }

    /// Makes everything below `offset` durable. Callers that wait while another one synchronises are served by one
    /// more fsync for all of them (group commit). Appends go on meanwhile.
    ///
    /// When an fsync fails the kernel may have dropped what it could not write, and a second one would succeed without
    /// it; so the log refuses appends from then on, until it is opened again and recovered.
    package func flush(upTo offset: Int64) throws(StorageError) {
        try flush(upTo: offset, closing: false)
    }

    /// `closing`: the active segment's indexes too, which a clean start relies on.
    private func flush(upTo offset: Int64, closing: Bool) throws(StorageError) {
        try flushing.withLock { _ throws(StorageError) in
            let work = try state.withLock { state throws(StorageError) in
                try state.beginFlush(upTo: offset, closing: closing, fileSystem)
            }
            guard let work else { return }
            do throws(StorageError) {
                for file in work.files { try file.synchronize() }
                for path in work.paths {
                    guard try fileSystem.status(path) != nil else { continue }
                    try fileSystem.open(path, mode: .readWrite).synchronize()
                }
                if work.synchronizesDirectory { try fileSystem.synchronizeDirectory(directory) }
                if work.synchronizesFolder {
                    try fileSystem.synchronizeDirectory(parentDirectory(of: directory))
                }
            } catch {
                state.withLock { $0.failure = $0.failure ?? error.asOffline }
                throw error
            }
            try state.withLock { state throws(StorageError) in
                // If this fails the old file is still there, and the recovery point does not move.
                try state.writeEpochs(fileSystem, directory: directory, synchronized: true)
                state.endFlush(work)
            }
        }
    }

    /// Flushes if the oldest unflushed record has waited for `flush.ms`. True if it did.
    package func flushIfDue(nowMs: Int64) throws(StorageError) -> Bool {
        let isDue = state.withLock { state in
            guard state.config.flushMs != .max, let since = state.unflushedSinceMs else { return false }
            return nowMs - since >= state.config.flushMs
        }
        if isDue { try flush() }
        return isDue
    }

    /// Closes the files that are open only to be quick, and writes index entries that have gathered. For partitions
    /// that have not been used for a while; the next use opens what it needs.
    package func releaseIdleResources() {
        state.withLock { state in
            // A failure leaves entries in memory, where they are safe.
            try? state.active.offsetIndex.spill(fileSystem)
            try? state.active.timeIndex.spill(fileSystem)
            for index in state.segments.indices { state.segments[index].file = nil }
            state.tail.removeAll()
        }
    }

    /// Ends the use of the log. After a clean close opening it again reads no data: indexes are complete, there is a
    /// snapshot of the producers at the log end, and everything is durable. Appends fail from now on.
    package func close(clean: Bool) throws(StorageError) {
        if clean {
            try state.withLock { state throws(StorageError) in
                if let failure = state.failure { throw failure }
                try state.seal(fileSystem, directory: directory)
            }
            try flush(upTo: .max, closing: true)
        }
        state.withLock { state in
            for index in state.segments.indices { state.segments[index].file = nil }
            state.tail.removeAll()
            state.failure =
                state.failure
                ?? StorageError(kind: .offline, operation: "append to", path: directory, reason: "the log is closed")
        }
    }
}

extension StorageError {
    /// What appends answer after this error.
    fileprivate var asOffline: StorageError {
        StorageError(
            kind: .offline,
            operation: "append to",
            path: path,
            reason: "an earlier \(operation) failed: \(reason)",
            remedy: "check the device, then restart the broker so that the log is recovered"
        )
    }
}

/// What one flush has to synchronise.
private struct FlushWork {
    let endOffset: Int64
    let files: [any StorageFile]
    /// Closed segments whose indexes are written and not durable yet.
    let sealedBaseOffsets: [Int64]
    /// Their index files, and others that are written once.
    let paths: [String]
    let synchronizesDirectory: Bool
    let synchronizesFolder: Bool
}

extension LogState {
    /// Nil if everything below `offset` is durable already.
    fileprivate func beginFlush(
        upTo offset: Int64,
        closing: Bool,
        _ fileSystem: any FileSystem
    ) throws(StorageError) -> FlushWork? {
        if let failure { throw failure }
        let target = min(offset, logEndOffset)
        guard recoveryPoint < target || (offset == .max && (directoryDirty || epochsStale || epochsUnsynchronized))
        else { return nil }
        var files: [any StorageFile] = []
        var covered = recoveryPoint
        for index in segmentIndex(for: recoveryPoint)..<segments.count {
            if segments[index].baseOffset >= target && covered >= target { break }
            files.append(try segments[index].reader(fileSystem))
            covered = endOffset(ofSegment: index)
        }
        let closed = closing ? segments[...] : segments.dropLast()
        let sealed = closed.filter { !$0.indexesAreDurable }
        var paths = sealed.flatMap { segment in
            [segment.offsetIndex.path, segment.timeIndex.path]
                + (segment.transactionIndex.count > 0 ? [segment.transactionIndex.path] : [])
        }
        if let unsynchronizedPath { paths.append(unsynchronizedPath) }
        return FlushWork(
            endOffset: covered,
            files: files,
            sealedBaseOffsets: sealed.map(\.baseOffset),
            paths: paths,
            synchronizesDirectory: directoryDirty,
            synchronizesFolder: folderDirty
        )
    }

    fileprivate mutating func endFlush(_ work: FlushWork) {
        // The log may have been truncated meanwhile.
        recoveryPoint = max(recoveryPoint, min(work.endOffset, logEndOffset))
        if recoveryPoint == logEndOffset { unflushedSinceMs = nil }
        if work.synchronizesDirectory { directoryDirty = false }
        if work.synchronizesFolder { folderDirty = false }
        if let path = unsynchronizedPath, work.paths.contains(path) { unsynchronizedPath = nil }
        for index in segments.indices.dropLast() where work.sealedBaseOffsets.contains(segments[index].baseOffset) {
            segments[index].indexesAreDurable = true
        }
    }

    /// Completes indexes, snapshot and epochs, so that nothing needs to be rebuilt.
    fileprivate mutating func seal(_ fileSystem: any FileSystem, directory: String) throws(StorageError) {
        let file = try active.open(fileSystem)
        if try file.size() != active.size { try file.truncate(to: active.size) }
        try active.sealIndexes(fileSystem)
        if logEndOffset > segments[0].baseOffset || !producers.isEmpty {
            try writeSnapshot(at: logEndOffset, fileSystem, directory: directory)
        }
        try writeEpochs(fileSystem, directory: directory, synchronized: false)
        directoryDirty = true
    }
}
