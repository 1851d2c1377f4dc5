import KafkaTransport
import Logging
import NIOCore
import Synchronization

/// Makes and keeps the connections of a client: one for each node and lane, made when first asked for.
final class NodePool: Sendable {
    typealias Key = ConnectionSlots<ClientConnection>.Key

    let group: any EventLoopGroup
    private let options: ConnectionOptions
    private let logger: Logger
    private let slots: Mutex<ConnectionSlots<ClientConnection>>
    private let changed: ChangeSignal

    init(configuration: ClientConfiguration, group: any EventLoopGroup, logger: Logger) {
        var options = ConnectionOptions(clientID: configuration.clientID)
        options.connectTimeout = configuration.connection.setupTimeout
        options.negotiationTimeout = configuration.connection.setupTimeout
        options.requestTimeout = configuration.request.timeout
        options.idleLimit = configuration.connection.maxIdle
        options.maximumResponseBytes = configuration.connection.maxResponseBytes
        options.versionLimits = configuration.connection.versionLimits
        self.options = options
        self.group = group
        self.logger = logger
        slots = Mutex(
            ConnectionSlots(
                backoff: ReconnectBackoff(
                    initialMs: configuration.connection.reconnectBackoff.milliseconds,
                    maximumMs: configuration.connection.reconnectBackoffMax.milliseconds
                )
            )
        )
        changed = ChangeSignal(eventLoop: group.any())
    }

    /// The connection for a key, made if need be.
    ///
    /// - Throws: why it could not be made; the same again while the node rests after a failure.
    func connection(
        _ key: Key,
        to peer: PeerAddress,
        deadline: Deadline
    ) async throws(KafkaClientError) -> ClientConnection {
        while true {
            let seen = changed.version
            let nowMs = MonotonicClock.nowMs
            let action = slots.withLock { slots in
                slots.request(key, nowMs: nowMs) { connection in
                    connection.isOpen && connection.peer.host == peer.host && connection.peer.port == peer.port
                }
            }
            switch action {
            case .use(let connection):
                return connection
            case .connect:
                return try await connect(key, to: peer)
            case .wait:
                guard await changed.wait(past: seen, untilMs: deadline.ms) else {
                    if Task.isCancelled { throw .wasCancelled }
                    throw KafkaClientError(.timedOut, "\(peer) could not be connected to in time.")
                }
            case .fail(let error):
                throw error
            case .closed:
                throw .clientClosed
            }
        }
    }

    /// The open connection for a key, if there is one.
    func existing(_ key: Key) -> ClientConnection? {
        slots.withLock { $0.connection(key) }.flatMap { $0.isOpen ? $0 : nil }
    }

    /// Some open connection that is not held back by long requests.
    func anyOpen() -> ClientConnection? {
        let candidates = slots.withLock { slots in
            slots.connections.compactMap { key, connection -> ClientConnection? in
                switch key {
                case .bootstrap, .node(_, .general): connection.isOpen ? connection : nil
                case .node: nil
                }
            }
        }
        return candidates.randomElement()
    }

    /// Closes the connections of a lane that nobody uses any more.
    func release(_ lane: ConnectionLane) {
        let open = slots.withLock { slots in slots.keys(of: lane).compactMap { slots.remove($0) } }
        for connection in open {
            connection.close()
        }
    }

    /// Whether the last attempt to reach a node failed so recently that it is not repeated yet.
    func isResting(_ key: Key) -> Bool {
        let nowMs = MonotonicClock.nowMs
        return slots.withLock { $0.isResting(key, nowMs: nowMs) }
    }

    /// Closes all connections and waits until their sockets are gone. None can be made any more.
    func close() async {
        let open = slots.withLock { $0.close() }
        changed.notify()
        for connection in open {
            await connection.closeAndWait()
        }
    }

    private func connect(_ key: Key, to peer: PeerAddress) async throws(KafkaClientError) -> ClientConnection {
        defer { changed.notify() }
        let connection: ClientConnection
        do throws(ConnectionError) {
            connection = try await ClientConnection.connect(to: peer, options: options, on: group, logger: logger)
        } catch {
            let failure = KafkaClientError(error)
            let nowMs = MonotonicClock.nowMs
            slots.withLock { slots in
                if case .cancelled = error {
                    slots.abandoned(key)
                } else {
                    slots.failed(key, failure, nowMs: nowMs, random: Double.random(in: 0..<1))
                }
            }
            throw failure
        }
        guard slots.withLock({ $0.connected(key, connection) }) else {
            await connection.closeAndWait()
            throw .clientClosed
        }
        return connection
    }
}
