import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ServerListenerTests {
    private func expectMetadata(_ raw: RawConnection, _ id: Int32) async throws {
        let frame = try await raw.receiveFrame()
        #expect(frame.getInteger(at: 0, as: Int32.self) == id)
    }

    // MARK: Order and flow

    @Test func requestsOfOneConnectionAreAnsweredInOrderOneAtATime() async throws {
        let running = SharedCounter()
        let handler = ClosureHandler { request in
            #expect(running.enter() == 1)
            await Task.yield()
            running.leave()
            return await PlainHandler().handle(request)
        }
        try await withListener(handler) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            var all = ByteBuffer()
            for id in 1...50 {
                all.writeImmutableBuffer(try metadataFrame(correlationID: Int32(id)))
            }
            try await raw.send(all)
            for id in 1...50 {
                try await expectMetadata(raw, Int32(id))
            }
            raw.close()
        }
    }

    @Test func requestsInSingleBytesAreAnswered() async throws {
        try await withListener(PlainHandler()) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            for id in 1...2 {
                for byte in try metadataFrame(correlationID: Int32(id)).readableBytesView {
                    try await raw.send([byte])
                }
                try await expectMetadata(raw, Int32(id))
            }
            raw.close()
        }
    }

    @Test func aSlowReaderStopsItsOwnHandlingOnly() async throws {
        let answer = Array(repeating: UInt8(7), count: 1 << 20)
        let handled = SharedCounter()
        let handler = ClosureHandler { request in
            if request.api == .metadata, request.clientID == "slow" {
                _ = handled.enter()
                var buffer = ByteBuffer(integer: Int32(answer.count))
                buffer.writeBytes(answer)
                return .respond(EncodedFrame(buffer: buffer))
            }
            return await PlainHandler().handle(request)
        }
        try await withListener(handler) { listener in
            let slow = try await RawConnection.connect(port: listener.port, autoRead: false)
            let count = 100
            var all = ByteBuffer()
            for id in 1...count {
                let frame = try RequestEncoder.encode(
                    MetadataRequest(),
                    version: 1,
                    correlationID: Int32(id),
                    clientID: "slow"
                )
                all.writeImmutableBuffer(try frame.flattened())
            }
            try await slow.send(all)
            // Others are served meanwhile, and the listener gets the time to do too much for the slow one.
            let other = try await connect(port: listener.port)
            for _ in 0..<200 {
                _ = try await other.send(MetadataRequest())
            }
            #expect(handled.value < count / 2)
            try await slow.channel.setOption(.autoRead, value: true).get()
            slow.channel.read()
            for _ in 1...count {
                #expect(try await slow.receiveFrame().readableBytes == answer.count)
            }
            #expect(handled.value == count)
            slow.close()
            await other.closeAndWait()
        }
    }

    @Test func whatCameBeforeTheClientsEndIsAnswered() async throws {
        try await withListener(PlainHandler()) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            for id in 1...5 {
                try await raw.send(try metadataFrame(correlationID: Int32(id)))
            }
            try await raw.send([0, 0, 0])
            try await raw.closeOutput()
            for id in 1...5 {
                try await expectMetadata(raw, Int32(id))
            }
            #expect(await raw.receiveToEnd() == [])
        }
    }

    @Test func aHandlerThatClosesEndsTheConnectionAfterEarlierAnswers() async throws {
        let handler = ClosureHandler { request in
            request.correlationID == 3 ? .close : await PlainHandler().handle(request)
        }
        try await withListener(handler) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            var all = ByteBuffer()
            for id in 1...6 {
                all.writeImmutableBuffer(try metadataFrame(correlationID: Int32(id)))
            }
            try await raw.send(all)
            try await expectMetadata(raw, 1)
            try await expectMetadata(raw, 2)
            #expect(await raw.receiveToEnd() == [])
        }
    }

    @Test func noResponseIsNoResponse() async throws {
        try await withListener(PlainHandler()) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            let produce = try RequestEncoder.encode(ProduceRequest(), version: 3, correlationID: 1, clientID: nil)
            try await raw.send(try produce.flattened())
            try await raw.send(try metadataFrame(correlationID: 2))
            try await expectMetadata(raw, 2)
            raw.close()
        }
    }

    // MARK: Bad input

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [0x80, 0, 0, 0], [0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3],
        [0, 0, 0, 3, 0, 3, 0], [0, 0, 0, 0], [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3],
        [0, 0, 0, 10, 0, 3, 0, 1, 0, 0, 0, 1, 0x7F, 0xFF], [0, 0, 0, 10, 3, 0xE7, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF],
    ])
    func badInputClosesTheConnectionAndNoOther(bytes: [UInt8]) async throws {
        try await withListener(PlainHandler()) { listener in
            let other = try await connect(port: listener.port)
            let raw = try await RawConnection.connect(port: listener.port)
            try await raw.send(bytes)
            #expect(await raw.receiveToEnd() == [])
            _ = try await other.send(MetadataRequest())
            await other.closeAndWait()
        }
    }

    @Test func aHalfRequestHoldsUpNobody() async throws {
        try await withListener(PlainHandler()) { listener in
            let half = try await RawConnection.connect(port: listener.port)
            let frame = Array(try metadataFrame(correlationID: 1).readableBytesView)
            try await half.send(Array(frame.dropLast(3)))
            let other = try await connect(port: listener.port)
            _ = try await other.send(MetadataRequest())
            await other.closeAndWait()
            try await half.send(Array(frame.suffix(3)))
            try await expectMetadata(half, 1)
            half.close()
        }
    }

    @Test func unknownApiVersionsAreAnsweredAndTheConnectionStays() async throws {
        try await withListener(PlainHandler()) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            try await raw.send([0, 0, 0, 9, 0, 18, 0, 99, 0, 0, 0, 7, 0xFF])
            let answer = try await raw.receiveFrame()
            #expect(answer.getInteger(at: 0, as: Int32.self) == 7)
            #expect(answer.getInteger(at: 4, as: Int16.self) == 35)
            try await raw.send(try metadataFrame(correlationID: 8))
            try await expectMetadata(raw, 8)
            raw.close()
        }
    }

    // MARK: Limits

    @Test func connectionsBeyondTheLimitAreClosed() async throws {
        try await withListener(PlainHandler(), configure: { $0.maximumConnections = 1 }) { listener in
            let first = try await connect(port: listener.port)
            let second = try await RawConnection.connect(port: listener.port)
            #expect(await second.receiveToEnd() == [])
            _ = try await first.send(MetadataRequest())
            await first.closeAndWait()
        }
    }

    @Test func idleConnectionsAreClosed() async throws {
        try await withListener(PlainHandler(), configure: { $0.idleLimit = .milliseconds(20) }) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            #expect(await raw.receiveToEnd() == [])
        }
    }

    @Test func aThousandIdleConnectionsDoNotSlowTheOthers() async throws {
        try await withListener(PlainHandler()) { listener in
            var idle: [RawConnection] = []
            for _ in 0..<1000 {
                idle.append(try await RawConnection.connect(port: listener.port))
            }
            let active = try await connect(port: listener.port)
            for _ in 0..<100 {
                _ = try await active.send(MetadataRequest())
            }
            #expect(listener.connectionCount == 1001)
            await active.closeAndWait()
            idle.forEach { $0.close() }
        }
    }

    // MARK: Opening and closing

    @Test func aPortInUseIsToldOf() async throws {
        try await withListener(PlainHandler()) { listener in
            let port = listener.port
            let executor = StorageExecutor(size: 1)
            let error = await #expect(throws: ListenError.self) {
                try await ServerListener.bind(
                    ListenerOptions(host: "127.0.0.1", port: port),
                    on: MultiThreadedEventLoopGroup.singleton,
                    executor: executor,
                    logger: testLogger
                )
            }
            #expect(error == .addressInUse(host: "127.0.0.1", port: port))
            #expect(error?.description.contains("127.0.0.1:\(port)") == true)
            executor.shutdown()
        }
    }

    @Test(arguments: [("no-such-host.invalid", true), ("192.0.2.1", false)])
    func addressesThatAreNotHereAreToldOf(host: String, isName: Bool) async {
        let executor = StorageExecutor(size: 1)
        await #expect(throws: isName ? ListenError.nameNotFound(host: host) : .addressNotAvailable(host: host)) {
            try await ServerListener.bind(
                ListenerOptions(host: host, port: 0),
                on: MultiThreadedEventLoopGroup.singleton,
                executor: executor,
                logger: testLogger
            )
        }
        executor.shutdown()
    }

    @Test func shutdownLetsRunningRequestsFinish() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let handler = ClosureHandler { request in
            start.yield()
            for await _ in released { break }
            return await PlainHandler().handle(request)
        }
        try await withListener(handler) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            try await raw.send(try metadataFrame(correlationID: 1))
            for await _ in started { break }
            async let ended: Void = listener.shutdown(grace: .seconds(30))
            // Refused connections show that the shutdown has begun.
            while let other = try? await RawConnection.connect(port: listener.port) {
                other.close()
            }
            release.yield()
            try await expectMetadata(raw, 1)
            #expect(await raw.receiveToEnd() == [])
            await ended
        }
    }

    @Test func shutdownCancelsRequestsThatTakeTooLong() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let handler = ClosureHandler { _ in
            start.yield()
            try? await Task.sleep(for: .seconds(3600))
            return .noResponse
        }
        try await withListener(handler) { listener in
            let raw = try await RawConnection.connect(port: listener.port)
            try await raw.send(try metadataFrame(correlationID: 1))
            for await _ in started { break }
            await listener.shutdown(grace: .milliseconds(20))
            #expect(await raw.receiveToEnd() == [])
        }
    }

    @Test func cancellingRunEndsEverything() async throws {
        let executor = StorageExecutor(size: 1)
        let listener = try await ServerListener.bind(
            ListenerOptions(host: "127.0.0.1", port: 0),
            on: MultiThreadedEventLoopGroup.singleton,
            executor: executor,
            logger: testLogger
        )
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await listener.run(PlainHandler()) }
            let connection = try? await connect(port: listener.port)
            #expect(connection?.isOpen == true)
            group.cancelAll()
            await group.waitForAll()
            await connection?.closeAndWait()
        }
        executor.shutdown()
    }
}

/// Counts how many are inside, and how many ever were, or a mere count of events.
final class SharedCounter: Sendable {
    private let inside = Mutex(0)

    var value: Int { inside.withLock { $0 } }

    func enter() -> Int {
        inside.withLock {
            $0 += 1
            return $0
        }
    }

    func leave() {
        inside.withLock { $0 -= 1 }
    }
}
