package import Foundation
import Synchronization

/// What a process has written to one of its streams so far, and who waits for more of it.
package final class OutputCollector: Sendable {
    private struct Waiter {
        let identity: UInt64
        let condition: @Sendable (Data) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var data = Data()
        var isFinished = false
        var waiters: [Waiter] = []
        var nextIdentity: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var data: Data { state.withLock { $0.data } }
    package var text: String { String(decoding: data, as: UTF8.self) }

    /// Reads `handle` to its end on a thread of its own.
    func collect(from handle: FileHandle) {
        let thread = Thread { [self] in
            while true {
                let chunk = handle.availableData
                if chunk.isEmpty { break }
                wake { $0.data.append(chunk) }
            }
            wake { $0.isFinished = true }
        }
        thread.start()
    }

    /// Waits until `condition` holds for everything written so far; false when the stream ended before, or on
    /// cancellation.
    package func wait(until condition: @escaping @Sendable (Data) -> Bool) async -> Bool {
        let identity = nextIdentity()
        return await withTaskCancellationHandler {
            await wait(identity, isCancelled: { Task.isCancelled }, until: condition)
        } onCancel: {
            let cancelled = state.withLock { state in
                let found = state.waiters.first { $0.identity == identity }
                state.waiters.removeAll { $0.identity == identity }
                return found
            }
            cancelled?.continuation.resume(returning: false)
        }
    }

    /// Waits for the end of the stream; a cancellation does not matter.
    func ended() async {
        _ = await wait(nextIdentity(), isCancelled: { false }, until: { _ in false })
    }

    private func nextIdentity() -> UInt64 {
        state.withLock { state in
            state.nextIdentity += 1
            return state.nextIdentity
        }
    }

    private func wait(
        _ identity: UInt64,
        isCancelled: () -> Bool,
        until condition: @escaping @Sendable (Data) -> Bool
    ) async -> Bool {
        await withCheckedContinuation { continuation in
            let known: Bool? = state.withLock { state in
                if condition(state.data) { return true }
                if state.isFinished || isCancelled() { return false }
                state.waiters.append(Waiter(identity: identity, condition: condition, continuation: continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Waits for the end of the stream, or for a cancellation.
    package func finished() async {
        _ = await wait { _ in false }
    }

    private func wake(_ change: (inout State) -> Void) {
        let answers = state.withLock { state in
            change(&state)
            var answers: [(CheckedContinuation<Bool, Never>, Bool)] = []
            state.waiters.removeAll { waiter in
                if waiter.condition(state.data) {
                    answers.append((waiter.continuation, true))
                } else if state.isFinished {
                    answers.append((waiter.continuation, false))
                } else {
                    return false
                }
                return true
            }
            return answers
        }
        for (continuation, answer) in answers { continuation.resume(returning: answer) }
    }
}
