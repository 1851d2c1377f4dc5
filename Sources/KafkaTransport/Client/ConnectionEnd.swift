import Synchronization

/// Remembers why a connection ended and tells those who asked.
final class ConnectionEnd: Sendable {
    private enum State: Sendable {
        case open([@Sendable (ConnectionError) -> Void])
        case ended(ConnectionError)
    }

    private let state = Mutex<State>(.open([]))

    /// Nil while the connection stands.
    var reason: ConnectionError? {
        state.withLock { state in
            if case .ended(let reason) = state { reason } else { nil }
        }
    }

    /// Calls `body` once: when the connection ends, or now.
    func observe(_ body: @escaping @Sendable (ConnectionError) -> Void) {
        let ended: ConnectionError? = state.withLock { state in
            switch state {
            case .open(let observers):
                state = .open(observers + [body])
                return nil
            case .ended(let reason):
                return reason
            }
        }
        if let ended {
            body(ended)
        }
    }

    /// The first reason counts.
    func ended(_ reason: ConnectionError) {
        let observers: [@Sendable (ConnectionError) -> Void] = state.withLock { state in
            guard case .open(let observers) = state else { return [] }
            state = .ended(reason)
            return observers
        }
        for observer in observers {
            observer(reason)
        }
    }
}
