/// A broker's time as it follows from real time, and the timers that wait for it. Pure: real time comes in.
///
/// Rules: broker time never goes back; it stands still while frozen; a jump makes every timer due that it passes, in
/// the order of their times, each once.
struct BrokerTimeline<Token> {
    /// Names a timer, so that it can be taken back.
    struct ID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    /// Where real time and broker time were last pinned to each other.
    private struct Pin {
        var realMs: Int64
        var brokerMs: Int64
    }

    fileprivate struct Timer {
        let id: ID
        let dueMs: Int64
        let token: Token
    }

    private var pin: Pin
    private(set) var rate: ClockRate
    /// By time, those of one time in the order in which they came.
    private var timers: [Timer] = []
    private var nextNumber: UInt64 = 0

    init(startMs: Int64, rate: ClockRate, realMs: Int64) {
        pin = Pin(realMs: realMs, brokerMs: startMs)
        self.rate = rate
    }

    // MARK: Time

    /// Milliseconds since 1970, by the broker's clock.
    func now(realMs: Int64) -> Int64 {
        guard case .running(let factor) = rate else { return pin.brokerMs }
        let passed = Double(max(0, realMs - pin.realMs)) * factor
        return min(BrokerTime.latestMs, pin.brokerMs + Int64(min(passed, Double(BrokerTime.latestMs))))
    }

    /// Jumps forward; false, and nothing has changed, when the time is past or beyond the last year that is known.
    mutating func set(toMs timeMs: Int64, realMs: Int64) -> Bool {
        guard timeMs >= now(realMs: realMs), timeMs <= BrokerTime.latestMs else { return false }
        pin = Pin(realMs: realMs, brokerMs: timeMs)
        return true
    }

    mutating func setRate(_ rate: ClockRate, realMs: Int64) {
        pin = Pin(realMs: realMs, brokerMs: now(realMs: realMs))
        self.rate = rate
    }

    // MARK: Timers

    mutating func add(_ token: Token, afterMs delayMs: Int64, realMs: Int64) -> ID {
        let id = ID(number: nextNumber)
        nextNumber &+= 1
        let (due, isBeyondCount) = now(realMs: realMs).addingReportingOverflow(max(0, delayMs))
        let dueMs = isBeyondCount ? .max : due
        let index = timers.firstIndex { $0.dueMs > dueMs } ?? timers.endIndex
        timers.insert(Timer(id: id, dueMs: dueMs, token: token), at: index)
        return id
    }

    /// A timer that was due in the meantime is gone already, which is harmless.
    mutating func remove(_ id: ID) {
        if let index = timers.firstIndex(where: { $0.id == id }) { timers.remove(at: index) }
    }

    /// Takes out the timers whose time has come.
    mutating func takeDue(realMs: Int64) -> [Token] {
        let nowMs = now(realMs: realMs)
        let count = timers.firstIndex { $0.dueMs > nowMs } ?? timers.endIndex
        defer { timers.removeFirst(count) }
        return timers.prefix(count).map(\.token)
    }

    /// Real milliseconds until the next timer is due; nil when none will be by itself.
    func delayToNext(realMs: Int64) -> Int64? {
        guard case .running(let factor) = rate, let next = timers.first else { return nil }
        let left = max(0, next.dueMs - now(realMs: realMs))
        return Int64(min((Double(left) / factor).rounded(.up), Double(BrokerTime.latestMs)))
    }
}

extension BrokerTimeline: Sendable where Token: Sendable {}
extension BrokerTimeline.Timer: Sendable where Token: Sendable {}
