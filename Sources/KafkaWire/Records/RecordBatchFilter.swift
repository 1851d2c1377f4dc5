import KafkaCompression
package import NIOCore

/// Takes records out of batches, as compaction does; what stays keeps its offset, and the batch its first and last one.
///
/// First ``survey(_:decompressionLimit:keep:)`` asks for each record, then ``write(to:deleteHorizonMs:)`` lays down what
/// is left, if the caller wants it. One filter serves many batches and keeps its memory; nothing is allocated for a
/// record. Records that stay are copied as they are encoded, unless the base timestamp that they count from changes.
package struct RecordBatchFilter {
    /// What a survey has found.
    package struct Survey: Equatable, Sendable {
        package var kept: Int32 = 0
        package var dropped: Int32 = 0
        /// A record that stays has no value.
        package var keepsTombstone = false

        package init() {}
    }

    private var header = RecordBatchHeader()
    /// The records of the surveyed batch, uncompressed.
    private var records = ByteBuffer()
    /// Where the records that stay lie, neighbours together.
    private var runs: [Range<Int>] = []
    private var kept: Int32 = 0
    private var firstTimestampMs: Int64 = -1
    private var maxTimestampMs: Int64 = -1
    /// Records before they are compressed again.
    private var scratch = ByteBuffer()

    package init() {}

    // MARK: Looking

    /// Asks `keep` for each record of a batch of magic 2, in order.
    package mutating func survey(
        _ batch: RecordBatchView,
        decompressionLimit: Int = RecordBatchView.defaultDecompressionLimit,
        keep: (RawRecord) -> Bool
    ) throws(RecordError) -> Survey {
        header = batch.header
        let uncompressed = try batch.uncompressedRecords(limit: decompressionLimit)
        records = uncompressed
        runs.removeAll(keepingCapacity: true)
        firstTimestampMs = -1
        maxTimestampMs = -1
        kept = 0
        return try uncompressed.withUnsafeReadableBytes { bytes throws(RecordError) in try survey(bytes, keep) }
    }

    private mutating func survey(
        _ bytes: UnsafeRawBufferPointer,
        _ keep: (RawRecord) -> Bool
    ) throws(RecordError) -> Survey {
        var survey = Survey()
        var cursor = RecordCursor(bytes)
        for index in 0..<Int(header.recordCount) {
            let start = cursor.position
            let layout: RecordLayout
            do {
                layout = try cursor.next()
            } catch {
                throw .malformedRecord(index: index, error)
            }
            let record = RawRecord(layout, in: bytes, of: header)
            guard keep(record) else {
                survey.dropped += 1
                continue
            }
            if survey.kept == 0 { firstTimestampMs = record.timestampMs }
            survey.kept += 1
            maxTimestampMs = max(maxTimestampMs, record.timestampMs)
            if record.value == nil { survey.keepsTombstone = true }
            note(start..<cursor.position)
        }
        guard cursor.isAtEnd else { throw .trailingBytes(bytes.count - cursor.position) }
        kept = survey.kept
        return survey
    }

    private mutating func note(_ range: Range<Int>) {
        if let last = runs.last, last.upperBound == range.lowerBound {
            runs[runs.count - 1] = last.lowerBound..<range.upperBound
        } else {
            runs.append(range)
        }
    }

    // MARK: Writing

    /// Adds the surveyed batch, without the records that go, to the end of `output`. Base and last offset, producer and
    /// sequence numbers are those of the whole batch; it is compressed as it was.
    ///
    /// - Parameter deleteHorizonMs: when tombstones or markers of the batch may go, ms since 1970; nil leaves that as it
    ///   is.
    /// - Returns: the header of what was written.
    package mutating func write(
        to output: inout ByteBuffer,
        deleteHorizonMs: Int64? = nil
    ) throws(RecordError) -> RecordBatchHeader {
        guard let codec = header.codec else { throw .unknownCodec(header.codecBits) }
        var written = header
        written.recordCount = kept
        if let deleteHorizonMs {
            written.baseTimestamp = deleteHorizonMs
            written.attributes |= RecordBatchHeader.deleteHorizonBit
        } else if !header.hasDeleteHorizon, header.timestampType == .createTime {
            written.baseTimestamp = firstTimestampMs
        }
        if header.timestampType == .createTime { written.maxTimestamp = maxTimestampMs }
        let shift = header.baseTimestamp &- written.baseTimestamp
        let start = output.readableBytes
        output.writeRepeatingByte(0, count: RecordBatchHeader.size)
        if codec == .none {
            try writeRecords(to: &output, timestampShift: shift)
        } else {
            scratch.clear()
            try writeRecords(to: &scratch, timestampShift: shift)
            do {
                try scratch.withUnsafeReadableBytes { bytes throws(CompressionError) in
                    try codec.compress(bytes, level: nil, into: &output)
                }
            } catch {
                throw .compression(error)
            }
        }
        return try output.seal(written, from: start)
    }

    /// Adds a batch that has the place, the producer and the sequence numbers of another one, and no records.
    package static func writeEmpty(
        like header: RecordBatchHeader,
        to output: inout ByteBuffer
    ) throws(RecordError) -> RecordBatchHeader {
        var written = header
        written.attributes &= ~(RecordBatchHeader.codecMask | RecordBatchHeader.deleteHorizonBit)
        written.baseTimestamp = -1
        written.recordCount = 0
        let start = output.readableBytes
        output.writeRepeatingByte(0, count: RecordBatchHeader.size)
        return try output.seal(written, from: start)
    }

    private func writeRecords(to output: inout ByteBuffer, timestampShift: Int64) throws(RecordError) {
        try records.withUnsafeReadableBytes { bytes throws(RecordError) in
            for run in runs {
                if timestampShift == 0 {
                    output.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run]))
                } else {
                    try Self.encode(run, of: bytes, timestampShift: timestampShift, to: &output)
                }
            }
        }
    }

    /// Writes records whose timestamps count from another time.
    private static func encode(
        _ run: Range<Int>,
        of bytes: UnsafeRawBufferPointer,
        timestampShift: Int64,
        to output: inout ByteBuffer
    ) throws(RecordError) {
        var cursor = RecordCursor(bytes, position: run.lowerBound)
        while cursor.position < run.upperBound {
            let layout: RecordLayout
            do {
                layout = try cursor.next()
            } catch {
                throw .malformedRecord(index: 0, error)
            }
            let headers = UnsafeRawBufferPointer(rebasing: bytes[layout.headersStart..<layout.end])
            let encoded = EncodedRecord(
                timestampDelta: layout.timestampDelta &+ timestampShift,
                offsetDelta: layout.offsetDelta,
                keyCount: layout.keyLength < 0 ? nil : layout.keyLength,
                valueCount: layout.valueLength < 0 ? nil : layout.valueLength,
                headerCount: layout.headerCount,
                headersSize: headers.count
            )
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: encoded.size) { space in
                var writer = RecordByteWriter(space)
                encoded.write(
                    key: bytes.field(at: layout.keyStart, length: layout.keyLength),
                    value: bytes.field(at: layout.valueStart, length: layout.valueLength),
                    to: &writer
                )
                writer.write(headers)
                return encoded.size
            }
        }
    }
}

extension ByteBuffer {
    /// Writes `header`, with length and checksum, over the first 61 of the bytes from `start` (counted from the first
    /// readable one) to the end.
    fileprivate mutating func seal(
        _ header: RecordBatchHeader,
        from start: Int
    ) throws(RecordError) -> RecordBatchHeader {
        guard let length = Int32(exactly: readableBytes - start - RecordBatchHeader.prefixSize) else { throw .tooLarge }
        var header = header
        header.batchLength = length
        withUnsafeMutableReadableBytes { bytes in
            header.seal(UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
        return header
    }
}
