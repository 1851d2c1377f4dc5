import NIOCore
import Synchronization

/// Hands requests from a connection's event loop to the task that answers them.
final class RequestMailbox: Sendable {
    private struct State: Sendable {
        var requests = CircularBuffer<IncomingRequest>(initialCapacity: 2)
        var isFinished = false
        var waiting: CheckedContinuation<IncomingRequest?, Never>?
    }

    private let state = Mutex(State())

    func put(_ request: IncomingRequest) {
        let waiting = state.withLock { state -> CheckedContinuation<IncomingRequest?, Never>? in
            guard let waiting = state.waiting else {
                state.requests.append(request)
                return nil
            }
            state.waiting = nil
            return waiting
        }
        waiting?.resume(returning: request)
    }

    /// No more requests come; those that are here are still handed out.
    func finish() {
        let waiting = state.withLock { state -> CheckedContinuation<IncomingRequest?, Never>? in
            state.isFinished = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: nil)
    }

    /// The next request; nil after the last. For one task alone.
    func next() async -> IncomingRequest? {
        if let request = state.withLock({ $0.requests.popFirst() }) {
            return request
        }
        return await withCheckedContinuation { continuation in
            let (isReady, request) = state.withLock { state -> (Bool, IncomingRequest?) in
                if let request = state.requests.popFirst() {
                    return (true, request)
                }
                if state.isFinished {
                    return (true, nil)
                }
                state.waiting = continuation
                return (false, nil)
            }
            if isReady {
                continuation.resume(returning: request)
            }
        }
    }
}
