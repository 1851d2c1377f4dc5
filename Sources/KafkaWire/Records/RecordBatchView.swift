import KafkaCompression
public import NIOCore

/// One whole batch of records, in the bytes it came in.
///
/// A legacy message (magic 0 or 1) is a batch too, with a made-up ``header``: attributes, maximum timestamp and length
/// are its own, base and last offset are both the offset it bears. For a compressed one that is the offset of its last
/// record, so that ``RecordBatchHeader/nextOffset`` is right for all.
public struct RecordBatchView: Sendable {
    public let header: RecordBatchHeader
    /// The bytes of this batch and no more.
    public let buffer: ByteBuffer

    /// What ``records(decompressionLimit:)`` lets a batch decompress to unless told otherwise: 128 MiB.
    public static let defaultDecompressionLimit = 128 * 1024 * 1024

    /// Reads the batch at the start of the readable bytes of `buffer`, which may go on behind it.
    ///
    /// The length is checked, the checksum is not: see ``validateChecksum()``.
    public init(_ buffer: ByteBuffer) throws(RecordError) {
        let header = try buffer.withUnsafeReadableBytes { bytes throws(RecordError) in
            guard bytes.count > 16 else { throw .truncated }
            return bytes[16] < 2
                ? try LegacyMessage.header(bytes)
                : try RecordBatchHeader(bytes)
        }
        guard let slice = buffer.getSlice(at: buffer.readerIndex, length: header.sizeInBytes) else { throw .truncated }
        self.header = header
        self.buffer = slice
    }

    /// What the length field of a batch or legacy message says at least.
    package static let shortestLength = LegacyMessage.minimumLength

    public var sizeInBytes: Int { buffer.readableBytes }

    /// Compares the stored checksum with that of the bytes.
    public func validateChecksum() throws(RecordError) {
        let computed = buffer.withUnsafeReadableBytes { bytes in
            header.magic == 2
                ? CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[RecordBatchHeader.checksummedFrom...]))
                : LegacyMessage.checksum(bytes)
        }
        guard computed == header.crc else { throw .checksumMismatch(stored: header.crc, computed: computed) }
    }

    /// Whether ``validateChecksum()`` has nothing to say.
    public var isChecksumValid: Bool {
        do {
            try validateChecksum()
            return true
        } catch {
            return false
        }
    }

    /// The records, decompressed if need be.
    ///
    /// - Parameter decompressionLimit: most bytes that compressed records may become.
    public func records(
        decompressionLimit: Int = Self.defaultDecompressionLimit
    ) throws(RecordError) -> RecordIterator {
        guard header.magic == 2 else {
            return RecordIterator(
                header: header,
                legacy: try LegacyMessage.records(of: self, decompressionLimit: decompressionLimit)
            )
        }
        return RecordIterator(header: header, records: try uncompressedRecords(limit: decompressionLimit))
    }

    /// The bytes behind the header, decompressed if need be; a slice of ``buffer`` if not. Only for magic 2.
    package func uncompressedRecords(limit: Int) throws(RecordError) -> ByteBuffer {
        guard let codec = header.codec else { throw .unknownCodec(header.codecBits) }
        var records = buffer
        records.moveReaderIndex(forwardBy: RecordBatchHeader.size)
        let bytes: ByteBuffer
        do {
            bytes = codec == .none ? records : try codec.decompress(records, limit: limit)
        } catch {
            throw .compression(error)
        }
        guard header.recordCount >= 0, Int(header.recordCount) <= bytes.readableBytes / Self.smallestRecord else {
            throw .invalidRecordCount(header.recordCount)
        }
        return bytes
    }

    /// Length, attributes, two deltas, null key, null value, no headers: one byte each.
    private static let smallestRecord = 7
}
