package import KafkaMessages
package import KafkaWire
package import NIOCore

/// Writes a request and reads its answer, headers included.
package enum RequestEncoder {
    /// A request as it goes over the wire: length, header (version 1, or 2 in flexible versions), body.
    ///
    /// - Parameters:
    ///   - clientID: Null on the wire when nil.
    ///   - capacity: The bytes to set aside at first.
    package static func encode(
        _ request: some KafkaRequest,
        version: Int16,
        correlationID: Int32,
        clientID: String?,
        capacity: Int = 256
    ) throws(WireError) -> EncodedFrame {
        let api = type(of: request).apiKey
        guard type(of: request).validVersions.contains(version) else {
            throw .unsupportedVersion(message: api.name, version: version)
        }
        return try WireWriter.frame(capacity: capacity) { writer throws(WireError) in
            let headerVersion = api.requestHeaderVersion(for: version)
            writer.writeInt16(api.rawValue)
            writer.writeInt16(version)
            writer.writeInt32(correlationID)
            if headerVersion >= 1 {
                // Even in the flexible header the client id keeps its old int16 length.
                try writer.writeNullableString(clientID, flexible: false)
            }
            try writer.writeTaggedFields([], flexible: headerVersion >= 2)
            try request.write(to: &writer, version: version)
        }
    }

    /// Reads an answer whose correlation id was already taken off. Bytes after it are ignored.
    package static func decode<Response: KafkaResponse>(
        _ type: Response.Type,
        version: Int16,
        from bytes: ByteBuffer
    ) throws(WireError) -> Response {
        var reader = WireReader(bytes)
        _ = try reader.readTaggedFields(flexible: Response.apiKey.responseHeaderVersion(for: version) >= 1)
        return try Response(from: &reader, version: version)
    }
}
