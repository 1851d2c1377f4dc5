package import NIOCore
import Synchronization

/// Lets one task through at a time, in the order in which they drew their numbers.
package final class SerialGate: Sendable {
    private struct State {
        var lastTicket: UInt64 = 0
        /// The ticket whose turn it is.
        var turn: UInt64 = 1
        /// Tickets that were given back before their turn.
        var returned: Set<UInt64> = []
    }

    private let state = Mutex(State())
    private let changed: ChangeSignal

    package init(eventLoop: any EventLoop) {
        changed = ChangeSignal(eventLoop: eventLoop)
    }

    /// Draws a number. It has to be used in ``pass(_:_:)`` or given back with ``leave(_:)``.
    package func draw() -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
    }

    /// Waits for the number's turn, runs a closure and lets the next one through. A task that is cancelled does not wait.
    package func pass<Result: Sendable>(
        _ ticket: UInt64,
        _ body: () async throws(KafkaClientError) -> Result
    ) async throws(KafkaClientError) -> Result {
        defer { leave(ticket) }
        while true {
            let seen = changed.version
            if state.withLock({ $0.turn == ticket }) { return try await body() }
            guard await changed.wait(past: seen) else { throw .wasCancelled }
        }
    }

    /// Gives a number back, or ends its turn.
    package func leave(_ ticket: UInt64) {
        state.withLock { state in
            state.returned.insert(ticket)
            while state.returned.remove(state.turn) != nil { state.turn += 1 }
        }
        changed.notify()
    }
}
