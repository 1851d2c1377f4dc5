import Glibc
import Logging
import NIOCore
import NIOPosix

/// A socket in the data directory by which the user whose broker this is, and nobody else, gives it orders: a line for
/// a line.
///
/// Only the owner may open the file, and whoever connects is asked for by the kernel's word on the peer's user.
final class AdminSocket: Sendable {
    fileprivate struct Order: Sendable {
        let line: String
        let channel: any Channel
    }

    private let server: any Channel
    private let path: AdminSocketPath
    private let orders: AsyncStream<Order>
    private let continuation: AsyncStream<Order>.Continuation

    /// More orders than this wait for nobody; their connections are closed.
    private static let longestQueue = 64

    private init(
        server: any Channel,
        path: AdminSocketPath,
        orders: AsyncStream<Order>,
        continuation: AsyncStream<Order>.Continuation
    ) {
        self.server = server
        self.path = path
        self.orders = orders
        self.continuation = continuation
    }

    /// Opens the socket in a directory that this process holds the lock of; one that a killed broker left goes.
    static func bind(directory: String, on group: any EventLoopGroup) async throws(BrokerError) -> AdminSocket {
        let path = AdminSocketPath(directory: directory)
        let (orders, continuation) = AsyncStream.makeStream(
            of: Order.self,
            bufferingPolicy: .bufferingOldest(longestQueue)
        )
        unlink(path.path)
        let server: any Channel
        do {
            server = try await path.withAddress { address in
                try await ServerBootstrap(group: group)
                    .childChannelInitializer { channel in accept(channel, continuation) }
                    .bind(unixDomainSocketPath: address).get()
            }
        } catch {
            throw BrokerError(.listen, "cannot listen on \(path.path): \(error)")
        }
        guard chmod(path.path, 0o600) == 0 else {
            let reason = String(cString: strerror(errno))
            server.close(promise: nil)
            throw BrokerError(.storage, "cannot set the permissions of \(path.path): \(reason)")
        }
        return AdminSocket(server: server, path: path, orders: orders, continuation: continuation)
    }

    /// Answers lines, one at a time, until `close` or until the task is cancelled. To be called once.
    func run(_ answer: @Sendable (String) async -> String) async {
        for await order in orders {
            let text = await answer(order.line) + "\n"
            // A peer that went away in the meantime needs no answer.
            try? await order.channel.writeAndFlush(ByteBuffer(string: text)).get()
        }
    }

    /// Ends `run` and takes the socket away. Connections go with the event loops.
    func close() async {
        // Fails only when closed already.
        try? await server.close()
        continuation.finish()
        unlink(path.path)
    }

    /// Fails, which closes the connection, for anybody but the owner.
    private static func accept(
        _ channel: any Channel,
        _ continuation: AsyncStream<Order>.Continuation
    ) -> EventLoopFuture<Void> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let peer: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(
            level: .socket,
            name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        )
        return peer.flatMapThrowing { peer in
            guard peer.user == geteuid() else { throw ChannelError.operationUnsupported }
            try channel.pipeline.syncOperations.addHandler(AdminLineHandler(continuation))
        }
    }
}

/// The kernel's `struct ucred`, which the C library's header shows to GNU programs only.
private struct PeerCredentials {
    var process: pid_t
    var user: uid_t
    var group: gid_t
}

/// Cuts what a connection says into lines.
private final class AdminLineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Longer lines are nobody's order.
    private static let longestLine = 1024

    private let continuation: AsyncStream<AdminSocket.Order>.Continuation
    private var line: [UInt8] = []

    init(_ continuation: AsyncStream<AdminSocket.Order>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for byte in unwrapInboundIn(data).readableBytesView {
            if byte != UInt8(ascii: "\n") {
                line.append(byte)
                guard line.count <= Self.longestLine else { return context.close(promise: nil) }
                continue
            }
            let order = AdminSocket.Order(line: String(decoding: line, as: UTF8.self), channel: context.channel)
            line = []
            guard case .enqueued = continuation.yield(order) else { return context.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
