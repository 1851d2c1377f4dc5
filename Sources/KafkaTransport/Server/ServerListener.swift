package import Logging
package import NIOCore
import NIOPosix

/// A listening socket and the connections that it accepted.
///
/// `bind` opens it, `run` serves it and owns the task of each connection, `shutdown` ends both.
package final class ServerListener: Sendable {
    /// The host as it was asked for.
    package let host: String
    /// The port that is listened on; the real one when 0 was asked for.
    package let port: Int
    private let options: ListenerOptions
    private let executor: StorageExecutor
    private let logger: Logger
    private let channel: any Channel
    private let acceptor: Acceptor
    /// Open when the tasks of the connections need not be waited for any more: there are none, or their time is up.
    private let tasksMayEnd = Gate()
    /// Open when `run` has returned.
    private let ended = Gate()

    private init(
        options: ListenerOptions,
        port: Int,
        channel: any Channel,
        acceptor: Acceptor,
        executor: StorageExecutor,
        logger: Logger
    ) {
        self.options = options
        self.host = options.host
        self.port = port
        self.channel = channel
        self.acceptor = acceptor
        self.executor = executor
        self.logger = logger
    }

    /// Opens the socket. Connections are accepted from here on and answered once `run` is called.
    ///
    /// - Parameters:
    ///   - group: Where connections live; each stays on one event loop.
    ///   - executor: Where requests are handled.
    package static func bind(
        _ options: ListenerOptions,
        on group: any EventLoopGroup,
        executor: StorageExecutor,
        logger: Logger
    ) async throws(ListenError) -> ServerListener {
        let acceptor = Acceptor(options: options, logger: logger)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: CInt(clamping: options.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A channel keeps as many read buffers as this, 64 KiB each once requests were large.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try acceptor.accept(channel) }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: options.host, port: options.port).get()
        } catch {
            throw ListenError(error, options: options)
        }
        logger.debug("Listening", metadata: ["address": "\(channel.localAddress.map(String.init(describing:)) ?? "")"])
        return ServerListener(
            options: options,
            port: channel.localAddress?.port ?? options.port,
            channel: channel,
            acceptor: acceptor,
            executor: executor,
            logger: logger
        )
    }

    /// Connections that stand now.
    package var connectionCount: Int { acceptor.connectionCount }

    /// Answers requests until `shutdown`, or until the task is cancelled, which closes all connections at once.
    /// To be called once.
    package func run(_ handler: some RequestHandler) async {
        guard acceptor.beginRunning() else { return }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await connection in acceptor.accepted {
                    group.addTask(executorPreference: executor) { [acceptor, tasksMayEnd] in
                        await connection.run(handler)
                        if acceptor.remove(connection) {
                            tasksMayEnd.open()
                        }
                    }
                }
                await tasksMayEnd.pass()
                group.cancelAll()
            }
        } onCancel: {
            stopAccepting()
            endNow()
        }
        ended.open()
    }

    /// Stops accepting, lets requests that are being handled finish and their answers go out, and closes the connections;
    /// those that need longer than `grace` are closed as they are. Returns when all is done.
    package func shutdown(grace: Duration) async {
        stopAccepting()
        guard acceptor.drain(orEmpty: tasksMayEnd.open) else {
            // `run` was never called: nobody answers the connections.
            return endNow()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Cancelled when all have ended in time.
                guard (try? await Task.sleep(for: grace)) != nil else { return }
                self.endNow()
            }
            await ended.pass()
            group.cancelAll()
        }
    }

    private func stopAccepting() {
        channel.close(promise: nil)
        acceptor.stop()
    }

    private func endNow() {
        acceptor.closeAll()
        tasksMayEnd.open()
    }
}
