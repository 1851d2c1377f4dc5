import NIOCore
import NIOPosix
import Synchronization

/// A TCP connection that sends and receives bytes as they are: a client that does not keep to the protocol, or the
/// server's side of a broker that follows a script.
final class RawConnection: Sendable {
    /// The peer closed before all bytes that were asked for had come.
    struct Ended: Error, Equatable {
        let received: [UInt8]
    }

    private struct State: Sendable {
        var received = ByteBuffer()
        var isClosed = false
        var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let connection: RawConnection

        init(_ connection: RawConnection) {
            self.connection = connection
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            connection.update { $0.received.writeBuffer(&bytes) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            connection.update { $0.isClosed = true }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .some(.inputClosed) = event as? ChannelEvent {
                connection.update { $0.isClosed = true }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    let channel: any Channel
    private let state = Mutex(State())

    init(_ channel: any Channel) throws {
        self.channel = channel
        try channel.pipeline.syncOperations.addHandler(Collector(self))
    }

    static func connect(port: Int, autoRead: Bool = true) async throws -> RawConnection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: autoRead)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port)
            .flatMapThrowing { try RawConnection($0) }
            .get()
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes)
    }

    /// Exactly `count` bytes.
    func receive(_ count: Int) async throws -> [UInt8] {
        await wait(for: count)
        return try state.withLock { state in
            guard let bytes = state.received.readBytes(length: count) else {
                throw Ended(received: Array(state.received.readableBytesView))
            }
            state.received.discardReadBytes()
            return bytes
        }
    }

    /// The next frame, its length taken off.
    func receiveFrame() async throws -> ByteBuffer {
        let prefix = ByteBuffer(bytes: try await receive(4))
        let length = prefix.getInteger(at: 0, as: Int32.self) ?? 0
        return ByteBuffer(bytes: try await receive(Int(length)))
    }

    /// All bytes until the peer closes.
    func receiveToEnd() async -> [UInt8] {
        await wait(for: .max)
        return state.withLock { Array($0.received.readableBytesView) }
    }

    /// Says that nothing more will be sent, but goes on reading.
    func closeOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() {
        channel.close(promise: nil)
    }

    private func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.isClosed || state.received.readableBytes >= count { return true }
                state.waiting = (count, continuation)
                return false
            }
            if isReady {
                continuation.resume()
            }
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let ready = state.withLock { state -> CheckedContinuation<Void, Never>? in
            change(&state)
            guard let waiting = state.waiting else { return nil }
            guard state.isClosed || state.received.readableBytes >= waiting.count else { return nil }
            state.waiting = nil
            return waiting.continuation
        }
        ready?.resume()
    }
}
