public import NIOCore

/// Reads protocol values from a slice of bytes. Every length is held against what is left before it is believed.
///
/// All numbers are big-endian. Byte values are slices of the input, never copies. After an error the reader stands
/// somewhere inside the value that failed, and is of no further use.
public struct WireReader: Sendable {
    /// What is left to read.
    public private(set) var buffer: ByteBuffer

    public init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    /// How many bytes are left.
    public var remaining: Int { buffer.readableBytes }

    private mutating func readInteger<T: FixedWidthInteger>(_ type: T.Type) throws(WireError) -> T {
        guard let value = buffer.readInteger(as: type) else {
            throw .truncated(needed: MemoryLayout<T>.size, remaining: remaining)
        }
        return value
    }

    public mutating func readInt8() throws(WireError) -> Int8 { try readInteger(Int8.self) }
    public mutating func readInt16() throws(WireError) -> Int16 { try readInteger(Int16.self) }
    public mutating func readInt32() throws(WireError) -> Int32 { try readInteger(Int32.self) }
    public mutating func readInt64() throws(WireError) -> Int64 { try readInteger(Int64.self) }
    public mutating func readUInt16() throws(WireError) -> UInt16 { try readInteger(UInt16.self) }
    public mutating func readUInt32() throws(WireError) -> UInt32 { try readInteger(UInt32.self) }

    /// One byte; everything but 0 is true.
    public mutating func readBool() throws(WireError) -> Bool { try readInteger(UInt8.self) != 0 }

    /// IEEE 754, eight bytes.
    public mutating func readFloat64() throws(WireError) -> Double {
        Double(bitPattern: try readInteger(UInt64.self))
    }

    public mutating func readUUID() throws(WireError) -> KafkaUUID {
        KafkaUUID(high: try readInteger(UInt64.self), low: try readInteger(UInt64.self))
    }

    /// The next `count` bytes, as a slice.
    public mutating func readSlice(_ count: Int) throws(WireError) -> ByteBuffer {
        guard count >= 0 else { throw .invalidLength(count) }
        guard let slice = buffer.readSlice(length: count) else {
            throw .truncated(needed: count, remaining: remaining)
        }
        return slice
    }

    /// Steps over `count` bytes.
    public mutating func skip(_ count: Int) throws(WireError) {
        guard count >= 0 else { throw .invalidLength(count) }
        guard count <= remaining else { throw .truncated(needed: count, remaining: remaining) }
        buffer.moveReaderIndex(forwardBy: count)
    }

    /// Fails if anything is left. For values that must fill their container.
    public func requireEnd() throws(WireError) {
        guard remaining == 0 else { throw .trailingBytes(remaining) }
    }

    // MARK: Variable-length integers

    /// Seven bits a byte, lowest first; at most five bytes.
    public mutating func readUnsignedVarint() throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try readVarintBits(width: 32))
    }

    /// Zigzag-coded int32.
    public mutating func readVarint() throws(WireError) -> Int32 {
        let bits = try readUnsignedVarint()
        return Int32(bitPattern: bits >> 1) ^ -Int32(bitPattern: bits & 1)
    }

    /// Zigzag-coded int64; at most ten bytes.
    public mutating func readVarlong() throws(WireError) -> Int64 {
        let bits = try readVarintBits(width: 64)
        return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    }

    private mutating func readVarintBits(width: UInt64) throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = UInt64(try readInteger(UInt8.self))
            let bits = byte & 0x7F
            // Bits above the type's width would be lost: the number is too long.
            guard shift < width, width - shift >= 7 || bits >> (width - shift) == 0 else { throw .varintTooLong }
            value |= bits << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
    }

    // MARK: Lengths

    /// A length or count as both encodings have it: int32, or uvarint of one more in flexible versions. Nil is null.
    mutating func readCount(flexible: Bool) throws(WireError) -> Int? {
        if flexible {
            let encoded = try readUnsignedVarint()
            return encoded == 0 ? nil : Int(encoded) - 1
        }
        let count = try readInt32()
        guard count >= -1 else { throw .invalidLength(Int(count)) }
        return count == -1 ? nil : Int(count)
    }

    static func notNull<T>(_ value: T?) throws(WireError) -> T {
        guard let value else { throw .unexpectedNull("") }
        return value
    }
}
