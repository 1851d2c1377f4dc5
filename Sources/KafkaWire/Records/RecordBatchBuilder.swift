package import KafkaCompression
package import NIOCore

/// Lays records straight into the bytes of a batch.
///
/// Nothing is allocated for a record. The header is written, the records compressed and the checksum taken once, by
/// ``finish(producerId:producerEpoch:baseSequence:isTransactional:isControl:partitionLeaderEpoch:)``, after which the
/// builder is empty and may be used again.
package struct RecordBatchBuilder: Sendable {
    package let codec: CompressionCodec
    package let level: Int?
    /// A second or later record is refused when the estimated size of the batch would be more than this.
    package let maxBytes: Int
    /// Compressed over uncompressed size that is expected of the records; 1 without compression.
    package let expectedRatio: Double

    /// Room for the header, then the records, uncompressed.
    private var buffer: ByteBuffer
    package private(set) var recordCount: Int32 = 0
    /// Of the first record, in ms since 1970; -1 while there is none.
    package private(set) var baseTimestampMs: Int64 = -1
    /// Largest of all records, in ms since 1970; -1 while there is none.
    package private(set) var maxTimestampMs: Int64 = -1
    private var baseOffset: Int64 = 0
    private var lastOffsetDelta: Int32 = -1

    /// A batch cannot say more in its length field; a little is left for what compression may add.
    static let largestBatch = Int(Int32.max) - 64 * 1024 * 1024

    /// - Parameters:
    ///   - level: one of the codec's levels, `nil` for its default.
    ///   - reusing: a buffer that is not needed any more, whose memory is taken over.
    package init(
        codec: CompressionCodec = .none,
        level: Int? = nil,
        maxBytes: Int = 16384,
        expectedRatio: Double = 1,
        reusing: ByteBuffer? = nil
    ) {
        self.codec = codec
        self.level = level
        self.maxBytes = min(maxBytes, Self.largestBatch)
        self.expectedRatio = codec == .none ? 1 : expectedRatio
        self.buffer = reusing ?? ByteBuffer()
        startHeader()
    }

    package var isEmpty: Bool { recordCount == 0 }

    /// Bytes of header and records before compression.
    package var uncompressedSize: Int { buffer.writerIndex }

    /// Bytes of header and records, as far as the expected ratio tells.
    package var estimatedSize: Int { estimate(recordBytes: uncompressedSize - RecordBatchHeader.size) }

    /// Bytes that a batch with this one record takes, uncompressed.
    package static func sizeOfBatch(keyCount: Int?, valueCount: Int?, headers: [RecordHeader] = []) -> Int {
        let layout = EncodedRecord(
            timestampDelta: 0,
            offsetDelta: 0,
            keyCount: keyCount,
            valueCount: valueCount,
            headerCount: headers.count,
            headersSize: EncodedRecord.size(of: headers)
        )
        return RecordBatchHeader.size + layout.size
    }

    private func estimate(recordBytes: Int) -> Int {
        RecordBatchHeader.size + (codec == .none ? recordBytes : Int(Double(recordBytes) * expectedRatio))
    }

    /// Whether a record that takes `size` bytes may still be laid in: the first one always may.
    func fits(_ size: Int) -> Bool {
        let total = uncompressedSize - RecordBatchHeader.size + size
        guard recordCount > 0 else { return total <= Self.largestBatch }
        return estimate(recordBytes: total) <= maxBytes && total <= Self.largestBatch && recordCount < .max
    }

    /// Adds a record; `false`, and nothing is added, if the batch is too full for it.
    ///
    /// - Parameters:
    ///   - key: `nil` is null, which is not the same as empty.
    ///   - value: `nil` is null.
    ///   - timestampMs: ms since 1970.
    package mutating func append(
        key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?,
        headers: [RecordHeader] = [],
        timestampMs: Int64
    ) -> Bool {
        let record = EncodedRecord(
            timestampDelta: isEmpty ? 0 : timestampMs &- baseTimestampMs,
            offsetDelta: lastOffsetDelta &+ 1,
            keyCount: key?.count,
            valueCount: value?.count,
            headerCount: headers.count,
            headersSize: EncodedRecord.size(of: headers)
        )
        guard fits(record.size) else { return false }
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: record.size) { space in
            var writer = RecordByteWriter(space)
            record.write(key: key, value: value, to: &writer)
            for header in headers { writer.write(header) }
            return record.size
        }
        count(offsetDelta: lastOffsetDelta + 1, timestampMs: timestampMs)
        return true
    }

    /// Adds a record of another batch as it is, headers included; `false`, and nothing is added, if it does not fit.
    ///
    /// - Parameter keepingOffset: keep the record's own offset, which must be above that of the record before it. The
    ///   first such record gives the batch its base offset. Otherwise the record is the next one of this batch.
    package mutating func append(_ record: RawRecord, keepingOffset: Bool = false) -> Bool {
        if keepingOffset, isEmpty { baseOffset = record.offset }
        let nextDelta = lastOffsetDelta &+ 1
        let delta = keepingOffset ? Int32(truncatingIfNeeded: record.offset &- baseOffset) : nextDelta
        guard delta >= nextDelta, !keepingOffset || Int64(delta) == record.offset &- baseOffset else { return false }
        let encoded = EncodedRecord(
            timestampDelta: isEmpty ? 0 : record.timestampMs &- baseTimestampMs,
            offsetDelta: delta,
            keyCount: record.key?.count,
            valueCount: record.value?.count,
            headerCount: record.headerCount,
            headersSize: record.headers.count
        )
        guard fits(encoded.size) else { return false }
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: encoded.size) { space in
            var writer = RecordByteWriter(space)
            encoded.write(key: record.key, value: record.value, to: &writer)
            writer.write(record.headers)
            return encoded.size
        }
        count(offsetDelta: delta, timestampMs: record.timestampMs)
        return true
    }

    /// Closes the batch: compresses the records, writes the header and takes the checksum. The builder is empty then.
    ///
    /// The base offset is 0, as producers send it, unless records kept their offsets.
    ///
    /// - Parameters:
    ///   - producerId: of an idempotent or transactional producer, -1 for none; epoch and sequence go with it.
    ///   - baseSequence: sequence number of the first record.
    package mutating func finish(
        producerId: Int64 = -1,
        producerEpoch: Int16 = -1,
        baseSequence: Int32 = -1,
        isTransactional: Bool = false,
        isControl: Bool = false,
        partitionLeaderEpoch: Int32 = -1
    ) throws(RecordError) -> ByteBuffer {
        var header = RecordBatchHeader()
        header.baseOffset = baseOffset
        header.partitionLeaderEpoch = partitionLeaderEpoch
        header.attributes = Int16(codec.rawValue)
        if isTransactional { header.attributes |= RecordBatchHeader.transactionalBit }
        if isControl { header.attributes |= RecordBatchHeader.controlBit }
        header.lastOffsetDelta = lastOffsetDelta
        header.baseTimestamp = baseTimestampMs
        header.maxTimestamp = maxTimestampMs
        header.producerId = producerId
        header.producerEpoch = producerEpoch
        header.baseSequence = baseSequence
        header.recordCount = recordCount
        var batch = try takeBytes()
        try batch.seal(header)
        return batch
    }

    /// Forgets all records, to begin another batch.
    ///
    /// - Parameter reusing: a buffer that is not needed any more, whose memory is taken over.
    package mutating func reset(reusing: ByteBuffer? = nil) {
        if let reusing { buffer = reusing }
        recordCount = 0
        baseTimestampMs = -1
        maxTimestampMs = -1
        baseOffset = 0
        lastOffsetDelta = -1
        startHeader()
    }

    /// Header room and records as they go out; the builder is empty afterwards.
    private mutating func takeBytes() throws(RecordError) -> ByteBuffer {
        guard codec != .none else {
            let batch = buffer
            reset(reusing: ByteBuffer())
            return batch
        }
        defer { reset() }
        var batch = ByteBuffer()
        batch.reserveCapacity(estimatedSize)
        batch.writeRepeatingByte(0, count: RecordBatchHeader.size)
        do {
            try buffer.withUnsafeReadableBytes { bytes throws(CompressionError) in
                let records = UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.size...])
                try codec.compress(records, level: level, into: &batch)
            }
        } catch {
            throw .compression(error)
        }
        return batch
    }

    private mutating func startHeader() {
        buffer.clear()
        buffer.writeRepeatingByte(0, count: RecordBatchHeader.size)
    }

    /// The offset of the next record, counted from the batch's own.
    var nextOffsetDelta: Int32 { lastOffsetDelta &+ 1 }

    /// Lets `write` put records behind the others, of at most `bound` bytes; it returns how many bytes they took.
    mutating func writeRecords(bound: Int, _ write: (UnsafeMutableRawPointer) -> Int) {
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { space in
            space.baseAddress.map(write) ?? 0
        }
    }

    /// Counts records that were written one after the other, all with one timestamp.
    mutating func count(records: Int32, timestampMs: Int64) {
        if recordCount == 0 { baseTimestampMs = timestampMs }
        recordCount += records
        lastOffsetDelta += records
        maxTimestampMs = max(maxTimestampMs, timestampMs)
    }

    private mutating func count(offsetDelta: Int32, timestampMs: Int64) {
        if recordCount == 0 { baseTimestampMs = timestampMs }
        recordCount += 1
        lastOffsetDelta = offsetDelta
        maxTimestampMs = max(maxTimestampMs, timestampMs)
    }
}

extension ByteBuffer {
    /// Writes `header`, with the length and checksum that the readable bytes give it, over the first 61 of them.
    mutating func seal(_ header: RecordBatchHeader) throws(RecordError) {
        guard let length = Int32(exactly: readableBytes - RecordBatchHeader.prefixSize) else { throw .tooLarge }
        var header = header
        header.batchLength = length
        withUnsafeMutableReadableBytes { header.seal($0) }
    }
}

extension RecordBatchHeader {
    /// Writes this header over the first 61 of `batch`, which is a whole batch, and takes its checksum.
    mutating func seal(_ batch: UnsafeMutableRawBufferPointer) {
        write(to: batch)
        crc = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: batch[Self.checksummedFrom...]))
        batch.setBigEndian(crc, at: 17)
    }
}
