package import KafkaWire
import Synchronization

/// A range of whole batches within one segment.
package struct LogSlice: Equatable, Sendable {
    package let data: RecordData
    /// Base offset of the first batch, which may be below the offset that was asked for.
    package let baseOffset: Int64
    package let segmentBaseOffset: Int64
    /// Where the range begins in the segment's file.
    package let position: Int64
    /// No record of the range has this offset or a higher one.
    package let upperBoundOffset: Int64
}

extension PartitionLog {
    /// Whole batches from the one that holds `offset` on (or the next, if compaction left a hole there).
    ///
    /// - Parameters:
    ///   - maxBytes: the range is not longer, but see `atLeastOneBatch`.
    ///   - limit: no batch with an offset at or above it is part of the range: high watermark or last stable offset.
    ///   - atLeastOneBatch: the first batch is returned even if it alone is longer than `maxBytes`.
    /// - Returns: nil if there is nothing below `limit`, or the first batch is too long.
    /// - Throws: `.offsetOutOfRange` below the log start offset and beyond the log end offset.
    package func read(
        from offset: Int64,
        maxBytes: Int,
        before limit: Int64,
        atLeastOneBatch: Bool
    ) throws(ReadError) -> LogSlice? {
        try reading { isCurrent throws(ReadError) in
            let view = state.withLock { state -> ReadView in ReadView(state, offset: offset, limit: limit) }
            switch view.answer {
            case .outOfRange:
                throw .offsetOutOfRange(offset: offset, logStartOffset: view.logStart, logEndOffset: view.logEnd)
            case .nothing: return nil
            case .search(let first):
                do throws(StorageError) {
                    return try search(
                        view,
                        segmentsFrom: first,
                        offset,
                        maxBytes: maxBytes,
                        atLeastOneBatch: atLeastOneBatch,
                        isCurrent
                    )
                } catch {
                    // Segments may be removed while they are searched; then the offset may be out of range by now.
                    let (start, end) = state.withLock { ($0.logStartOffset, $0.logEndOffset) }
                    if offset < start || offset > end {
                        throw .offsetOutOfRange(offset: offset, logStartOffset: start, logEndOffset: end)
                    }
                    throw .storage(error)
                }
            }
        }
    }

    private func search(
        _ view: ReadView,
        segmentsFrom first: Int,
        _ offset: Int64,
        maxBytes: Int,
        atLeastOneBatch: Bool,
        _ isCurrent: () -> Bool
    ) throws(StorageError) -> LogSlice? {
        for index in first..<view.segments.count {
            let range = try range(
                in: view,
                segment: index,
                from: offset,
                maxBytes: maxBytes,
                atLeastOneBatch: atLeastOneBatch,
                isCurrent
            )
            switch range {
            case .noBatch: continue
            case .blocked: return nil
            case .found(let slice): return slice
            }
        }
        return nil
    }

    private enum RangeResult {
        /// The segment has no batch at or after the offset.
        case noBatch
        /// It has one, but not below the limit, or not within the size.
        case blocked
        case found(LogSlice)
    }

    private func range(
        in view: ReadView,
        segment index: Int,
        from offset: Int64,
        maxBytes: Int,
        atLeastOneBatch: Bool,
        _ isCurrent: () -> Bool
    ) throws(StorageError) -> RangeResult {
        let segment = view.segments[index]
        guard segment.size > 0 else { return .noBatch }
        let file = try openForReading(segment, isCurrent)
        let start: (baseOffset: Int64, position: Int64)
        if let known = view.tailStart, index == view.segments.count - 1 {
            start = known
        } else {
            guard let batch = try segment.batch(containing: offset, file: file, fileSystem) else { return .noBatch }
            start = (batch.header.baseOffset, batch.position)
        }
        let end = try limitPosition(view, index, file)
        guard end > start.position else { return .blocked }
        var count = end - start.position
        if count > Int64(maxBytes) {
            count = try batchBoundary(
                segment,
                file,
                from: start.position,
                maxBytes: maxBytes,
                end: end,
                atLeastOneBatch: atLeastOneBatch
            )
            if count == 0 { return .blocked }
        }
        let slice = FileSlice(source: file, offset: start.position, count: Int(count))
        return .found(
            LogSlice(
                data: .file(slice),
                baseOffset: start.baseOffset,
                segmentBaseOffset: segment.baseOffset,
                position: start.position,
                upperBoundOffset: try upperBound(view, index, file, position: start.position + count)
            )
        )
    }

    /// Where the batches of a segment that lie wholly below the limit end.
    private func limitPosition(
        _ view: ReadView,
        _ index: Int,
        _ file: any StorageFile
    ) throws(StorageError) -> Int64 {
        let segment = view.segments[index]
        let endOffset = index + 1 < view.segments.count ? view.segments[index + 1].baseOffset : view.logEnd
        if view.limit >= endOffset { return segment.size }
        if let known = view.tailLimit, index == view.segments.count - 1 { return known }
        return try segment.batch(containing: view.limit, file: file, fileSystem)?.position ?? segment.size
    }

    /// The bytes of whole batches from `start` on, at most `maxBytes` unless the first batch is longer.
    private func batchBoundary(
        _ segment: Segment,
        _ file: any StorageFile,
        from start: Int64,
        maxBytes: Int,
        end: Int64,
        atLeastOneBatch: Bool
    ) throws(StorageError) -> Int64 {
        let last = start + Int64(max(0, maxBytes))
        var boundary = max(start, try segment.indexedBatchStart(atOrBefore: last, fileSystem))
        var cursor = BatchCursor(file: file, path: segment.logPath, from: boundary, to: end)
        if try !cursor.stands(atOrBefore: .max) {
            // The index is damaged.
            boundary = start
            cursor = BatchCursor(file: file, path: segment.logPath, from: start, to: end)
        }
        while let batch = try cursor.next() {
            let next = batch.position + Int64(batch.header.sizeInBytes)
            if next > last {
                if boundary == start && atLeastOneBatch { boundary = next }
                break
            }
            boundary = next
        }
        return boundary - start
    }

    /// An offset that no record before `position` of a segment has reached: that of the batch which begins there.
    private func upperBound(
        _ view: ReadView,
        _ index: Int,
        _ file: any StorageFile,
        position: Int64
    ) throws(StorageError) -> Int64 {
        let segment = view.segments[index]
        let endOffset = index + 1 < view.segments.count ? view.segments[index + 1].baseOffset : view.logEnd
        if position >= segment.size { return endOffset }
        var cursor = BatchCursor(file: file, path: segment.logPath, from: position, to: segment.size, windowSize: 0)
        return try cursor.next()?.header.baseOffset ?? endOffset
    }

    /// Opens a segment's file for a reader, and keeps it open for the next one.
    func openForReading(_ segment: Segment, _ isCurrent: () -> Bool) throws(StorageError) -> any StorageFile {
        if let file = segment.file { return file }
        let file = try segment.reader(fileSystem)
        state.withLock { if isCurrent() { $0.keepOpen(file, of: segment.baseOffset) } }
        return file
    }
}

/// What a reader needs to know, taken under the lock at once.
struct ReadView: Sendable {
    enum Answer {
        case outOfRange
        case nothing
        /// Look from this segment on.
        case search(Int)
    }

    let answer: Answer
    let segments: [Segment]
    let limit: Int64
    let logStart: Int64
    let logEnd: Int64
    /// Where the batch with the wanted offset begins in the active segment, if the tail knows.
    let tailStart: (baseOffset: Int64, position: Int64)?
    /// Where the first batch at or above the limit begins in the active segment, if the tail knows.
    let tailLimit: Int64?

    init(_ state: borrowing LogState, offset: Int64, limit: Int64) {
        segments = state.segments
        logStart = state.logStartOffset
        logEnd = state.logEndOffset
        self.limit = min(limit, logEnd)
        if offset < logStart || offset > logEnd {
            answer = .outOfRange
        } else if offset >= self.limit {
            answer = .nothing
        } else {
            answer = .search(state.segmentIndex(for: offset))
        }
        tailStart = state.tail.position(of: offset)
        tailLimit = self.limit < logEnd ? state.tail.position(of: self.limit)?.position : nil
    }
}

extension LogState {
    /// How many segments besides the active one keep their descriptor for readers.
    private static var openSegmentLimit: Int { 3 }

    mutating func keepOpen(_ file: any StorageFile, of baseOffset: Int64) {
        guard let index = segments.firstIndex(where: { $0.baseOffset == baseOffset }), segments[index].file == nil
        else { return }
        let open = segments.indices.dropLast().filter { segments[$0].file != nil }
        if open.count >= Self.openSegmentLimit, let oldest = open.first { segments[oldest].file = nil }
        segments[index].file = file
    }
}
