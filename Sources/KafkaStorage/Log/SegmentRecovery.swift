import KafkaWire
import NIOCore

/// Reads segments batch by batch, checks each, rebuilds their indexes and what the log remembers of epochs and
/// producers, and cuts the log at the first batch that is not whole and valid.
struct SegmentRecovery {
    let directory: String
    let config: LogConfig
    let fileSystem: any FileSystem
    let nowMs: Int64
    var epochs: LeaderEpochCache
    var report = RecoveryReport()

    init(
        directory: String,
        config: LogConfig,
        fileSystem: any FileSystem,
        nowMs: Int64,
        epochs: LeaderEpochCache
    ) {
        self.directory = directory
        self.config = config
        self.fileSystem = fileSystem
        self.nowMs = nowMs
        self.epochs = epochs
    }

    /// Recovers the segments from index `first` on; those after a cut are removed. Returns the log end.
    mutating func recover(
        _ segments: inout [Segment],
        from first: Int
    ) throws(StorageError) -> (end: Int64, producers: ProducerStateLoader.Loaded) {
        let loader = ProducerStateLoader(
            fileSystem: fileSystem,
            directory: directory,
            nowMs: nowMs,
            config: config
        )
        var end = segments[first].baseOffset
        // What the checkpoint says about batches that are read anyway need not be believed.
        var producers = try loader.load(segments: Array(segments[..<first]), upTo: end)
        for index in first..<segments.count {
            // A power cut may take the end of a segment and leave the next one. Only compaction makes gaps by right.
            if segments[index].baseOffset > end && !config.isCompacted {
                report.notes.append("offsets \(end) to \(segments[index].baseOffset - 1) are missing")
                try removeSegments(&segments, from: index)
                break
            }
            end = max(end, segments[index].baseOffset)
            report.recoveredSegments.append(segments[index].baseOffset)
            let next = index + 1 < segments.count ? segments[index + 1].baseOffset : nil
            let wasCut = try recover(&segments[index], end: &end, nextSegment: next, &producers.table)
            let isLast = wasCut || index == segments.count - 1
            if !isLast { try segments[index].sealIndexes(fileSystem) }
            segments[index].file = nil
            if wasCut {
                try removeSegments(&segments, from: index + 1)
                break
            }
        }
        if epochs.truncateFromEnd(end) { report.notes.append("forgot leader epochs at and above offset \(end)") }
        return (end, producers)
    }

    private mutating func recover(
        _ segment: inout Segment,
        end: inout Int64,
        nextSegment: Int64?,
        _ producers: inout ProducerStateTable
    ) throws(StorageError) -> Bool {
        let file = try segment.open(fileSystem)
        let fileSize = try file.size()
        try segment.resetForRecovery(fileSystem)
        var reader = BatchReader(file: file, size: fileSize)
        var fault: String?
        while segment.size < fileSize {
            let found = try reader.batch(at: segment.size)
            guard case .success(let batch) = found else {
                if case .failure(let reason) = found { fault = reason.text }
                break
            }
            let header = batch.header
            if let contradiction = try contradiction(of: header, in: segment, end: end, nextSegment, &reader) {
                fault = contradiction
                break
            }
            segment.noteAppended(header, indexIntervalBytes: config.indexIntervalBytes)
            segment.spillIndexesIfNeeded(fileSystem)
            end = header.nextOffset
            noteEpoch(header)
            if let facts = ProducerBatch(header, marker: EndTransactionMarker(controlBatch: batch.buffer)),
                let ended = producers.update(facts), ended.isAborted
            {
                segment.transactionIndex.append(AbortedTransaction(ended))
            }
        }
        guard let fault else { return false }
        try file.truncate(to: segment.size)
        // At once: a power cut might else bring back what was cut, behind what will be written in its place.
        try file.synchronize()
        report.cuts.append(
            RecoveryReport.Cut(
                path: segment.logPath,
                position: segment.size,
                removedBytes: fileSize - segment.size,
                reason: fault
            )
        )
        return true
    }

    /// Why a whole batch cannot stand where it does; nil if it can. Its offset is not covered by its checksum.
    ///
    /// Compaction, and copying a log that was compacted, leave gaps; so a batch behind a gap is believed unless what
    /// follows it belongs into the gap, or nothing follows it in a log that is not compacted.
    private func contradiction(
        of header: BatchHeader,
        in segment: Segment,
        end: Int64,
        _ nextSegment: Int64?,
        _ reader: inout BatchReader
    ) throws(StorageError) -> String? {
        guard header.baseOffset >= end, header.lastOffset - segment.baseOffset <= Int64(Int32.max) else {
            return "offset \(header.baseOffset) does not follow \(end)"
        }
        if let nextSegment, header.nextOffset > nextSegment {
            return "offset \(header.lastOffset) reaches into the segment of \(nextSegment)"
        }
        guard header.baseOffset > end else { return nil }
        let following = segment.size + Int64(header.sizeInBytes)
        if case .success(let next) = try reader.batch(at: following) {
            return next.header.baseOffset < header.nextOffset
                ? "offset \(header.baseOffset) follows \(end), and \(next.header.baseOffset) follows it" : nil
        }
        guard nextSegment == nil, !config.isCompacted else { return nil }
        return "offset \(header.baseOffset) follows \(end), and nothing follows it"
    }

    /// Believes the batches rather than the checkpoint, whose text has no checksum.
    private mutating func noteEpoch(_ header: BatchHeader) {
        guard header.partitionLeaderEpoch >= 0, epochs.epoch(at: header.baseOffset) != header.partitionLeaderEpoch
        else { return }
        _ = epochs.assign(epoch: header.partitionLeaderEpoch, startOffset: header.baseOffset)
    }

    /// Newest first, so that a crash here leaves no gap.
    private mutating func removeSegments(_ segments: inout [Segment], from index: Int) throws(StorageError) {
        for segment in segments[index...].reversed() {
            for suffix in LogFileName.segmentSuffixes + [LogFileName.snapshot] {
                try fileSystem.removeIfPresent(Segment.path(directory, segment.baseOffset, suffix))
            }
            report.removedSegments.append(segment.baseOffset)
        }
        segments.removeSubrange(index...)
        try fileSystem.synchronizeDirectory(directory)
    }
}
