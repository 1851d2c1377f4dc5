import KafkaTransport
import Logging
import NIOCore
import Synchronization

/// A connection to one broker that many share: made when somebody needs it, made anew when it has ended or the address
/// has changed, and not tried for a while after an attempt failed.
final class PeerLink: Sendable {
    private struct State {
        var connection: ClientConnection?
        var isConnecting = false
        /// Those who wait for the attempt that is under way.
        var waiting: [Alarm] = []
        var backoff = ReconnectBackoff()
        /// No attempt before that time, and why the last one failed.
        var pause: (untilMs: Int64, error: ConnectionError)?
        var isClosed = false
    }

    /// What the caller has to do.
    private enum Step {
        case use(ClientConnection)
        case connect
        case wait(Alarm)
        case fail(ConnectionError)
    }

    private let options: ConnectionOptions
    private let group: any EventLoopGroup
    private let clock: any BrokerClock
    private let logger: Logger
    private let state = Mutex(State())

    init(options: ConnectionOptions, group: any EventLoopGroup, clock: any BrokerClock, logger: Logger) {
        self.options = options
        self.group = group
        self.clock = clock
        self.logger = logger
    }

    /// The connection to `peer`.
    func connection(to peer: PeerAddress) async throws(ConnectionError) -> ClientConnection {
        while true {
            let nowMs = clock.nowMs
            let (step, old) = state.withLock { Self.step(&$0, peer, nowMs: nowMs) }
            old?.close()
            switch step {
            case .use(let connection): return connection
            case .fail(let error): throw error
            case .connect: return try await connect(to: peer)
            case .wait(let alarm): guard await alarm.sleep() else { throw .cancelled(peer) }
            }
        }
    }

    /// Closes the connection; later calls fail.
    func close() {
        let connection = state.withLock { state in
            state.isClosed = true
            return state.connection.take()
        }
        connection?.close()
    }

    private static func step(_ state: inout State, _ peer: PeerAddress, nowMs: Int64) -> (Step, ClientConnection?) {
        if state.isClosed { return (.fail(.closed(peer, .byUs)), nil) }
        if let connection = state.connection, connection.isOpen, connection.peer == peer {
            return (.use(connection), nil)
        }
        if state.isConnecting {
            let alarm = Alarm()
            state.waiting.append(alarm)
            return (.wait(alarm), nil)
        }
        if let pause = state.pause, pause.error.address == peer, nowMs < pause.untilMs {
            return (.fail(pause.error), nil)
        }
        state.isConnecting = true
        return (.connect, state.connection.take())
    }

    private func connect(to peer: PeerAddress) async throws(ConnectionError) -> ClientConnection {
        do throws(ConnectionError) {
            let connection = try await ClientConnection.connect(to: peer, options: options, on: group, logger: logger)
            let isClosed = end { state in
                state.backoff.succeeded()
                state.pause = nil
                if !state.isClosed { state.connection = connection }
            }
            guard !isClosed else {
                connection.close()
                throw .closed(peer, .byUs)
            }
            return connection
        } catch {
            let nowMs = clock.nowMs
            _ = end { state in
                let waitMs = state.backoff.failed(random: .random(in: 0..<1))
                state.pause = (nowMs + waitMs, error)
            }
            throw error
        }
    }

    /// Ends the attempt and wakes who waits for it; returns whether the link was closed meanwhile.
    private func end(_ change: (inout State) -> Void) -> Bool {
        let (waiting, isClosed) = state.withLock { state in
            state.isConnecting = false
            change(&state)
            defer { state.waiting = [] }
            return (state.waiting, state.isClosed)
        }
        for alarm in waiting { alarm.ring() }
        return isClosed
    }
}
