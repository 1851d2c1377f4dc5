import NIOCore

/// The lengths and numbers of a record that is about to be written, so that its size is known before.
struct EncodedRecord {
    let timestampDelta: Int64
    let offsetDelta: Int32
    let keyCount: Int?
    let valueCount: Int?
    let headerCount: Int
    /// Bytes of all headers, without their count.
    let headersSize: Int
    /// Bytes of the record after its length field.
    let bodySize: Int

    @inline(__always)
    init(
        timestampDelta: Int64,
        offsetDelta: Int32,
        keyCount: Int?,
        valueCount: Int?,
        headerCount: Int,
        headersSize: Int
    ) {
        self.timestampDelta = timestampDelta
        self.offsetDelta = offsetDelta
        self.keyCount = keyCount
        self.valueCount = valueCount
        self.headerCount = headerCount
        self.headersSize = headersSize
        bodySize =
            1 + Zigzag.size(timestampDelta) + Zigzag.size(Int64(offsetDelta)) + Self.size(ofField: keyCount)
            + Self.size(ofField: valueCount) + Zigzag.size(Int64(headerCount)) + headersSize
    }

    /// Bytes of the whole record.
    var size: Int { Zigzag.size(Int64(bodySize)) + bodySize }

    /// Writes all but the headers.
    @inline(__always)
    func write(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, to writer: inout RecordByteWriter) {
        writer.write(zigzag: Int64(bodySize))
        writer.write(byte: 0)
        writer.write(zigzag: timestampDelta)
        writer.write(zigzag: Int64(offsetDelta))
        writer.write(field: key)
        writer.write(field: value)
        writer.write(zigzag: Int64(headerCount))
    }

    @inline(__always)
    private static func size(ofField count: Int?) -> Int {
        guard let count else { return 1 }
        return Zigzag.size(Int64(count)) + count
    }

    static func size(of headers: [RecordHeader]) -> Int {
        var size = 0
        for header in headers {
            size += Self.size(ofField: header.key.utf8.count) + Self.size(ofField: header.value?.readableBytes)
        }
        return size
    }
}

/// Signed numbers as records hold them: sign in the lowest bit, then seven bits a byte.
enum Zigzag {
    @inline(__always)
    static func encode(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value << 1) ^ (value >> 63))
    }

    /// Bytes that `value` takes.
    @inline(__always)
    static func size(_ value: Int64) -> Int {
        let bits = 64 - (encode(value) | 1).leadingZeroBitCount
        return (bits + 6) / 7
    }
}

/// Writes the parts of a record one after the other into memory that is known to be large enough.
struct RecordByteWriter {
    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    @inline(__always)
    mutating func write(byte: UInt8) {
        bytes[position] = byte
        position += 1
    }

    @inline(__always)
    mutating func write(zigzag value: Int64) {
        var bits = Zigzag.encode(value)
        while bits >= 0x80 {
            write(byte: UInt8(truncatingIfNeeded: bits) | 0x80)
            bits >>= 7
        }
        write(byte: UInt8(truncatingIfNeeded: bits))
    }

    /// Length and bytes, or -1 for null.
    @inline(__always)
    mutating func write(field: UnsafeRawBufferPointer?) {
        guard let field else { return write(zigzag: -1) }
        write(zigzag: Int64(field.count))
        write(field)
    }

    /// The bytes alone.
    @inline(__always)
    mutating func write(_ source: UnsafeRawBufferPointer) {
        guard source.count > 0 else { return }
        UnsafeMutableRawBufferPointer(rebasing: bytes[position..<position + source.count]).copyMemory(from: source)
        position += source.count
    }

    mutating func write(_ header: RecordHeader) {
        write(zigzag: Int64(header.key.utf8.count))
        for byte in header.key.utf8 { write(byte: byte) }
        if let value = header.value {
            value.withUnsafeReadableBytes { write(field: $0) }
        } else {
            write(field: nil)
        }
    }
}
