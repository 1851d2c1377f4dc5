import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Testing

@Suite struct IncomingRequestTests {
    private static let connection = ConnectionInfo(id: 1, remoteHost: "127.0.0.1", remotePort: 1, listenerName: "X")

    private func frame(version: Int16, clientID: String?) throws -> ByteBuffer {
        var request = ApiVersionsRequest()
        if version >= 3 {
            request.clientSoftwareName = "name"
            request.clientSoftwareVersion = "1.0"
        }
        let encoded = try RequestEncoder.encode(request, version: version, correlationID: 77, clientID: clientID)
        var bytes = try encoded.flattened()
        let length = bytes.readInteger(as: Int32.self)
        #expect(length.map(Int.init) == bytes.readableBytes)
        return bytes
    }

    @Test(arguments: [Int16(0), 2, 3, 4], ["client", nil, ""])
    func headersAndBodyAreRead(version: Int16, clientID: String?) throws {
        let incoming = try IncomingRequest(
            frame: try frame(version: version, clientID: clientID),
            connection: Self.connection
        )
        #expect(incoming.api == .apiVersions)
        #expect(incoming.apiVersion == version)
        #expect(incoming.correlationID == 77)
        #expect(incoming.clientID == clientID)
        let request = try incoming.decode(ApiVersionsRequest.self)
        #expect(request.clientSoftwareName == (version >= 3 ? "name" : ""))
    }

    @Test(arguments: [Int16(0), 3]) func bytesAfterTheRequestAreIgnored(version: Int16) throws {
        var bytes = try frame(version: version, clientID: "c")
        bytes.writeInteger(UInt8(0xFF))
        let incoming = try IncomingRequest(frame: bytes, connection: Self.connection)
        _ = try incoming.decode(ApiVersionsRequest.self)
    }

    @Test(arguments: [Int16(0), 3]) func aHeaderCutAnywhereIsAnError(version: Int16) throws {
        let bytes = try frame(version: version, clientID: "client")
        let headerBytes = 2 + 2 + 4 + 2 + 6 + (version >= 3 ? 1 : 0)
        for count in 0..<headerBytes {
            let cut = try #require(bytes.getSlice(at: bytes.readerIndex, length: count))
            #expect(throws: WireError.self) { try IncomingRequest(frame: cut, connection: Self.connection) }
        }
        let header = try #require(bytes.getSlice(at: bytes.readerIndex, length: headerBytes))
        _ = try IncomingRequest(frame: header, connection: Self.connection)
    }

    @Test(arguments: [(Int16(999), Int16(0)), (18, 99), (18, -1), (-1, 0)])
    func unknownApisAndVersionsAreLeftToTheHandler(apiKey: Int16, version: Int16) throws {
        var bytes = ByteBuffer(integer: apiKey)
        bytes.writeInteger(version)
        bytes.writeInteger(Int32(5))
        bytes.writeBytes([0xFF, 0xFF, 0xFF])
        let incoming = try IncomingRequest(frame: bytes, connection: Self.connection)
        #expect(incoming.api == nil)
        #expect(incoming.apiKey == apiKey)
        #expect(incoming.apiVersion == version)
        #expect(incoming.correlationID == 5)
        #expect(incoming.body.readableBytes == 3)
        #expect(incoming.isUnknownApiVersions == (apiKey == 18))
    }

    @Test func theAnswerToUnknownApiVersionsHasTheOldestLayout() throws {
        var bytes = try ResponseEncoder.unsupportedApiVersions(correlationID: 9, offered: 0...4).flattened()
        #expect(bytes.readInteger(as: Int32.self) == 16)
        #expect(bytes.readInteger(as: Int32.self) == 9)
        #expect(bytes.readInteger(as: Int16.self) == 35)
        #expect(bytes.readInteger(as: Int32.self) == 1)
        #expect(bytes.readInteger(as: Int16.self) == 18)
        #expect(bytes.readInteger(as: Int16.self) == 0)
        #expect(bytes.readInteger(as: Int16.self) == 4)
        #expect(bytes.readableBytes == 0)
    }
}
