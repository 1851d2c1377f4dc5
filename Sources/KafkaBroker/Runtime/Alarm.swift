import Synchronization

/// Lets one task sleep until an event or a deadline wakes it. Events that come while nobody sleeps are kept.
final class Alarm: Sendable {
    private struct State {
        var isRung = false
        var isExpired = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// The event came: the sleeper looks again.
    func ring() { wake { $0.isRung = true } }

    /// The deadline passed: from now on nobody sleeps here.
    func expire() { wake { $0.isExpired = true } }

    private func wake(_ change: (inout State) -> Void) {
        let sleeper = state.withLock { state in
            change(&state)
            return state.sleeper.take()
        }
        sleeper?.resume()
    }

    /// Sleeps until the next event. False when the deadline passed or the task was cancelled.
    func sleep() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAwake = state.withLock { state in
                    if state.isRung || state.isExpired { return true }
                    state.sleeper = continuation
                    return false
                }
                if isAwake { continuation.resume() }
            }
        } onCancel: {
            expire()
        }
        return state.withLock { state in
            defer { state.isRung = false }
            return !state.isExpired
        }
    }
}
