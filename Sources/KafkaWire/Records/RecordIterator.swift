import NIOCore

/// Walks the records of one batch in place.
public struct RecordIterator: Sendable {
    private let records: ByteBuffer
    private let header: RecordBatchHeader
    private var index = 0
    private var position = 0
    /// Records of a legacy message, which are few and old, and so decoded beforehand.
    private let legacy: [RecordView]

    /// - Parameter records: uncompressed, as many as `header` claims if they are sound.
    init(header: RecordBatchHeader, records: ByteBuffer) {
        self.header = header
        self.records = records
        self.legacy = []
    }

    init(header: RecordBatchHeader, legacy: [RecordView]) {
        self.header = header
        self.records = ByteBuffer()
        self.legacy = legacy
    }

    /// The next record, `nil` after the last.
    public mutating func next() throws(RecordError) -> RecordView? {
        guard header.magic == 2 else {
            guard index < legacy.count else { return nil }
            defer { index += 1 }
            return legacy[index]
        }
        guard index < Int(header.recordCount) else {
            let left = records.readableBytes - position
            guard left == 0 else { throw .trailingBytes(left) }
            return nil
        }
        let layout: RecordLayout
        do {
            layout = try records.withUnsafeReadableBytes { bytes throws(MalformedRecord) in
                var cursor = RecordCursor(bytes, position: position)
                return try cursor.next()
            }
        } catch {
            throw .malformedRecord(index: index, error)
        }
        index += 1
        position = layout.end
        return RecordView(
            offset: header.baseOffset &+ Int64(layout.offsetDelta),
            timestampMs: header.timestamp(delta: layout.timestampDelta),
            key: slice(at: layout.keyStart, length: layout.keyLength),
            value: slice(at: layout.valueStart, length: layout.valueLength),
            headers: headers(of: layout)
        )
    }

    private func slice(at start: Int, length: Int) -> ByteBuffer? {
        length < 0 ? nil : records.getSlice(at: records.readerIndex + start, length: length)
    }

    private func headers(of layout: RecordLayout) -> RecordHeaders {
        guard layout.headerCount > 0,
            let bytes = slice(at: layout.headersStart, length: layout.end - layout.headersStart)
        else { return RecordHeaders() }
        return RecordHeaders(count: layout.headerCount, bytes: bytes)
    }
}

extension RecordBatchHeader {
    /// The timestamp of a record: its own, or the one that the leader gave to all records of the batch.
    func timestamp(delta: Int64) -> Int64 {
        timestampType == .logAppendTime ? maxTimestamp : baseTimestamp &+ delta
    }
}
