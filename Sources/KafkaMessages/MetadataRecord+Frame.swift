public import KafkaWire
public import NIOCore

extension MetadataRecord {
    /// The version of the frame around a record: uvarint frame version, uvarint type, uvarint version, then the body.
    private static let frameVersion: UInt32 = 1

    /// Reads the value of a record of the metadata log; it must fill its buffer.
    public init(decoding value: ByteBuffer) throws(WireError) {
        self = try Self.versioned(decoding: value).record
    }

    /// As `init(decoding:)`, with the version that the frame names.
    package static func versioned(
        decoding value: ByteBuffer
    ) throws(WireError) -> (record: MetadataRecord, version: Int16) {
        var reader = WireReader(value)
        let frame = try reader.readUnsignedVarint()
        guard frame == frameVersion else {
            throw .unsupportedVersion(message: "metadata frame", version: .init(clamping: frame))
        }
        let type = try reader.readUnsignedVarint()
        let version = try reader.readUnsignedVarint()
        guard let type16 = Int16(exactly: type) else { throw .unknownRecordType(Int(type)) }
        let version16 = Int16(clamping: version)
        let record = try MetadataRecord(type: type16, version: version16, from: &reader)
        try reader.requireEnd()
        return (record, version16)
    }

    /// The number of the record's type.
    public var recordType: Int16 { type(of: record).recordType }

    /// The value as the metadata log holds it, in `version` or else the newest version of the record.
    public func encoded(version: Int16? = nil) throws(WireError) -> ByteBuffer {
        let record = record
        let version = version ?? type(of: record).validVersions.upperBound
        var writer = WireWriter()
        writer.writeUnsignedVarint(Self.frameVersion)
        writer.writeUnsignedVarint(UInt32(recordType))
        writer.writeUnsignedVarint(UInt32(clamping: version))
        try record.write(to: &writer, version: version)
        return try writer.finish().flattened()
    }
}
