import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(1))) struct ClientConnectionTests {
    private static func apiVersions(_ version: Int16, _ offered: [Int16: ClosedRange<Int16>]) -> ApiVersionsResponse {
        var response = ApiVersionsResponse()
        for (key, range) in offered.sorted(by: { $0.key < $1.key }) {
            var entry = ApiVersionsResponse.ApiVersion()
            entry.apiKey = key
            entry.minVersion = range.lowerBound
            entry.maxVersion = range.upperBound
            response.apiKeys.append(entry)
        }
        return response
    }

    /// Reads one request and answers ApiVersions in its version.
    private static func negotiate(_ raw: RawConnection, _ offered: [Int16: ClosedRange<Int16>]) async throws {
        let frame = try await raw.receiveFrame()
        let version = try #require(frame.getInteger(at: 2, as: Int16.self))
        let id = try #require(frame.getInteger(at: 4, as: Int32.self))
        let answer = try ResponseEncoder.encode(apiVersions(version, offered), version: version, correlationID: id)
        try await raw.send(try answer.flattened())
    }

    private static func connectionInfo() -> ConnectionInfo {
        ConnectionInfo(id: 1, remoteHost: "", remotePort: 0, listenerName: "")
    }

    private static func metadataAnswer(_ frame: ByteBuffer, controller: Int32) throws -> ByteBuffer {
        let request = try IncomingRequest(frame: frame, connection: connectionInfo())
        var response = MetadataResponse()
        response.controllerId = controller
        return try ResponseEncoder.encode(response, to: request).flattened()
    }

    private static let offered: [Int16: ClosedRange<Int16>] = [3: 0...12, 18: 0...4, 0: 3...9]

    // MARK: Negotiation

    @Test func anOlderBrokerIsAskedAgainInItsVersion() async throws {
        try await withScriptedPeer { raw in
            for expected in [Int16(4), 3] {
                let frame = try await raw.receiveFrame()
                let version = try #require(frame.getInteger(at: 2, as: Int16.self))
                let id = try #require(frame.getInteger(at: 4, as: Int32.self))
                #expect(version == expected)
                let answer =
                    version == 4
                    ? try ResponseEncoder.unsupportedApiVersions(correlationID: id, offered: 0...3)
                    : try ResponseEncoder.encode(
                        Self.apiVersions(3, [18: 0...3, 3: 0...9]),
                        version: 3,
                        correlationID: id
                    )
                try await raw.send(try answer.flattened())
            }
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            #expect(connection.negotiatedVersion(for: .metadata) == 9)
            #expect(connection.negotiatedVersion(for: .fetch) == nil)
            #expect(try connection.version(of: MetadataRequest.self, atMost: 4) == 4)
            #expect(throws: ConnectionError.self) { try connection.version(of: FetchRequest.self) }
            await connection.closeAndWait()
        }
    }

    @Test func theOldestBrokerIsAskedInVersionZero() async throws {
        try await withScriptedPeer { raw in
            let first = try await raw.receiveFrame()
            var refusal = ByteBuffer(integer: Int32(4 + 2 + 4))
            refusal.writeInteger(try #require(first.getInteger(at: 4, as: Int32.self)))
            refusal.writeInteger(Int16(35))
            refusal.writeInteger(Int32(0))
            try await raw.send(refusal)
            try await Self.negotiate(raw, Self.offered)
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            #expect(connection.versions.offered == Self.offered)
            await connection.closeAndWait()
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", ForeignProtocol.http), ("SSH-2.0-OpenSSH_9.2\r\n", .ssh),
        ("220 mail.example ESMTP\r\n", .text("220 ")),
    ])
    func otherProtocolsAreNamed(greeting: String, expected: ForeignProtocol) async throws {
        try await expectNotKafka(Array(greeting.utf8), expected)
    }

    @Test func tlsPortsAreNamed() async throws {
        try await expectNotKafka([0x15, 3, 3, 0, 2, 2, 40], .tls)
        try await expectNotKafka([0xDE, 0xAD, 0xBE, 0xEF], .garbage(prefix: 0xDEAD_BEEF))
    }

    private func expectNotKafka(_ bytes: [UInt8], _ expected: ForeignProtocol) async throws {
        try await withScriptedPeer { raw in
            _ = try await raw.receive(1)
            try await raw.send(bytes)
            _ = await raw.receiveToEnd()
        } body: { port in
            let peer = PeerAddress(host: "127.0.0.1", port: port)
            await #expect(throws: ConnectionError.notKafka(peer, expected)) { try await connect(port: port) }
        }
    }

    @Test func aPeerThatClosesAtOnceIsToldOf() async throws {
        try await withScriptedPeer { _ in
        } body: { port in
            let peer = PeerAddress(host: "127.0.0.1", port: port)
            await #expect(throws: ConnectionError.closedDuringNegotiation(peer)) { try await connect(port: port) }
        }
    }

    @Test func aPeerThatStaysSilentIsToldOf() async throws {
        try await withScriptedPeer { raw in
            _ = await raw.receiveToEnd()
        } body: { port in
            let peer = PeerAddress(host: "127.0.0.1", port: port)
            await #expect(throws: ConnectionError.negotiationTimedOut(peer, after: .milliseconds(30))) {
                try await connect(port: port) { $0.negotiationTimeout = .milliseconds(30) }
            }
        }
    }

    @Test func anUnreadableAnswerIsAnError() async throws {
        try await withScriptedPeer { raw in
            let frame = try await raw.receiveFrame()
            var answer = ByteBuffer(integer: Int32(4 + 3))
            answer.writeInteger(try #require(frame.getInteger(at: 4, as: Int32.self)))
            answer.writeBytes([0, 0, 0xFF])
            try await raw.send(answer)
            _ = await raw.receiveToEnd()
        } body: { port in
            let error = await #expect(throws: ConnectionError.self) { try await connect(port: port) }
            guard case .malformedResponse(_, .apiVersions, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    // MARK: Connecting

    @Test func refusalsAndUnknownNames() async throws {
        // Port 1 of the loopback address has no listener on any machine that runs tests without privileges.
        let refused = PeerAddress(host: "127.0.0.1", port: 1)
        await #expect(throws: ConnectionError.refused(refused)) { try await connect(port: 1) }
        let unknown = PeerAddress(host: "no-such-host.invalid", port: 9092)
        await #expect(throws: ConnectionError.nameNotFound(unknown)) {
            try await ClientConnection.connect(
                to: unknown,
                on: MultiThreadedEventLoopGroup.singleton,
                logger: testLogger
            )
        }
        await #expect(throws: ConnectionError.self) { try await connect(port: 0) }
    }

    @Test func namesWithSeveralAddressesAndIPv6() async throws {
        try await withListener(PlainHandler()) { listener in
            let peer = PeerAddress(host: "localhost", port: listener.port)
            let connection = try await ClientConnection.connect(
                to: peer,
                on: MultiThreadedEventLoopGroup.singleton,
                logger: testLogger
            )
            _ = try await connection.send(MetadataRequest())
            await connection.closeAndWait()
        }
    }

    // MARK: Requests

    @Test func manyRequestsArePipelinedInOrder() async throws {
        let count = 20
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            // All requests must be here before the first is answered.
            var frames: [ByteBuffer] = []
            for _ in 0..<count {
                frames.append(try await raw.receiveFrame())
            }
            for (index, frame) in frames.enumerated() {
                try await raw.send(try Self.metadataAnswer(frame, controller: Int32(index)))
            }
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            let (answers, arrived) = AsyncStream.makeStream(of: (Int, Int32?).self)
            let requests = try (0..<count).map { index in
                try connection.prepare(MetadataRequest(), version: 5) { result in
                    arrived.yield((index, (try? result.get())?.controllerId))
                }
            }
            connection.submit(requests[..<7])
            connection.submit(requests[7])
            connection.submit(requests[8...])
            var next = 0
            for await (index, controller) in answers {
                #expect(index == next)
                #expect(controller == Int32(index))
                next += 1
                if next == count { break }
            }
            await connection.closeAndWait()
        }
    }

    @Test func aRequestThatTimesOutClosesTheConnectionForAll() async throws {
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            let peer = connection.peer
            async let other: Result<MetadataResponse, ConnectionError> = {
                do throws(ConnectionError) {
                    return .success(try await connection.send(MetadataRequest(), timeout: .seconds(50)))
                } catch {
                    return .failure(error)
                }
            }()
            let time = Duration.milliseconds(30)
            await #expect(throws: ConnectionError.requestTimedOut(peer, api: .metadata, after: time)) {
                try await connection.send(MetadataRequest(), timeout: time)
            }
            #expect(await other == .failure(.closed(peer, .afterTimeout(.metadata))))
            await connection.closeAndWait()
            #expect(!connection.isOpen)
            await #expect(throws: ConnectionError.closed(peer, .afterTimeout(.metadata))) {
                try await connection.send(MetadataRequest())
            }
        }
    }

    @Test func closureFailsWhatIsInFlight() async throws {
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            _ = try await raw.receiveFrame()
        } body: { port in
            let connection = try await connect(port: port)
            await #expect(throws: ConnectionError.closed(connection.peer, .byPeer)) {
                try await connection.send(MetadataRequest())
            }
            #expect(connection.closeReason == .closed(connection.peer, .byPeer))
        }
    }

    @Test func answersOutOfOrderCloseTheConnection() async throws {
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            _ = try await raw.receiveFrame()
            var answer = ByteBuffer(integer: Int32(4))
            answer.writeInteger(Int32(0x7777))
            try await raw.send(answer)
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            await #expect(throws: ConnectionError.closed(connection.peer, .outOfStep)) {
                try await connection.send(MetadataRequest())
            }
            await connection.closeAndWait()
        }
    }

    @Test func cancellationEndsTheWaitingAlone() async throws {
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            let first = try await raw.receiveFrame()
            let second = try await raw.receiveFrame()
            try await raw.send(try Self.metadataAnswer(first, controller: 1))
            try await raw.send(try Self.metadataAnswer(second, controller: 2))
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            let peer = connection.peer
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: ConnectionError.cancelled(peer)) {
                        try await connection.send(MetadataRequest())
                    }
                }
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(try await connection.send(MetadataRequest()).controllerId == 2)
            await connection.closeAndWait()
        }
    }

    @Test func requestsWithoutResponseDoNotWait() async throws {
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            let produce = try await raw.receiveFrame()
            #expect(produce.getInteger(at: 0, as: Int16.self) == 0)
            let metadata = try await raw.receiveFrame()
            try await raw.send(try Self.metadataAnswer(metadata, controller: 5))
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            try await connection.sendWithoutResponse(ProduceRequest())
            #expect(try await connection.send(MetadataRequest()).controllerId == 5)
            await connection.closeAndWait()
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port) { $0.idleLimit = .milliseconds(20) }
            let reason = await withCheckedContinuation { continuation in
                connection.whenClosed { continuation.resume(returning: $0) }
            }
            #expect(reason == .closed(connection.peer, .idle))
        }
    }

    @Test func versionsNotOfferedAreRefusedHere() async throws {
        try await withScriptedPeer { raw in
            try await Self.negotiate(raw, Self.offered)
            _ = await raw.receiveToEnd()
        } body: { port in
            let connection = try await connect(port: port)
            let peer = connection.peer
            await #expect(
                throws: ConnectionError.unsupportedVersion(peer, api: .produce, ours: 2...2, theirs: 3...9)
            ) {
                try await connection.send(ProduceRequest(), version: 2)
            }
            await connection.closeAndWait()
        }
    }

    // MARK: Seams

    private struct Recorder: ClientAuthenticator {
        let refusal: String?

        func authenticate(_ connection: ClientConnection) async throws(ConnectionError) {
            _ = try await connection.send(MetadataRequest())
            if let refusal {
                throw .authenticationFailed(connection.peer, reason: refusal)
            }
        }
    }

    @Test func anAuthenticatorSpeaksFirst() async throws {
        try await withListener(PlainHandler()) { listener in
            let connection = try await connect(port: listener.port) { $0.authenticator = Recorder(refusal: nil) }
            #expect(connection.isOpen)
            await connection.closeAndWait()
            let peer = PeerAddress(host: "127.0.0.1", port: listener.port)
            await #expect(throws: ConnectionError.authenticationFailed(peer, reason: "no")) {
                try await connect(port: listener.port) { $0.authenticator = Recorder(refusal: "no") }
            }
        }
    }
}
