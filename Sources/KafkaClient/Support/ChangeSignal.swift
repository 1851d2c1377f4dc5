package import NIOCore
import Synchronization

/// Lets tasks sleep until something has changed, in the manner of a condition variable.
///
/// Read ``version``, look at the state, and if it is not as wanted call ``wait(past:untilMs:)`` with that version: a
/// change in between is never missed.
package final class ChangeSignal: Sendable {
    private struct Waiter {
        let continuation: CheckedContinuation<Bool, Never>
        var timer: Scheduled<Void>?
    }

    private struct State {
        var version: UInt64 = 0
        var nextID: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
    }

    private let state = Mutex(State())
    private let eventLoop: any EventLoop

    /// A signal whose time limits run on an event loop.
    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Goes up with every ``notify()``.
    package var version: UInt64 {
        state.withLock { $0.version }
    }

    /// Wakes everyone who waits.
    package func notify() {
        let waiters = state.withLock { state in
            state.version += 1
            let waiters = state.waiters
            if !waiters.isEmpty {
                state.waiters = [:]
            }
            return waiters
        }
        for waiter in waiters.values {
            waiter.timer?.cancel()
            waiter.continuation.resume(returning: true)
        }
    }

    /// Sleeps until ``version`` is past a value.
    ///
    /// - Parameter untilMs: time of ``MonotonicClock`` at which to give up; `nil` waits without limit.
    /// - Returns: false when the time came first or the task was cancelled.
    package func wait(past seen: UInt64, untilMs deadline: Int64? = nil) async -> Bool {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(id: id, seen: seen, deadline: deadline, continuation: continuation)
            }
        } onCancel: {
            abandon(id)
        }
    }

    private func enter(
        id: UInt64,
        seen: UInt64,
        deadline: Int64?,
        continuation: CheckedContinuation<Bool, Never>
    ) {
        let remaining = deadline.map { $0 - MonotonicClock.nowMs }
        let verdict: Bool? = state.withLock { state in
            if state.version > seen { return true }
            // A cancellation that came before this point found nobody to wake.
            if Task.isCancelled { return false }
            if let remaining, remaining <= 0 { return false }
            state.waiters[id] = Waiter(continuation: continuation, timer: nil)
            return nil
        }
        if let verdict {
            continuation.resume(returning: verdict)
            return
        }
        guard let remaining else { return }
        let timer = eventLoop.scheduleTask(in: .milliseconds(remaining)) { [weak self] in
            guard let self else { return }
            self.abandon(id)
        }
        let isStillWaiting = state.withLock { state in
            guard state.waiters[id] != nil else { return false }
            state.waiters[id]?.timer = timer
            return true
        }
        if !isStillWaiting {
            timer.cancel()
        }
    }

    private func abandon(_ id: UInt64) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
        waiter?.timer?.cancel()
        waiter?.continuation.resume(returning: false)
    }
}
