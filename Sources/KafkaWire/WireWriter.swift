public import NIOCore

/// Writes protocol values. Large record data and file ranges are not copied but remembered as splices.
public struct WireWriter: Sendable {
    /// What was written so far, without the splices.
    public private(set) var buffer: ByteBuffer
    /// Data that stands between bytes of `buffer`.
    public private(set) var splices: [EncodedFrame.Splice] = []
    private var splicedCount = 0

    /// Record data in memory of this size and more are spliced; below it a copy is cheaper than one more part to send.
    static let smallestSplice = 4096

    public init() {
        buffer = ByteBuffer()
    }

    /// Sets `capacity` bytes aside.
    public init(capacity: Int) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// How many bytes were written, splices included.
    public var count: Int { buffer.readableBytes + splicedCount }

    /// What was written.
    public consuming func finish() -> EncodedFrame {
        EncodedFrame(buffer: buffer, splices: splices)
    }

    /// A frame as it goes over a connection: int32 length of the rest, then what `body` writes.
    public static func frame(
        capacity: Int = 256,
        _ body: (inout WireWriter) throws(WireError) -> Void
    ) throws(WireError) -> EncodedFrame {
        var writer = WireWriter(capacity: capacity)
        writer.writeInt32(0)
        try body(&writer)
        let length = Int32(bitPattern: try checkedCount(writer.count - 4))
        writer.buffer.setInteger(length, at: writer.buffer.readerIndex)
        return writer.finish()
    }

    // MARK: Fixed width

    public mutating func writeInt8(_ value: Int8) { buffer.writeInteger(value) }
    public mutating func writeInt16(_ value: Int16) { buffer.writeInteger(value) }
    public mutating func writeInt32(_ value: Int32) { buffer.writeInteger(value) }
    public mutating func writeInt64(_ value: Int64) { buffer.writeInteger(value) }
    public mutating func writeUInt16(_ value: UInt16) { buffer.writeInteger(value) }
    public mutating func writeUInt32(_ value: UInt32) { buffer.writeInteger(value) }
    public mutating func writeBool(_ value: Bool) { buffer.writeInteger(value ? 1 : 0, as: UInt8.self) }
    public mutating func writeFloat64(_ value: Double) { buffer.writeInteger(value.bitPattern) }

    public mutating func writeUUID(_ value: KafkaUUID) {
        buffer.writeInteger(value.high)
        buffer.writeInteger(value.low)
    }

    mutating func writeInteger(_ value: some FixedWidthInteger) { buffer.writeInteger(value) }
    mutating func writeText(_ value: String) { buffer.writeString(value) }

    /// Bytes as they are, without a length.
    public mutating func writeRaw(_ bytes: ByteBuffer) { buffer.writeImmutableBuffer(bytes) }

    // MARK: Variable-length integers

    /// Seven bits a byte, lowest first.
    public mutating func writeUnsignedVarint(_ value: UInt32) { writeVarintBits(UInt64(value)) }

    /// Zigzag-coded int32.
    public mutating func writeVarint(_ value: Int32) {
        writeVarintBits(UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }

    /// Zigzag-coded int64.
    public mutating func writeVarlong(_ value: Int64) {
        writeVarintBits(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    private mutating func writeVarintBits(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            buffer.writeInteger(UInt8(truncatingIfNeeded: rest | 0x80))
            rest >>= 7
        }
        buffer.writeInteger(UInt8(truncatingIfNeeded: rest))
    }

    // MARK: Lengths and splices

    /// A count that fits an int32 with room for the one that flexible versions add.
    static func checkedCount(_ count: Int) throws(WireError) -> UInt32 {
        guard count < Int(Int32.max) else { throw .tooLarge(count) }
        return UInt32(count)
    }

    /// A length or count as both encodings have it; nil is null.
    mutating func writeCount(_ count: Int?, flexible: Bool) throws(WireError) {
        guard let count else { return flexible ? writeUnsignedVarint(0) : writeInt32(-1) }
        let checked = try Self.checkedCount(count)
        if flexible { writeUnsignedVarint(checked + 1) } else { writeInt32(Int32(bitPattern: checked)) }
    }

    mutating func splice(_ data: RecordData) {
        if case .bytes(let bytes) = data, bytes.readableBytes < Self.smallestSplice { return writeRaw(bytes) }
        guard data.count > 0 else { return }
        splices.append(EncodedFrame.Splice(position: buffer.readableBytes, data: data))
        splicedCount += data.count
    }
}
