package import KafkaMessages
package import KafkaWire
package import NIOCore

/// The connection that a request came over.
package final class ConnectionInfo: Sendable {
    /// Counts the connections of a listener from 1.
    package let id: UInt64
    /// The client's address without its port; empty when it had already gone.
    package let remoteHost: String
    package let remotePort: Int
    /// The listener's name, such as `PLAINTEXT`.
    package let listenerName: String

    package init(id: UInt64, remoteHost: String, remotePort: Int, listenerName: String) {
        self.id = id
        self.remoteHost = remoteHost
        self.remotePort = remotePort
        self.listenerName = listenerName
    }
}

/// A request whose header was read; its body was not looked at.
package struct IncomingRequest: Sendable {
    /// The number of the API as it came.
    package let apiKey: Int16
    package let apiVersion: Int16
    package let correlationID: Int32
    /// The API, if this software knows it in this version. Otherwise the layout of the header is unknown as well:
    /// `clientID` is nil and `body` holds all that follows the correlation id.
    package let api: APIKey?
    package let clientID: String?
    package let body: ByteBuffer
    package let connection: ConnectionInfo

    /// Reads the header of a frame. The first four bytes, API and version, decide its layout.
    package init(frame: ByteBuffer, connection: ConnectionInfo) throws(WireError) {
        var reader = WireReader(frame)
        apiKey = try reader.readInt16()
        apiVersion = try reader.readInt16()
        correlationID = try reader.readInt32()
        self.connection = connection
        guard let known = APIKey(rawValue: apiKey), known.validVersions.contains(apiVersion) else {
            api = nil
            clientID = nil
            body = reader.buffer
            return
        }
        api = known
        let headerVersion = known.requestHeaderVersion(for: apiVersion)
        clientID = headerVersion >= 1 ? try reader.readNullableString(flexible: false) : nil
        _ = try reader.readTaggedFields(flexible: headerVersion >= 2)
        body = reader.buffer
    }

    /// Whether this is ApiVersions in a version that this software does not know: see
    /// `ResponseEncoder.unsupportedApiVersions`.
    package var isUnknownApiVersions: Bool {
        api == nil && apiKey == APIKey.apiVersions.rawValue
    }

    /// Reads the body. Bytes after it are ignored, as some clients send one too many.
    package func decode<Request: KafkaRequest>(_ type: Request.Type) throws(WireError) -> Request {
        var reader = WireReader(body)
        return try Request(from: &reader, version: apiVersion)
    }
}
