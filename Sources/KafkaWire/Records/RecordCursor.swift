/// Where the parts of one record lie, as positions in the uncompressed records of its batch.
package struct RecordLayout {
    package var timestampDelta: Int64
    package var offsetDelta: Int32
    package var keyStart: Int
    /// -1 for a null key.
    package var keyLength: Int
    package var valueStart: Int
    /// -1 for a null value.
    package var valueLength: Int
    package var headerCount: Int
    /// Headers reach from here to ``end``.
    package var headersStart: Int
    package var end: Int
}

/// Walks uncompressed records; the one place that knows how a record is laid out. Allocates nothing, and reads no byte
/// that it has not checked to be there.
struct RecordCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ bytes: UnsafeRawBufferPointer, position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Reads the record at ``position`` and moves behind it.
    @inline(__always)
    mutating func next() throws(MalformedRecord) -> RecordLayout {
        let length = try number32(before: bytes.count)
        guard length >= 0, Int(length) <= bytes.count - position else { throw .cutShort }
        let end = position + Int(length)
        guard position < end else { throw .cutShort }
        position += 1  // attributes, of which there are none yet
        let timestampDelta = try number64(before: end)
        let offsetDelta = try number32(before: end)
        let keyLength = try fieldLength(before: end)
        let keyStart = position
        position += max(keyLength, 0)
        let valueLength = try fieldLength(before: end)
        let valueStart = position
        position += max(valueLength, 0)
        let headerCount = try number32(before: end)
        let headersStart = position
        if headerCount != 0 { try skipHeaders(count: headerCount, before: end) }
        guard position == end else { throw .lengthMismatch }
        return RecordLayout(
            timestampDelta: timestampDelta,
            offsetDelta: offsetDelta,
            keyStart: keyStart,
            keyLength: keyLength,
            valueStart: valueStart,
            valueLength: valueLength,
            headerCount: Int(headerCount),
            headersStart: headersStart,
            end: end
        )
    }

    /// Reads one header at ``position`` and moves behind it: where its key and its value lie, `nil` for a null value.
    mutating func nextHeader(before end: Int) throws(MalformedRecord) -> (key: Range<Int>, value: Range<Int>?) {
        let keyLength = try fieldLength(before: end)
        guard keyLength >= 0 else { throw .invalidFieldLength }
        let key = position..<position + keyLength
        position += keyLength
        let valueLength = try fieldLength(before: end)
        guard valueLength >= 0 else { return (key, nil) }
        let value = position..<position + valueLength
        position += valueLength
        return (key, value)
    }

    private mutating func skipHeaders(count: Int32, before end: Int) throws(MalformedRecord) {
        // A header takes two bytes at least.
        guard count > 0, Int(count) <= (end - position) / 2 else { throw .invalidHeaderCount }
        for _ in 0..<count { _ = try nextHeader(before: end) }
    }

    /// A length that is -1 or that fits before `end`.
    @inline(__always)
    private mutating func fieldLength(before end: Int) throws(MalformedRecord) -> Int {
        let length = Int(try number32(before: end))
        guard length >= -1 else { throw .invalidFieldLength }
        guard length <= end - position else { throw .cutShort }
        return length
    }

    @inline(__always)
    private mutating func number32(before end: Int) throws(MalformedRecord) -> Int32 {
        guard position < end else { throw .cutShort }
        let first = bytes[position]
        var bits = UInt32(first)
        if first < 0x80 {
            position += 1
        } else {
            let wide = try longNumber(before: end, mostBytes: 5)
            guard let narrow = UInt32(exactly: wide) else { throw .numberTooLong }
            bits = narrow
        }
        return Int32(bitPattern: (bits >> 1) ^ (0 &- (bits & 1)))
    }

    @inline(__always)
    private mutating func number64(before end: Int) throws(MalformedRecord) -> Int64 {
        guard position < end else { throw .cutShort }
        let first = bytes[position]
        var bits = UInt64(first)
        if first < 0x80 {
            position += 1
        } else {
            bits = try longNumber(before: end, mostBytes: 10)
        }
        return Int64(bitPattern: (bits >> 1) ^ (0 &- (bits & 1)))
    }

    /// The unsigned base-128 number at ``position``, which is before `end`, low groups first.
    private mutating func longNumber(before end: Int, mostBytes: Int) throws(MalformedRecord) -> UInt64 {
        var bits: UInt64 = 0
        var shift: UInt64 = 0
        for _ in 0..<mostBytes {
            guard position < end else { throw .cutShort }
            let byte = UInt64(bytes[position])
            position += 1
            if shift == 63, byte > 1 { throw .numberTooLong }
            bits |= (byte & 0x7f) << shift
            if byte < 0x80 { return bits }
            shift += 7
        }
        throw .numberTooLong
    }
}
