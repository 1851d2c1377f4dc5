public import KafkaCompression

/// The fixed part of a record batch, magic 2: the first 61 bytes.
///
/// A view of a legacy message (magic 0 or 1) has a header too, made up from what such a message says; see
/// ``RecordBatchView``.
public struct RecordBatchHeader: Equatable, Sendable {
    /// Bytes of the header, with which every batch begins.
    public static let size = 61
    /// Bytes before those that ``batchLength`` counts: offset and length.
    public static let prefixSize = 12
    /// What a batch without records has as ``batchLength``.
    static let minimumBatchLength: Int32 = 49
    /// Where the bytes begin that the checksum covers: after it.
    static let checksummedFrom = 21

    /// Offset of the first record when the batch was written; compaction may since have removed that record.
    public var baseOffset: Int64 = 0
    /// Bytes that follow the length field.
    public var batchLength: Int32 = Self.minimumBatchLength
    /// Epoch of the leader that appended the batch, -1 before a leader has seen it.
    public var partitionLeaderEpoch: Int32 = -1
    public var magic: Int8 = 2
    /// CRC-32C of all bytes from ``attributes`` on.
    public var crc: UInt32 = 0
    /// The bits behind ``codecBits``, ``timestampType``, ``isTransactional``, ``isControl`` and ``hasDeleteHorizon``.
    public var attributes: Int16 = 0
    public var lastOffsetDelta: Int32 = -1
    /// Timestamp of the first record, or the delete horizon (``hasDeleteHorizon``), in ms since 1970.
    public var baseTimestamp: Int64 = -1
    /// Largest timestamp of the records, or when the leader appended them, in ms since 1970; -1 for none.
    public var maxTimestamp: Int64 = -1
    /// Idempotent or transactional producer, -1 for none.
    public var producerId: Int64 = -1
    public var producerEpoch: Int16 = -1
    /// Sequence number of the first record, -1 for none.
    public var baseSequence: Int32 = -1
    public var recordCount: Int32 = 0

    public init() {}
}

/// Who says when a record happened (`message.timestamp.type`).
public enum TimestampType: Int8, Sendable {
    /// The producer.
    case createTime = 0
    /// The leader, as it appends: one time for the whole batch.
    case logAppendTime = 1
}

extension RecordBatchHeader {
    static let codecMask: Int16 = 0x07
    static let logAppendTimeBit: Int16 = 0x08
    static let transactionalBit: Int16 = 0x10
    static let controlBit: Int16 = 0x20
    static let deleteHorizonBit: Int16 = 0x40

    /// Offset of the last record when the batch was written; kept by compaction.
    public var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
    /// Where a reader goes on after this batch, whatever compaction left in it.
    public var nextOffset: Int64 { lastOffset &+ 1 }
    /// Bytes of the whole batch.
    public var sizeInBytes: Int { Self.prefixSize + Int(batchLength) }
    /// Bits 0-2 of the attributes, which may name no codec.
    public var codecBits: UInt8 { UInt8(truncatingIfNeeded: attributes & Self.codecMask) }
    /// How the records are compressed, `nil` if the attributes name no known codec.
    public var codec: CompressionCodec? { CompressionCodec(rawValue: codecBits) }
    public var timestampType: TimestampType {
        attributes & Self.logAppendTimeBit == 0 ? .createTime : .logAppendTime
    }
    public var isTransactional: Bool { attributes & Self.transactionalBit != 0 }
    /// Whether the records are for the protocol itself, such as transaction markers, and not for consumers.
    public var isControl: Bool { attributes & Self.controlBit != 0 }
    /// Whether ``baseTimestamp`` says when tombstones and markers of this batch may be removed (KIP-534).
    public var hasDeleteHorizon: Bool { attributes & Self.deleteHorizonBit != 0 }
    public var hasProducerId: Bool { producerId >= 0 }
    /// Sequence number of the last record, -1 if there are none; numbers go from `Int32.max` on to 0.
    public var lastSequence: Int32 {
        baseSequence < 0 ? -1 : Self.sequence(baseSequence, advancedBy: lastOffsetDelta)
    }

    /// The sequence number that is `count` after `sequence`.
    package static func sequence(_ sequence: Int32, advancedBy count: Int32) -> Int32 {
        Int32(truncatingIfNeeded: (Int64(sequence) + Int64(count)) & Int64(Int32.max))
    }
}

extension RecordBatchHeader {
    /// Reads a header from the start of `bytes`, which may go on with records or end early.
    ///
    /// Checks the length against the smallest possible one and the magic, nothing else.
    package init(_ bytes: UnsafeRawBufferPointer) throws(RecordError) {
        guard bytes.count >= Self.size else { throw .truncated }
        magic = Int8(bitPattern: bytes[16])
        guard magic == 2 else { throw .unsupportedMagic(magic) }
        batchLength = bytes.bigEndian(at: 8)
        guard batchLength >= Self.minimumBatchLength else { throw .invalidLength(batchLength) }
        baseOffset = bytes.bigEndian(at: 0)
        partitionLeaderEpoch = bytes.bigEndian(at: 12)
        crc = bytes.bigEndian(at: 17)
        attributes = bytes.bigEndian(at: 21)
        lastOffsetDelta = bytes.bigEndian(at: 23)
        baseTimestamp = bytes.bigEndian(at: 27)
        maxTimestamp = bytes.bigEndian(at: 35)
        producerId = bytes.bigEndian(at: 43)
        producerEpoch = bytes.bigEndian(at: 51)
        baseSequence = bytes.bigEndian(at: 53)
        recordCount = bytes.bigEndian(at: 57)
    }

    /// Writes the header over the first 61 of `bytes`.
    package func write(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= Self.size, "a batch has room for its header")
        bytes.setBigEndian(baseOffset, at: 0)
        bytes.setBigEndian(batchLength, at: 8)
        bytes.setBigEndian(partitionLeaderEpoch, at: 12)
        bytes.setBigEndian(magic, at: 16)
        bytes.setBigEndian(crc, at: 17)
        bytes.setBigEndian(attributes, at: 21)
        bytes.setBigEndian(lastOffsetDelta, at: 23)
        bytes.setBigEndian(baseTimestamp, at: 27)
        bytes.setBigEndian(maxTimestamp, at: 35)
        bytes.setBigEndian(producerId, at: 43)
        bytes.setBigEndian(producerEpoch, at: 51)
        bytes.setBigEndian(baseSequence, at: 53)
        bytes.setBigEndian(recordCount, at: 57)
    }
}

extension UnsafeRawBufferPointer {
    /// The big-endian number at `offset`; the caller has checked that it lies within.
    @inline(__always)
    func bigEndian<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type = Number.self) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Writes `number` big-endian at `offset`; the caller has checked that it lies within.
    @inline(__always)
    func setBigEndian<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        storeBytes(of: number.bigEndian, toByteOffset: offset, as: Number.self)
    }
}
