import NIOCore

/// One record as it lies in memory; valid only while the closure that was given it runs.
package struct RawRecord {
    package var offset: Int64
    /// In ms since 1970; -1 if there is none.
    package var timestampMs: Int64
    /// `nil` is null.
    package var key: UnsafeRawBufferPointer?
    /// `nil` is null.
    package var value: UnsafeRawBufferPointer?
    package var headerCount: Int
    /// The headers as they are encoded in the record, without their count.
    package var headers: UnsafeRawBufferPointer

    package init(
        offset: Int64,
        timestampMs: Int64,
        key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?,
        headerCount: Int,
        headers: UnsafeRawBufferPointer
    ) {
        self.offset = offset
        self.timestampMs = timestampMs
        self.key = key
        self.value = value
        self.headerCount = headerCount
        self.headers = headers
    }

    /// Walks the headers; `body` returns `false` to stop.
    package func forEachHeader(_ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer?) -> Bool) {
        var cursor = RecordCursor(headers)
        for _ in 0..<headerCount {
            guard let header = try? cursor.nextHeader(before: headers.count) else { return }
            let key = UnsafeRawBufferPointer(rebasing: headers[header.key])
            guard body(key, header.value.map { UnsafeRawBufferPointer(rebasing: headers[$0]) }) else { return }
        }
    }
}

extension RecordBatchView {
    /// Walks the records without allocating anything for them; `body` returns `false` to stop early.
    ///
    /// The records before a damaged one are handed out before the error is thrown. Legacy messages are walked too, but
    /// decoded beforehand.
    package func forEachRecord(
        decompressionLimit: Int = Self.defaultDecompressionLimit,
        _ body: (RawRecord) -> Bool
    ) throws(RecordError) {
        guard header.magic == 2 else {
            for record in try LegacyMessage.records(of: self, decompressionLimit: decompressionLimit) {
                guard record.withRawRecord(body) else { return }
            }
            return
        }
        let records = try uncompressedRecords(limit: decompressionLimit)
        try records.withUnsafeReadableBytes { bytes throws(RecordError) in
            try header.forEachRecord(in: bytes, body)
        }
    }
}

extension RecordBatchHeader {
    /// Walks the uncompressed `records` of a batch with this header.
    fileprivate func forEachRecord(
        in records: UnsafeRawBufferPointer,
        _ body: (RawRecord) -> Bool
    ) throws(RecordError) {
        var cursor = RecordCursor(records)
        for index in 0..<Int(recordCount) {
            let layout: RecordLayout
            do {
                layout = try cursor.next()
            } catch {
                throw .malformedRecord(index: index, error)
            }
            let record = RawRecord(layout, in: records, of: self)
            guard body(record) else { return }
        }
        guard cursor.isAtEnd else { throw .trailingBytes(records.count - cursor.position) }
    }
}

extension RawRecord {
    /// The record that lies at `layout` in the uncompressed `records` of a batch with this header.
    @inline(__always)
    init(_ layout: RecordLayout, in records: UnsafeRawBufferPointer, of header: RecordBatchHeader) {
        self.init(
            offset: header.baseOffset &+ Int64(layout.offsetDelta),
            timestampMs: header.timestamp(delta: layout.timestampDelta),
            key: records.field(at: layout.keyStart, length: layout.keyLength),
            value: records.field(at: layout.valueStart, length: layout.valueLength),
            headerCount: layout.headerCount,
            headers: UnsafeRawBufferPointer(rebasing: records[layout.headersStart..<layout.end])
        )
    }
}

extension RecordView {
    /// Hands `body` this record as it lies in memory, for as long as it runs.
    package func withRawRecord(_ body: (RawRecord) -> Bool) -> Bool {
        withBytes(of: key) { key in
            withBytes(of: value) { value in
                headers.withEncodedBytes { headerBytes in
                    body(
                        RawRecord(
                            offset: offset,
                            timestampMs: timestampMs,
                            key: key,
                            value: value,
                            headerCount: headers.count,
                            headers: headerBytes
                        )
                    )
                }
            }
        }
    }

    private func withBytes(of field: ByteBuffer?, _ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
        guard let field else { return body(nil) }
        return field.withUnsafeReadableBytes { body($0) }
    }
}

extension UnsafeRawBufferPointer {
    /// A field whose place was checked; `nil` for the length -1.
    @inline(__always)
    func field(at start: Int, length: Int) -> UnsafeRawBufferPointer? {
        length < 0 ? nil : UnsafeRawBufferPointer(rebasing: self[start..<start + length])
    }
}
