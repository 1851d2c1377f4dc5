import KafkaWire
import NIOCore

/// Writes a group of segments anew as one, without the records that are not needed any more (KIP-58, KIP-98, KIP-534).
///
/// - A record stays if the map knows no newer one of its key; so does everything beyond the map.
/// - Records of aborted transactions go at once, records without a key as soon as the map has passed them.
/// - A tombstone, and a marker of whose transaction nothing is left, is given a horizon (now and `delete.retention.ms`)
///   when it is met for the first time, and goes when it is met after that.
/// - A batch that is left without records stays, empty, if it holds the last sequence number of a producer, or ends the
///   group: so that no offsets seem to be missing. A marker that is all there is of a producer stays.
struct SegmentCleaner {
    /// The last thing that is known of a producer.
    struct LastBatch {
        /// Of its newest batch of records, nil if nothing but a marker is known.
        let lastOffset: Int64?
        let epoch: Int16
    }

    let fileSystem: any FileSystem
    let config: LogConfig
    let settings: CleanerSettings
    let map: OffsetMap
    let lastBatches: [Int64: LastBatch]
    let nowMs: Int64
    /// Called for every block of bytes that was read; false stops the cleaning.
    let proceed: (Int) -> Bool
    var trail: TransactionTrail
    var report = CleaningReport()

    private var filter = RecordBatchFilter()
    /// Batches that are not written to the file yet, and where they go.
    private var output = ByteBuffer()
    private var outputStart: Int64 = 0

    init(
        fileSystem: any FileSystem,
        config: LogConfig,
        settings: CleanerSettings,
        map: OffsetMap,
        lastBatches: [Int64: LastBatch],
        trail: TransactionTrail,
        nowMs: Int64,
        proceed: @escaping (Int) -> Bool
    ) {
        self.fileSystem = fileSystem
        self.config = config
        self.settings = settings
        self.map = map
        self.lastBatches = lastBatches
        self.trail = trail
        self.nowMs = nowMs
        self.proceed = proceed
    }

    /// Copies what is needed of `sources` to `target`, which is empty, and makes it durable. False if it was told to
    /// stop.
    mutating func clean(_ sources: ArraySlice<Segment>, into target: inout Segment) throws(StorageError) -> Bool {
        outputStart = 0
        output.clear()
        let file = try target.open(fileSystem)
        // The last segment with data: its last batch ends what the new one covers.
        let last = sources.last { $0.size > 0 }?.baseOffset
        for source in sources {
            let isLast = source.baseOffset == last
            guard try clean(source, into: &target, file, isLast: isLast) else { return false }
            target.spillIndexesIfNeeded(fileSystem)
        }
        try writeOut(to: file)
        try target.sealIndexes(fileSystem)
        try target.synchronize(fileSystem)
        try target.synchronizeIndexes(fileSystem)
        report.keptBytes += target.size
        return true
    }

    /// False if it is to stop.
    private mutating func clean(
        _ source: Segment,
        into target: inout Segment,
        _ file: any StorageFile,
        isLast: Bool
    ) throws(StorageError) -> Bool {
        guard source.size > 0 else { return proceed(0) }
        var reader = BatchReader(
            file: try source.reader(fileSystem),
            size: source.size,
            blockSize: settings.ioBufferBytes
        )
        var position: Int64 = 0
        var unreported = 0
        while position < source.size {
            let batch: RecordBatchView
            switch try reader.batch(at: position) {
            case .success(let view): batch = view
            case .failure(let fault):
                throw .corrupt(source.logPath, "byte \(position): \(fault.text)")
            }
            position += Int64(batch.sizeInBytes)
            let endsGroup = isLast && position == source.size
            let written: BatchHeader?
            do throws(RecordError) {
                written = try retain(batch, endsGroup: endsGroup, &target)
            } catch {
                throw .corrupt(
                    source.logPath,
                    "the batch at offset \(batch.header.baseOffset) cannot be read: \(error)"
                )
            }
            report.readBytes += Int64(batch.sizeInBytes)
            report.readRecords += Int64(batch.header.recordCount)
            if let written {
                target.noteAppended(written, indexIntervalBytes: config.indexIntervalBytes)
                report.keptRecords += Int64(written.recordCount)
            }
            if output.readableBytes >= settings.ioBufferBytes { try writeOut(to: file) }
            unreported += batch.sizeInBytes
            if unreported >= settings.ioBufferBytes || position == source.size {
                guard proceed(unreported) else { return false }
                unreported = 0
            }
        }
        return true
    }

    /// Adds what stays of a batch to the output; returns its header, nil if nothing stays.
    private mutating func retain(
        _ batch: RecordBatchView,
        endsGroup: Bool,
        _ target: inout Segment
    ) throws(RecordError) -> BatchHeader? {
        let header = batch.header
        return header.isControl
            ? try retain(control: batch, endsGroup: endsGroup, &target)
            : try retain(records: batch, isKeptEmpty: endsGroup || isLastOfProducer(header))
    }

    private mutating func retain(
        control batch: RecordBatchView,
        endsGroup: Bool,
        _ target: inout Segment
    ) throws(RecordError) -> BatchHeader? {
        let header = batch.header
        guard header.recordCount > 0 else {
            return endsGroup ? try RecordBatchFilter.writeEmpty(like: header, to: &output) : nil
        }
        guard let marker = EndTransactionMarker(controlBatch: batch.buffer) else { return copy(batch) }
        let (mayGo, entry) = trail.meets(
            markerOf: header.producerId,
            isCommit: marker.isCommit,
            offset: header.lastOffset
        )
        if let entry { target.transactionIndex.append(entry) }
        guard mayGo else { return copy(batch) }
        guard header.hasDeleteHorizon else {
            _ = try filter.survey(batch) { _ in true }
            return try filter.write(to: &output, deleteHorizonMs: deleteHorizonMs)
        }
        if nowMs < header.baseTimestamp || isLastOfProducer(header) { return copy(batch) }
        return endsGroup ? try RecordBatchFilter.writeEmpty(like: header, to: &output) : nil
    }

    private mutating func retain(
        records batch: RecordBatchView,
        isKeptEmpty: Bool
    ) throws(RecordError) -> BatchHeader? {
        let header = batch.header
        let isAborted = trail.meets(
            batchOf: header.producerId,
            isTransactional: header.isTransactional,
            lastOffset: header.lastOffset
        )
        var survey = RecordBatchFilter.Survey()
        if !isAborted && header.recordCount > 0 {
            let keepsTombstones = !header.hasDeleteHorizon || nowMs < header.baseTimestamp
            survey = try filter.survey(batch) { [map] record in
                if record.offset > map.latestOffset { return true }
                guard let key = record.key else { return false }
                return record.offset >= map.offset(of: key) && (record.value != nil || keepsTombstones)
            }
        }
        guard survey.kept > 0 else {
            return isKeptEmpty ? try RecordBatchFilter.writeEmpty(like: header, to: &output) : nil
        }
        // Beyond the map older values of a key may still be there: too early to count the time.
        let needsHorizon = survey.keepsTombstone && !header.hasDeleteHorizon && header.lastOffset <= map.latestOffset
        if survey.dropped == 0 && !needsHorizon { return copy(batch) }
        return try filter.write(to: &output, deleteHorizonMs: needsHorizon ? deleteHorizonMs : nil)
    }

    private func isLastOfProducer(_ header: BatchHeader) -> Bool {
        guard header.hasProducerId, let last = lastBatches[header.producerId] else { return false }
        guard let lastOffset = last.lastOffset else { return header.isControl && header.producerEpoch == last.epoch }
        return header.lastOffset == lastOffset
    }

    /// From when on what is met now may go; as far as a number can tell.
    private var deleteHorizonMs: Int64 {
        let (horizon, isBeyondCount) = nowMs.addingReportingOverflow(config.deleteRetentionMs)
        return isBeyondCount ? .max : horizon
    }

    private mutating func copy(_ batch: RecordBatchView) -> BatchHeader {
        output.writeImmutableBuffer(batch.buffer)
        return batch.header
    }

    private mutating func writeOut(to file: any StorageFile) throws(StorageError) {
        var failure: StorageError?
        output.withUnsafeReadableBytes { bytes in
            do throws(StorageError) {
                try file.write(UnsafeRawBufferPointer(start: nil, count: 0), bytes, at: outputStart)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        outputStart += Int64(output.readableBytes)
        output.clear()
    }
}
