public import NIOCore

extension WireWriter {
    /// The value of a field that is null only in versions other than `version`.
    public static func notNull<T>(_ value: T?, _ field: String, version: Int16) throws(WireError) -> T {
        guard let value else { throw .unsupportedField(field, version: version) }
        return value
    }

    // MARK: Strings and bytes

    /// A string: int16 length (uvarint of one more in flexible versions) and UTF-8. Fails above 32,767 bytes.
    public mutating func writeString(_ value: String, flexible: Bool) throws(WireError) {
        let count = value.utf8.count
        guard count <= WireReader.longestString else { throw .stringTooLong(count) }
        if flexible { writeUnsignedVarint(UInt32(count) + 1) } else { writeInt16(Int16(count)) }
        writeText(value)
    }

    /// A string or the null length.
    public mutating func writeNullableString(_ value: String?, flexible: Bool) throws(WireError) {
        guard let value else { return flexible ? writeUnsignedVarint(0) : writeInt16(-1) }
        try writeString(value, flexible: flexible)
    }

    /// A byte string: int32 length (uvarint of one more in flexible versions) and the bytes.
    public mutating func writeBytes(_ value: ByteBuffer, flexible: Bool) throws(WireError) {
        try writeCount(value.readableBytes, flexible: flexible)
        writeRaw(value)
    }

    /// A byte string or the null length.
    public mutating func writeNullableBytes(_ value: ByteBuffer?, flexible: Bool) throws(WireError) {
        guard let value else { return try writeCount(nil, flexible: flexible) }
        try writeBytes(value, flexible: flexible)
    }

    /// Record batches: the length here, the data here or as a splice.
    public mutating func writeRecords(_ value: RecordData, flexible: Bool) throws(WireError) {
        try writeCount(value.count, flexible: flexible)
        splice(value)
    }

    /// Record batches or the null length.
    public mutating func writeNullableRecords(_ value: RecordData?, flexible: Bool) throws(WireError) {
        guard let value else { return try writeCount(nil, flexible: flexible) }
        try writeRecords(value, flexible: flexible)
    }

    // MARK: Arrays

    /// An array of fixed-width integers, or null. Private, so that the compiler makes one copy for each type below.
    private mutating func writeIntegers<T: FixedWidthInteger>(_ values: [T]?, flexible: Bool) throws(WireError) {
        try writeCount(values?.count, flexible: flexible)
        for value in values ?? [] {
            writeInteger(value)
        }
    }

    /// An array of int8, or null.
    public mutating func writeInt8s(_ values: [Int8]?, flexible: Bool) throws(WireError) {
        try writeIntegers(values, flexible: flexible)
    }

    /// An array of int16, or null.
    public mutating func writeInt16s(_ values: [Int16]?, flexible: Bool) throws(WireError) {
        try writeIntegers(values, flexible: flexible)
    }

    /// An array of int32, or null.
    public mutating func writeInt32s(_ values: [Int32]?, flexible: Bool) throws(WireError) {
        try writeIntegers(values, flexible: flexible)
    }

    /// An array of int64, or null.
    public mutating func writeInt64s(_ values: [Int64]?, flexible: Bool) throws(WireError) {
        try writeIntegers(values, flexible: flexible)
    }

    /// An array of strings, or null.
    public mutating func writeStrings(_ values: [String]?, flexible: Bool) throws(WireError) {
        try writeCount(values?.count, flexible: flexible)
        for value in values ?? [] {
            try writeString(value, flexible: flexible)
        }
    }

    /// An array of identifiers, or null.
    public mutating func writeUUIDs(_ values: [KafkaUUID]?, flexible: Bool) throws(WireError) {
        try writeCount(values?.count, flexible: flexible)
        for value in values ?? [] {
            writeUUID(value)
        }
    }

    /// An array of structures, or null.
    public mutating func writeArray<T: WireStruct>(
        _ values: [T]?,
        version: Int16,
        flexible: Bool
    ) throws(WireError) {
        try writeCount(values?.count, flexible: flexible)
        for value in values ?? [] {
            try value.write(to: &self, version: version)
        }
    }

    // MARK: Structures

    /// A structure that may be absent: int8 -1, or 1 and the structure.
    public mutating func writeNullableStruct<T: WireStruct>(_ value: T?, version: Int16) throws(WireError) {
        guard let value else { return writeInt8(-1) }
        writeInt8(1)
        try value.write(to: &self, version: version)
    }

    /// The content of a tagged field that is a structure or null: uvarint 0, or 1 and the structure.
    public mutating func writeNullableTaggedStruct<T: WireStruct>(_ value: T?, version: Int16) throws(WireError) {
        guard let value else { return writeUnsignedVarint(0) }
        writeUnsignedVarint(1)
        try value.write(to: &self, version: version)
    }
}
