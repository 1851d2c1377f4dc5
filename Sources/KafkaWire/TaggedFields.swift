public import NIOCore

/// A tagged field that this version of the software does not know. It is kept and written again.
public struct UnknownTaggedField: Equatable, Sendable {
    public var tag: UInt32
    public var value: ByteBuffer

    public init(tag: UInt32, value: ByteBuffer) {
        self.tag = tag
        self.value = value
    }
}

/// Collects the tagged fields of one structure, known and unknown, until they are written in the order of their tags.
public struct TaggedFieldList {
    fileprivate var fields: [UnknownTaggedField]

    /// Begins with the fields that were kept from reading.
    public init(_ unknown: [UnknownTaggedField]) {
        fields = unknown
    }

    /// Adds a field whose content `body` writes.
    public mutating func add(
        _ tag: UInt32,
        _ body: (inout WireWriter) throws(WireError) -> Void
    ) throws(WireError) {
        var writer = WireWriter()
        try body(&writer)
        fields.append(UnknownTaggedField(tag: tag, value: try writer.finish().flattened()))
    }
}

extension WireReader {
    /// Reads the tagged-field section that ends a structure in flexible versions (uvarint count; then tag, size, bytes),
    /// all of it unknown.
    public mutating func readTaggedFields(flexible: Bool) throws(WireError) -> [UnknownTaggedField] {
        guard flexible else { return [] }
        return try readTaggedFields { (_, _) throws(WireError) in false }
    }

    /// Reads the tagged-field section. `known` decodes a tag that it knows from the reader over exactly that field's
    /// bytes and says true; the others are returned.
    public mutating func readTaggedFields(
        known: (_ tag: UInt32, _ field: inout WireReader) throws(WireError) -> Bool
    ) throws(WireError) -> [UnknownTaggedField] {
        let count = try readUnsignedVarint()
        guard count > 0 else { return [] }
        // Each field takes two bytes or more, so an absurd count ends with the input.
        var unknown: [UnknownTaggedField] = []
        var lowest: UInt64 = 0
        for _ in 0..<count {
            let tag = try readUnsignedVarint()
            guard UInt64(tag) >= lowest else { throw .tagOutOfOrder(tag) }
            lowest = UInt64(tag) + 1
            let size = try readUnsignedVarint()
            var field = WireReader(try readSlice(Int(size)))
            if try known(tag, &field) {
                guard field.remaining == 0 else {
                    throw .taggedFieldSize(tag: tag, announced: Int(size), used: Int(size) - field.remaining)
                }
            } else {
                unknown.append(UnknownTaggedField(tag: tag, value: field.buffer))
            }
        }
        return unknown
    }
}

extension WireWriter {
    /// Ends a structure that has no tagged fields of its own. In a version that is not flexible there must be none.
    public mutating func writeTaggedFields(
        _ unknown: [UnknownTaggedField],
        flexible: Bool
    ) throws(WireError) {
        guard flexible else {
            guard unknown.isEmpty else { throw .malformed("tagged fields exist only in flexible versions") }
            return
        }
        try writeTaggedFields(TaggedFieldList(unknown))
    }

    /// Ends a structure: writes the section, tags ascending. The same tag twice is an error.
    public mutating func writeTaggedFields(_ list: TaggedFieldList) throws(WireError) {
        guard !list.fields.isEmpty else { return writeInt8(0) }
        writeUnsignedVarint(try Self.checkedCount(list.fields.count))
        var previous: UInt32?
        for field in list.fields.sorted(by: { $0.tag < $1.tag }) {
            guard field.tag != previous else { throw .tagOutOfOrder(field.tag) }
            previous = field.tag
            writeUnsignedVarint(field.tag)
            writeUnsignedVarint(try Self.checkedCount(field.value.readableBytes))
            writeRaw(field.value)
        }
    }
}
