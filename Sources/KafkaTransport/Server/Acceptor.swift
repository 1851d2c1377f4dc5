import Logging
import NIOCore
import Synchronization

/// Keeps the books of a listener's connections: sets up new ones, counts them, ends them.
final class Acceptor: Sendable {
    private struct State: Sendable {
        var isRunning = false
        var isStopping = false
        var connections: [UInt64: RequestConnection] = [:]
        var lastID: UInt64 = 0
    }

    private struct TooManyConnections: Error {}
    private struct Stopped: Error {}

    /// New connections, for the task that owns their tasks.
    let accepted: AsyncStream<RequestConnection>
    private let arrivals: AsyncStream<RequestConnection>.Continuation
    private let options: ListenerOptions
    private let logger: Logger
    private let state = Mutex(State())

    init(options: ListenerOptions, logger: Logger) {
        self.options = options
        self.logger = logger
        (accepted, arrivals) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    var connectionCount: Int {
        state.withLock { $0.connections.count }
    }

    /// Sets up an accepted channel, on its event loop. An error closes it.
    func accept(_ channel: any Channel) throws {
        let id = try state.withLock { state throws -> UInt64 in
            guard !state.isStopping else { throw Stopped() }
            guard state.connections.count < options.maximumConnections else { throw TooManyConnections() }
            state.lastID += 1
            return state.lastID
        }
        if let faults = options.faults {
            try channel.pipeline.syncOperations.addHandler(FaultyLinkHandler(faults, peer: nil))
        }
        try options.security?.install(on: channel, peer: nil)
        let info = ConnectionInfo(
            id: id,
            remoteHost: channel.remoteAddress?.ipAddress ?? "",
            remotePort: channel.remoteAddress?.port ?? 0,
            listenerName: options.name
        )
        let exchange = RequestExchange()
        let handler = RequestChannelHandler(
            exchange: exchange,
            info: info,
            maximumRequestBytes: options.maximumRequestBytes,
            idleLimit: options.idleLimit,
            logger: logger
        )
        try channel.pipeline.syncOperations.addHandler(handler)
        let connection = RequestConnection(
            info: info,
            exchange: exchange,
            channel: channel,
            handler: NIOLoopBound(handler, eventLoop: channel.eventLoop)
        )
        let isWelcome = state.withLock { state in
            guard !state.isStopping else { return false }
            state.connections[id] = connection
            // Inside the lock, so that no connection is registered after the stream has ended.
            arrivals.yield(connection)
            return true
        }
        guard isWelcome else { throw Stopped() }
    }

    /// False when the listener was stopped before it ran, or runs already.
    func beginRunning() -> Bool {
        state.withLock { state in
            guard !state.isRunning, !state.isStopping else { return false }
            state.isRunning = true
            return true
        }
    }

    /// No more connections.
    func stop() {
        state.withLock { state in
            state.isStopping = true
        }
        arrivals.finish()
    }

    /// A connection's task has ended. True when it was the last one that a stopped listener waited for.
    func remove(_ connection: RequestConnection) -> Bool {
        state.withLock { state in
            state.connections[connection.info.id] = nil
            return state.isStopping && state.connections.isEmpty
        }
    }

    /// Lets all connections finish what they do; `orEmpty` is called when there is none. False when nobody answers them.
    func drain(orEmpty: () -> Void) -> Bool {
        let (isRunning, connections) = state.withLock { ($0.isRunning, Array($0.connections.values)) }
        for connection in connections {
            connection.drain()
        }
        if connections.isEmpty {
            orEmpty()
        }
        return isRunning
    }

    /// Closes all connections as they are.
    func closeAll() {
        let connections = state.withLock { Array($0.connections.values) }
        for connection in connections {
            connection.closeNow()
        }
    }
}
