import KafkaWire

extension LogState {
    /// Begins a new segment at the log end if `header`, the next batch, demands it. True if it did.
    mutating func rollIfNeeded(
        before header: BatchHeader,
        size: Int,
        nowMs: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(StorageError) -> Bool {
        try active.prepareForAppend(fileSystem)
        let mustRoll = active.rollDecision(jitterMs: jitterMs).mustRoll(
            batchSize: size,
            lastOffset: header.lastOffset,
            maxTimestamp: header.maxTimestamp,
            nowMs: nowMs,
            config: config
        )
        guard mustRoll else { return false }
        try roll(at: header.baseOffset, nowMs: nowMs, fileSystem, directory: directory)
        return true
    }

    /// Closes the active segment and begins one at `baseOffset`. When it throws, the log is as it was.
    mutating func roll(
        at baseOffset: Int64,
        nowMs: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(StorageError) {
        if active.size == 0 && active.baseOffset == baseOffset { return }
        let file = try active.open(fileSystem)
        // What a failed write left behind the last batch must not stay in a segment that is not the last.
        if try file.size() != active.size { try file.truncate(to: active.size) }
        try active.sealIndexes(fileSystem)
        try writeEpochs(fileSystem, directory: directory, synchronized: false)
        try writeSnapshot(at: baseOffset, fileSystem, directory: directory)
        var segment = Segment(creatingIn: directory, baseOffset: baseOffset, nowMs: nowMs)
        _ = try segment.open(fileSystem)
        // Only the active segment keeps its descriptor; readers that use the other one hold it themselves.
        active.file = nil
        segments.append(segment)
        tail.removeAll()
        directoryDirty = true
        drawJitter()
    }

    /// Chooses what is taken off `segment.ms` for the active segment.
    mutating func drawJitter() {
        jitterMs = config.segmentJitterMs > 0 ? Int64.random(in: 0...config.segmentJitterMs) : 0
    }

    /// Writes the producer state, which must be that of `offset`, into a snapshot file.
    mutating func writeSnapshot(
        at offset: Int64,
        _ fileSystem: any FileSystem,
        directory: String
    ) throws(StorageError) {
        guard offset > lastSnapshotOffset else { return }
        let file = try fileSystem.open(Segment.path(directory, offset, LogFileName.snapshot), mode: .createEmpty)
        try file.writeBytes(ProducerSnapshot.encode(producers), at: 0)
        lastSnapshotOffset = offset
        directoryDirty = true
    }

    /// Brings the leader epoch checkpoint up to date.
    mutating func writeEpochs(
        _ fileSystem: any FileSystem,
        directory: String,
        synchronized: Bool
    ) throws(StorageError) {
        guard epochsStale || (synchronized && epochsUnsynchronized) else { return }
        let path = "\(directory)/\(LeaderEpochCache.fileName)"
        try fileSystem.replace(path, with: epochs.encode(), synchronized: synchronized)
        epochsStale = false
        epochsUnsynchronized = !synchronized
    }
}
