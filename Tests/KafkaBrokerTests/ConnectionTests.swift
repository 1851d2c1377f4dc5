import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import NIOPosix
import Testing

@testable import KafkaBroker

@Suite struct ConnectionTests {
    @Test func offersWhatIsBuilt() async throws {
        try await withBroker { client async throws -> Void in
            let offered = client.connection.versions.offered
            #expect(offered[APIKey.produce.rawValue] == 0...12)
            #expect(offered[APIKey.fetch.rawValue] == 4...17)
            #expect(offered[APIKey.findCoordinator.rawValue] == 0...6)
            #expect(offered[APIKey.joinGroup.rawValue] == 0...9)
            let features = client.connection.apiVersions
            #expect(features.finalizedFeatures.contains { $0.name == "transaction.version" && $0.maxVersionLevel == 2 })
            for version in Int16(0)...4 {
                let request = ApiVersionsRequest(clientSoftwareName: "a", clientSoftwareVersion: "1")
                let response = try await client.send(request, version: version)
                #expect(response.errorCode == .none)
                #expect(response.apiKeys.count == offered.count)
            }
            let bad = ApiVersionsRequest(clientSoftwareName: "a b", clientSoftwareVersion: "1")
            #expect(try await client.send(bad, version: 3).errorCode == .invalidRequest)
        }
    }

    @Test func answersUnknownApiVersionsInVersionZero() async throws {
        try await withBroker { client async throws -> Void in
            // Key 18, version 77, correlation id 5, and nothing that could be parsed.
            let reply = try await rawExchange(client.address, [0, 18, 0, 77, 0, 0, 0, 5, 0xFF])
            #expect(reply == [0, 0, 0, 5, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4])
        }
    }

    @Test(
        arguments: [
            [0, 11, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF],  // JoinGroup is not offered
            [0, 99, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF],  // no such API
            [0, 1, 0, 3, 0, 0, 0, 1, 0xFF, 0xFF],  // Fetch version 3
            [0, 3, 0, 12, 0, 0, 0, 1, 0xFF, 0xFF, 0, 0x7F],  // Metadata with an array that is cut short
            [0],
        ] as [[UInt8]]
    )
    func closesOnNonsenseAndServesTheOthers(frame: [UInt8]) async throws {
        try await withBroker { client async throws -> Void in
            let reply = try await rawExchange(client.address, frame)
            #expect(reply == nil)
            #expect(try await client.send(MetadataRequest(topics: nil)).brokers.count == 1)
        }
    }

    @Test func manyIdleConnectionsAreHarmless() async throws {
        try await withBroker { client async throws -> Void in
            var idle: [ClientConnection] = []
            for _ in 0..<100 { idle.append(try await connect(client.address)) }
            #expect(try await client.send(MetadataRequest(topics: nil)).brokers.count == 1)
            for connection in idle { await connection.closeAndWait() }
        }
    }
}

/// Sends one frame over a fresh connection; returns the payload of the answer, or nil when the broker closes.
private func rawExchange(_ address: BrokerAddress, _ frame: [UInt8]) async throws -> [UInt8]? {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: address.host, port: address.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        var buffer = ByteBuffer()
        buffer.writeInteger(Int32(frame.count))
        buffer.writeBytes(frame)
        try await outbound.write(buffer)
        var received = ByteBuffer()
        for try await part in inbound {
            received.writeImmutableBuffer(part)
            if let length = received.getInteger(at: 0, as: Int32.self), received.readableBytes >= 4 + Int(length) {
                return received.getBytes(at: 4, length: Int(length))
            }
        }
        return nil
    }
}
