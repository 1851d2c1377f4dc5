public import KafkaWire
public import NIOCore

extension KafkaMessage {
    /// Reads a body that stands alone. Bytes after its end are ignored, as Kafka does with requests (some clients send
    /// one too many).
    public init(decoding body: ByteBuffer, version: Int16) throws(WireError) {
        var reader = WireReader(body)
        try self.init(from: &reader, version: version)
    }

    /// The body alone, in one buffer.
    public func encoded(version: Int16) throws(WireError) -> ByteBuffer {
        var writer = WireWriter()
        try write(to: &writer, version: version)
        return try writer.finish().flattened()
    }

    /// Reads a body with its version in the two bytes before it, as keys and values of the internal topics and the
    /// metadata of consumer protocols have it.
    ///
    /// With `acceptingNewer` a version above those known is read in the layout of the newest one: consumer protocols
    /// promise that later versions only append.
    public init(versioned value: ByteBuffer, acceptingNewer: Bool = false) throws(WireError) {
        var reader = WireReader(value)
        let version = try reader.readInt16()
        let newest = Self.validVersions.upperBound
        try self.init(from: &reader, version: acceptingNewer ? min(version, newest) : version)
    }

    /// The body with its version in the two bytes before it.
    public func versioned(_ version: Int16) throws(WireError) -> ByteBuffer {
        var writer = WireWriter()
        writer.writeInt16(version)
        try write(to: &writer, version: version)
        return try writer.finish().flattened()
    }
}
