import Synchronization

/// The clock of `--clock`: starts where it is told to, stands still or runs at a factor, and jumps forward.
final class SettableClock: BrokerClock {
    private typealias Body = @Sendable () -> Void

    private struct State {
        var timeline: BrokerTimeline<Body>
        /// Set for the moment when the next timer is due.
        var wake: (any ScheduledCall)?
    }

    /// What the clock shows.
    struct Reading: Equatable, Sendable {
        var nowMs: Int64
        var rate: ClockRate
    }

    /// Where real time comes from; only its differences count.
    private let real: any BrokerClock
    private let state: Mutex<State>

    init(_ setting: ClockSetting, wallMs: Int64, real: any BrokerClock) {
        self.real = real
        let timeline = BrokerTimeline<Body>(
            startMs: setting.startMs ?? wallMs,
            rate: setting.rate,
            realMs: real.nowMs
        )
        state = Mutex(State(timeline: timeline))
    }

    var nowMs: Int64 {
        let realMs = real.nowMs
        return state.withLock { $0.timeline.now(realMs: realMs) }
    }

    var reading: Reading {
        let realMs = real.nowMs
        return state.withLock { Reading(nowMs: $0.timeline.now(realMs: realMs), rate: $0.timeline.rate) }
    }

    func schedule(afterMs delayMs: Int64, _ body: @escaping @Sendable () -> Void) -> any ScheduledCall {
        let realMs = real.nowMs
        let id = state.withLock { $0.timeline.add(body, afterMs: delayMs, realMs: realMs) }
        ringDue()
        return Call(id: id, clock: self)
    }

    // MARK: Moving it

    /// Jumps forward; false when the time is past or too far ahead.
    func set(toMs timeMs: Int64) -> Bool {
        let realMs = real.nowMs
        let isDone = state.withLock { $0.timeline.set(toMs: timeMs, realMs: realMs) }
        ringDue()
        return isDone
    }

    func setRate(_ rate: ClockRate) {
        let realMs = real.nowMs
        state.withLock { $0.timeline.setRate(rate, realMs: realMs) }
        ringDue()
    }

    // MARK: Timers

    /// Calls what is due and sees to it that the next timer is noticed.
    private func ringDue() {
        let realMs = real.nowMs
        let (due, outdated, delayMs) = state.withLock { state in
            let due = state.timeline.takeDue(realMs: realMs)
            return (due, state.wake.take(), state.timeline.delayToNext(realMs: realMs))
        }
        outdated?.cancel()
        if let delayMs {
            let wake = real.schedule(afterMs: delayMs) { [weak self] in self?.ringDue() }
            // Of two that were set at once both ring: one of them finds nothing due.
            state.withLock { $0.wake = wake }
        }
        for body in due { body() }
    }

    private struct Call: ScheduledCall {
        let id: BrokerTimeline<Body>.ID
        let clock: SettableClock

        func cancel() { clock.state.withLock { $0.timeline.remove(id) } }
    }
}
