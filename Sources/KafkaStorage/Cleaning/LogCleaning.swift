import KafkaWire

/// One cleaning of one log: first the newest offset of each key in the dirty part, then group by group new segments.
struct LogCleaning {
    let log: PartitionLog
    let range: CleanableRange
    let scope: CleaningScope
    let settings: CleanerSettings
    let nowMs: Int64
    let proceed: (Int) -> Bool

    /// Nil if it was interrupted.
    func run() throws(StorageError) -> CleaningReport? {
        guard let first = scope.sources.first, range.start < range.end else {
            return CleaningReport(endOffset: range.start)
        }
        // An old record may go only when the newer one that takes its place is durable.
        try log.flush(upTo: range.end)
        let aborted = try log.abortedTransactions(from: first.baseOffset, upTo: range.end)
        let map = try OffsetMap(
            keys: range.end - range.start,
            bytes: settings.dedupeBufferBytes,
            loadFactor: settings.loadFactor
        )
        guard let mappedBytes = try fill(map, aborted: aborted) else { return nil }
        let end = map.latestOffset + 1
        guard end > range.start else { return CleaningReport(endOffset: range.start) }
        var cleaner = SegmentCleaner(
            fileSystem: log.fileSystem,
            config: scope.config,
            settings: settings,
            map: map,
            lastBatches: scope.lastBatches,
            trail: TransactionTrail(aborted: aborted),
            nowMs: nowMs,
            proceed: proceed
        )
        let sources = scope.sources.filter { $0.baseOffset < end }
        for group in groups(of: sources) {
            guard try replace(sources[group], &cleaner) else { return nil }
            cleaner.report.segmentsBefore += group.count
            cleaner.report.segmentsAfter += 1
        }
        cleaner.report.endOffset = end
        cleaner.report.mappedBytes = mappedBytes
        cleaner.report.keys = map.count
        return cleaner.report
    }

    private func groups(of sources: [Segment]) -> [Range<Int>] {
        let candidates = sources.enumerated().map { index, segment in
            SegmentGroups.Candidate(
                baseOffset: segment.baseOffset,
                endOffset: index + 1 < sources.count ? sources[index + 1].baseOffset : range.end,
                size: segment.size,
                offsetIndexBytes: segment.offsetIndex.count * OffsetIndexEntry.size,
                timeIndexBytes: segment.timeIndex.count * TimeIndexEntry.size
            )
        }
        return SegmentGroups.make(candidates, config: scope.config)
    }

    // MARK: The keys

    /// Puts the keys of the dirty part into `map`, until it is full. Returns the bytes read, nil if it was interrupted.
    private func fill(_ map: OffsetMap, aborted: [AbortedTransaction]) throws(StorageError) -> Int64? {
        var trail = TransactionTrail(aborted: aborted)
        var bytes: Int64 = 0
        for (index, segment) in scope.sources.enumerated() {
            let end = index + 1 < scope.sources.count ? scope.sources[index + 1].baseOffset : range.end
            guard end > range.start else { continue }
            let file = try segment.reader(log.fileSystem)
            var position = try segment.cursor(for: range.start, file: file, log.fileSystem).position
            var reader = BatchReader(
                file: file,
                size: segment.size,
                blockSize: settings.ioBufferBytes
            )
            var unreported = 0
            while position < segment.size {
                let batch: RecordBatchView
                switch try reader.batch(at: position) {
                case .success(let view): batch = view
                case .failure(let fault): throw .corrupt(segment.logPath, "byte \(position): \(fault.text)")
                }
                guard try fill(map, from: batch, &trail, path: segment.logPath) else { return bytes }
                position += Int64(batch.sizeInBytes)
                bytes += Int64(batch.sizeInBytes)
                unreported += batch.sizeInBytes
                if unreported >= settings.ioBufferBytes || position >= segment.size {
                    guard proceed(unreported) else { return nil }
                    unreported = 0
                }
            }
            // A hole at the end of the segment holds no keys either.
            map.latestOffset = max(map.latestOffset, end - 1)
        }
        return bytes
    }

    /// False if the map is full before the end of the batch.
    private func fill(
        _ map: OffsetMap,
        from batch: RecordBatchView,
        _ trail: inout TransactionTrail,
        path: String
    ) throws(StorageError) -> Bool {
        let header = batch.header
        var isFull = false
        if header.isControl {
            if let marker = EndTransactionMarker(controlBatch: batch.buffer) {
                _ = trail.meets(markerOf: header.producerId, isCommit: marker.isCommit, offset: header.lastOffset)
            }
        } else {
            let isAborted = trail.meets(
                batchOf: header.producerId,
                isTransactional: header.isTransactional,
                lastOffset: header.lastOffset
            )
            if !isAborted && header.recordCount > 0 && header.lastOffset >= range.start {
                do throws(RecordError) {
                    try batch.forEachRecord { record in
                        guard record.offset >= range.start else { return true }
                        if let key = record.key {
                            isFull = !map.put(key, offset: record.offset)
                            if isFull { return false }
                        }
                        map.latestOffset = record.offset
                        return true
                    }
                } catch {
                    throw .corrupt(path, "the batch at offset \(header.baseOffset) cannot be read: \(error)")
                }
            }
        }
        if !isFull && header.lastOffset >= range.start {
            map.latestOffset = max(map.latestOffset, header.lastOffset)
        }
        return !isFull
    }

    // MARK: The segments

    /// Writes a group anew and puts it in the place of the old segments. False if it was interrupted.
    private func replace(_ sources: ArraySlice<Segment>, _ cleaner: inout SegmentCleaner) throws(StorageError) -> Bool {
        guard let first = sources.first, let last = sources.last,
            var cleaned = try log.beginCleanedSegment(baseOffset: first.baseOffset, createdMs: last.createdMs)
        else { return false }
        var isUnused = true
        defer {
            // Failing to remove them now is no harm: the next cleaning, or the next start, does it.
            if isUnused { _ = LogState.discard(cleaned, log.fileSystem) }
        }
        guard try cleaner.clean(sources, into: &cleaned) else { return false }
        // Retention goes by this time where records have none.
        if let modified = try log.fileSystem.status(last.logPath)?.modifiedMs {
            try log.fileSystem.setModified(cleaned.logPath, ms: modified)
        }
        // An exchange that stops halfway has hidden old files already: the new ones are all there is then.
        isUnused = false
        let isDone = try log.exchange(sources, of: scope, with: cleaned, nowMs: nowMs)
        isUnused = !isDone
        return isDone
    }
}
