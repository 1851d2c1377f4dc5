public import NIOCore

extension WireReader {
    /// The longest string that the protocol carries, in UTF-8 bytes.
    static let longestString = Int(Int16.max)

    // MARK: Strings and bytes

    /// A string, int16 length (uvarint of one more in flexible versions). Bytes that are no UTF-8 become U+FFFD, as
    /// Kafka's own decoder does.
    public mutating func readString(flexible: Bool) throws(WireError) -> String {
        try Self.notNull(try readNullableString(flexible: flexible))
    }

    /// A string, or nil for the null length.
    public mutating func readNullableString(flexible: Bool) throws(WireError) -> String? {
        let length: Int
        if flexible {
            length = Int(try readUnsignedVarint()) - 1
        } else {
            length = Int(try readInt16())
        }
        if length == -1 { return nil }
        guard length >= 0, length <= Self.longestString else { throw .invalidLength(length) }
        let bytes = try readSlice(length)
        return String(buffer: bytes)
    }

    /// A byte string, int32 length (uvarint of one more in flexible versions); a slice of the input.
    public mutating func readBytes(flexible: Bool) throws(WireError) -> ByteBuffer {
        try Self.notNull(try readNullableBytes(flexible: flexible))
    }

    /// A byte string, or nil for the null length.
    public mutating func readNullableBytes(flexible: Bool) throws(WireError) -> ByteBuffer? {
        guard let count = try readCount(flexible: flexible) else { return nil }
        return try readSlice(count)
    }

    /// Record batches; a slice of the input.
    public mutating func readRecords(flexible: Bool) throws(WireError) -> RecordData {
        .bytes(try readBytes(flexible: flexible))
    }

    /// Record batches, or nil for the null length.
    public mutating func readNullableRecords(flexible: Bool) throws(WireError) -> RecordData? {
        guard let bytes = try readNullableBytes(flexible: flexible) else { return nil }
        return .bytes(bytes)
    }

    // MARK: Arrays

    /// How many elements follow, checked against the bytes that are left; nil is null. An element takes `size` bytes or
    /// more, so a count that the input cannot hold fails before anything is allocated.
    private mutating func readElementCount(size: Int, flexible: Bool) throws(WireError) -> Int? {
        guard let count = try readCount(flexible: flexible) else { return nil }
        let (needed, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, needed <= remaining else {
            throw .truncated(needed: overflow ? .max : needed, remaining: remaining)
        }
        return count
    }

    /// An array of fixed-width integers, or nil. Private, so that the compiler makes one copy for each type below.
    private mutating func readNullableIntegers<T: FixedWidthInteger>(flexible: Bool) throws(WireError) -> [T]? {
        let size = MemoryLayout<T>.size
        guard let count = try readElementCount(size: size, flexible: flexible) else { return nil }
        let bytes = try readSlice(count * size)
        return bytes.withUnsafeReadableBytes { source in
            [T](unsafeUninitializedCapacity: count) { target, initialized in
                for index in 0..<count {
                    let value = source.loadUnaligned(fromByteOffset: index * size, as: T.self)
                    target.initializeElement(at: index, to: T(bigEndian: value))
                }
                initialized = count
            }
        }
    }

    /// An array of int8.
    public mutating func readInt8s(flexible: Bool) throws(WireError) -> [Int8] {
        try Self.notNull(try readNullableIntegers(flexible: flexible))
    }

    /// An array of int8, or nil.
    public mutating func readNullableInt8s(flexible: Bool) throws(WireError) -> [Int8]? {
        try readNullableIntegers(flexible: flexible)
    }

    /// An array of int16.
    public mutating func readInt16s(flexible: Bool) throws(WireError) -> [Int16] {
        try Self.notNull(try readNullableIntegers(flexible: flexible))
    }

    /// An array of int16, or nil.
    public mutating func readNullableInt16s(flexible: Bool) throws(WireError) -> [Int16]? {
        try readNullableIntegers(flexible: flexible)
    }

    /// An array of int32.
    public mutating func readInt32s(flexible: Bool) throws(WireError) -> [Int32] {
        try Self.notNull(try readNullableIntegers(flexible: flexible))
    }

    /// An array of int32, or nil.
    public mutating func readNullableInt32s(flexible: Bool) throws(WireError) -> [Int32]? {
        try readNullableIntegers(flexible: flexible)
    }

    /// An array of int64.
    public mutating func readInt64s(flexible: Bool) throws(WireError) -> [Int64] {
        try Self.notNull(try readNullableIntegers(flexible: flexible))
    }

    /// An array of int64, or nil.
    public mutating func readNullableInt64s(flexible: Bool) throws(WireError) -> [Int64]? {
        try readNullableIntegers(flexible: flexible)
    }

    /// An array of strings.
    public mutating func readStrings(flexible: Bool) throws(WireError) -> [String] {
        try Self.notNull(try readNullableStrings(flexible: flexible))
    }

    /// An array of strings, or nil.
    public mutating func readNullableStrings(flexible: Bool) throws(WireError) -> [String]? {
        guard let count = try readElementCount(size: flexible ? 1 : 2, flexible: flexible) else { return nil }
        var strings: [String] = []
        for _ in 0..<count {
            strings.append(try readString(flexible: flexible))
        }
        return strings
    }

    /// An array of identifiers.
    public mutating func readUUIDs(flexible: Bool) throws(WireError) -> [KafkaUUID] {
        try Self.notNull(try readNullableUUIDs(flexible: flexible))
    }

    /// An array of identifiers, or nil.
    public mutating func readNullableUUIDs(flexible: Bool) throws(WireError) -> [KafkaUUID]? {
        guard let count = try readElementCount(size: 16, flexible: flexible) else { return nil }
        var identifiers: [KafkaUUID] = []
        identifiers.reserveCapacity(count)
        for _ in 0..<count {
            identifiers.append(try readUUID())
        }
        return identifiers
    }

    /// An array of structures.
    public mutating func readArray<T: WireStruct>(version: Int16, flexible: Bool) throws(WireError) -> [T] {
        try Self.notNull(try readNullableArray(version: version, flexible: flexible))
    }

    /// An array of structures, or nil. It grows as elements arrive: a structure in memory is larger than on the wire,
    /// so space is not set aside for elements that may never come.
    public mutating func readNullableArray<T: WireStruct>(
        version: Int16,
        flexible: Bool
    ) throws(WireError) -> [T]? {
        guard let count = try readElementCount(size: 1, flexible: flexible) else { return nil }
        var elements: [T] = []
        for _ in 0..<count {
            elements.append(try T(from: &self, version: version))
        }
        return elements
    }

    // MARK: Structures

    /// A structure that may be absent: int8 -1, or 1 and the structure.
    public mutating func readNullableStruct<T: WireStruct>(version: Int16) throws(WireError) -> T? {
        switch try readInt8() {
        case -1: return nil
        case 1: return try T(from: &self, version: version)
        case let other: throw .invalidLength(Int(other))
        }
    }

    /// The content of a tagged field that is a structure or null: uvarint 0, or 1 and the structure.
    public mutating func readNullableTaggedStruct<T: WireStruct>(version: Int16) throws(WireError) -> T? {
        try readUnsignedVarint() == 0 ? nil : T(from: &self, version: version)
    }
}
