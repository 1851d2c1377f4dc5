package import KafkaTransport

/// Which connection a request may use: pure, generic over the connection.
///
/// Rules:
/// - One connection per key; whoever asks first makes it, others wait for the outcome.
/// - After a failure the key rests for a while that doubles (`reconnect.backoff.ms`); meanwhile the failure is repeated
///   to whoever asks, since a caller has its own retries and may know another node.
/// - A success ends the count of failures.
package struct ConnectionSlots<Connection>: ~Copyable {
    /// What a connection is for. Requests that may be held back by the broker have their own, so that they do not hold
    /// up others: a broker answers the requests of a connection one after another.
    package enum Key: Hashable, Sendable {
        /// A server of the bootstrap list.
        case bootstrap(ServerAddress)
        case node(Int32, ConnectionLane)
    }

    package enum Action {
        case use(Connection)
        /// Make the connection, then report ``connected(_:_:)``, ``failed(_:_:nowMs:random:)`` or ``abandoned(_:)``.
        case connect
        /// Somebody else is making it: ask again after the next change.
        case wait
        case fail(KafkaClientError)
        case closed
    }

    private enum Slot {
        case idle
        case connecting
        case connected(Connection)
        case resting(untilMs: Int64, KafkaClientError)
    }

    private let backoff: ReconnectBackoff
    private var slots: [Key: Slot] = [:]
    private var failures: [Key: ReconnectBackoff] = [:]
    private var isClosed = false

    package init(backoff: ReconnectBackoff) {
        self.backoff = backoff
    }

    /// Asks for a connection.
    ///
    /// - Parameter isUsable: whether a connection that was made is still open, and leads where it should.
    package mutating func request(_ key: Key, nowMs: Int64, isUsable: (Connection) -> Bool) -> Action {
        guard !isClosed else { return .closed }
        switch slots[key] ?? .idle {
        case .idle:
            slots[key] = .connecting
            return .connect
        case .connecting:
            return .wait
        case .connected(let connection):
            if isUsable(connection) { return .use(connection) }
            slots[key] = .connecting
            return .connect
        case .resting(let untilMs, let error):
            guard untilMs <= nowMs else { return .fail(error) }
            slots[key] = .connecting
            return .connect
        }
    }

    /// The connection of a key, if one was made.
    package func connection(_ key: Key) -> Connection? {
        guard case .connected(let connection) = slots[key] else { return nil }
        return connection
    }

    /// Whether asking now would repeat a failure.
    package func isResting(_ key: Key, nowMs: Int64) -> Bool {
        guard case .resting(let untilMs, _) = slots[key] else { return false }
        return untilMs > nowMs
    }

    /// Every connection that was made.
    package var connections: [(key: Key, connection: Connection)] {
        slots.compactMap { key, slot in
            guard case .connected(let connection) = slot else { return nil }
            return (key, connection)
        }
    }

    /// The connection stands.
    ///
    /// - Returns: false when the slots were closed meanwhile and the connection must be closed.
    package mutating func connected(_ key: Key, _ connection: Connection) -> Bool {
        guard !isClosed else { return false }
        slots[key] = .connected(connection)
        failures[key] = nil
        return true
    }

    /// The connection could not be made.
    package mutating func failed(_ key: Key, _ error: KafkaClientError, nowMs: Int64, random: Double) {
        var count = failures[key] ?? backoff
        let pauseMs = count.failed(random: random)
        failures[key] = count
        slots[key] = .resting(untilMs: nowMs + pauseMs, error)
    }

    /// Forgets a key that is not needed any more.
    ///
    /// - Returns: its connection, to be closed.
    package mutating func remove(_ key: Key) -> Connection? {
        defer {
            slots[key] = nil
            failures[key] = nil
        }
        return connection(key)
    }

    /// All keys of a lane.
    package func keys(of lane: ConnectionLane) -> [Key] {
        slots.keys.filter { key in
            if case .node(_, lane) = key { true } else { false }
        }
    }

    /// Whoever was making the connection gave up; somebody else may.
    package mutating func abandoned(_ key: Key) {
        slots[key] = .idle
    }

    /// Refuses everything from now on and hands back what has to be closed.
    package mutating func close() -> [Connection] {
        isClosed = true
        let open = connections.map(\.connection)
        slots = [:]
        return open
    }
}

/// What a connection to a node is for.
package enum ConnectionLane: Hashable, Sendable {
    /// Requests that are answered at once.
    case general
    /// Fetches, which brokers hold back until there are records.
    case fetch
    /// Produce requests, which wait for replicas.
    case produce
    /// Requests of one group member, which wait for other members; each has its own, lest they wait for each other.
    case member(UInt64)
}
