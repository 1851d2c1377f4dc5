public import KafkaWire
public import NIOCore

extension MetadataRecord {
    /// The version of the frame around a record: uvarint frame version, uvarint type, uvarint version, then the body.
    private static let frameVersion: UInt32 = 1

    /// Reads the value of a record of the metadata log; it must fill its buffer.
    public init(decoding value: ByteBuffer) throws(WireError) {
        var reader = WireReader(value)
        let frame = try reader.readUnsignedVarint()
        guard frame == Self.frameVersion else {
            throw .unsupportedVersion(message: "metadata frame", version: .init(clamping: frame))
        }
        let type = try reader.readUnsignedVarint()
        let version = try reader.readUnsignedVarint()
        guard let type16 = Int16(exactly: type) else { throw .unknownRecordType(Int(type)) }
        try self.init(type: type16, version: Int16(clamping: version), from: &reader)
        try reader.requireEnd()
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
