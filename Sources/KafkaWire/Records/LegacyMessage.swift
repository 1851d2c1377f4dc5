import KafkaCompression
import NIOCore

/// Messages of magic 0 and 1, which Kafka wrote before 0.11: only read, for old data directories.
enum LegacyMessage {
    /// What the size field of an empty message of magic 0 says: checksum, magic, attributes, two lengths.
    static let minimumLength: Int32 = 14
    private static let checksummedFrom = 16

    /// The header of a batch that stands for the one message at the start of `bytes`.
    static func header(_ bytes: UnsafeRawBufferPointer) throws(RecordError) -> RecordBatchHeader {
        guard bytes.count >= RecordBatchHeader.prefixSize + Int(minimumLength) else { throw .truncated }
        var header = RecordBatchHeader()
        header.magic = Int8(bitPattern: bytes[16])
        header.batchLength = bytes.bigEndian(at: 8)
        let timestampSize: Int32 = header.magic == 1 ? 8 : 0
        guard header.batchLength >= minimumLength + timestampSize else { throw .invalidLength(header.batchLength) }
        guard bytes.count >= header.sizeInBytes else { throw .truncated }
        header.baseOffset = bytes.bigEndian(at: 0)
        header.lastOffsetDelta = 0
        header.crc = bytes.bigEndian(at: 12)
        header.attributes = Int16(bytes[17]) & (RecordBatchHeader.codecMask | RecordBatchHeader.logAppendTimeBit)
        if header.magic == 1 {
            header.baseTimestamp = bytes.bigEndian(at: 18)
        } else {
            header.attributes &= ~RecordBatchHeader.logAppendTimeBit
        }
        header.maxTimestamp = header.baseTimestamp
        header.recordCount = 1
        return header
    }

    /// The checksum that the message at exactly `bytes` should bear.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        CRC32.checksum(UnsafeRawBufferPointer(rebasing: bytes[checksummedFrom...]))
    }

    /// The record of a plain message, or all records inside a compressed one.
    static func records(
        of message: RecordBatchView,
        decompressionLimit: Int
    ) throws(RecordError) -> [RecordView] {
        let outer = try record(of: message)
        guard let codec = message.header.codec, codec != .zstd else { throw .unknownCodec(message.header.codecBits) }
        guard codec != .none else { return [outer] }
        guard let wrapped = outer.value else { throw .malformedMessage(.invalidFieldLength) }
        let inner: ByteBuffer
        do {
            inner = try codec.decompress(
                wrapped,
                limit: decompressionLimit,
                toleratingLZ4HeaderChecksum: message.header.magic == 0
            )
        } catch {
            throw .compression(error)
        }
        return try records(in: inner, of: message.header)
    }

    /// The messages of the set `inner`, which stood inside a compressed message with the header `wrapper`.
    private static func records(in inner: ByteBuffer, of wrapper: RecordBatchHeader) throws(RecordError) -> [RecordView]
    {
        var rest = inner
        var records: [RecordView] = []
        while rest.readableBytes > 0 {
            let message = try RecordBatchView(rest)
            guard message.header.magic == wrapper.magic else { throw .unsupportedMagic(message.header.magic) }
            guard message.header.codecBits == 0 else { throw .malformedMessage(.nestedCompression) }
            records.append(try record(of: message))
            rest.moveReaderIndex(forwardBy: message.sizeInBytes)
        }
        guard wrapper.magic == 1, let last = records.last?.offset else { return records }
        // KIP-31: inside magic 1 offsets count from 0, and the wrapper bears the offset of the last message, or 0 as long
        // as no leader has assigned it.
        let base = max(wrapper.baseOffset.subtractingReportingOverflow(last).partialValue, 0)
        for index in records.indices {
            records[index].offset = base &+ records[index].offset
            if wrapper.timestampType == .logAppendTime { records[index].timestampMs = wrapper.maxTimestamp }
        }
        return records
    }

    /// The one record that `message` is, its value still compressed if the message is.
    private static func record(of message: RecordBatchView) throws(RecordError) -> RecordView {
        var bytes = message.buffer
        let fieldsStart = checksummedFrom + 2 + (message.header.magic == 1 ? 8 : 0)
        bytes.moveReaderIndex(forwardBy: fieldsStart)  // `header` has seen that the message is longer
        let key = try field(of: &bytes)
        let value = try field(of: &bytes)
        guard bytes.readableBytes == 0 else { throw .malformedMessage(.lengthMismatch) }
        return RecordView(
            offset: message.header.baseOffset,
            timestampMs: message.header.maxTimestamp,
            key: key,
            value: value,
            headers: RecordHeaders()
        )
    }

    private static func field(of bytes: inout ByteBuffer) throws(RecordError) -> ByteBuffer? {
        guard let length = bytes.readInteger(as: Int32.self) else { throw .malformedMessage(.cutShort) }
        guard length >= -1 else { throw .malformedMessage(.invalidFieldLength) }
        guard length >= 0 else { return nil }
        guard let field = bytes.readSlice(length: Int(length)) else { throw .malformedMessage(.cutShort) }
        return field
    }
}
