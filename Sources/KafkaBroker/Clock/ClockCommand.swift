/// What can be asked of the clock of a running broker, and the lines that say so on the admin socket.
package enum ClockCommand: Equatable, Sendable {
    case show
    /// Milliseconds to jump forward.
    case advance(Int64)
    /// Milliseconds since 1970 to jump to; not back.
    case set(Int64)
    case setRate(ClockRate)

    var line: String {
        switch self {
        case .show: "clock show"
        case .advance(let milliseconds): "clock advance \(milliseconds)"
        case .set(let milliseconds): "clock set \(milliseconds)"
        case .setRate(let rate): "clock rate \(rate)"
        }
    }

    init?(line: String) {
        let words = line.split(separator: " ")
        guard words.count >= 2, words[0] == "clock" else { return nil }
        switch (words[1], words.count) {
        case ("show", 2): self = .show
        case ("advance", 3):
            guard let milliseconds = Int64(words[2]), milliseconds >= 0 else { return nil }
            self = .advance(milliseconds)
        case ("set", 3):
            guard let milliseconds = Int64(words[2]) else { return nil }
            self = .set(milliseconds)
        case ("rate", 3):
            guard let rate = ClockRate(words[2]) else { return nil }
            self = .setRate(rate)
        default: return nil
        }
    }
}

/// What the clock shows after a command, or why it was not carried out.
package enum ClockAnswer: Equatable, Sendable {
    /// Milliseconds since 1970, and how the clock runs.
    case reading(nowMs: Int64, rate: ClockRate)
    case refused(String)

    var line: String {
        switch self {
        case .reading(let nowMs, let rate): "ok \(nowMs) \(rate)"
        case .refused(let reason): "error \(reason)"
        }
    }

    init?(line: String) {
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        if words[0] == "error" {
            self = .refused(String(words[1]))
            return
        }
        let facts = words[1].split(separator: " ")
        guard words[0] == "ok", facts.count == 2, let nowMs = Int64(facts[0]), let rate = ClockRate(facts[1]) else {
            return nil
        }
        self = .reading(nowMs: nowMs, rate: rate)
    }
}

extension SettableClock {
    /// Carries out a command. What becomes due by it is under way when this returns, not done.
    func perform(_ command: ClockCommand) -> ClockAnswer {
        switch command {
        case .show: break
        case .advance(let milliseconds):
            let (target, isBeyondCount) = nowMs.addingReportingOverflow(milliseconds)
            guard !isBeyondCount, target <= BrokerTime.latestMs else {
                return .refused("the clock cannot go beyond \(BrokerTime.format(BrokerTime.latestMs))")
            }
            // Refused only if someone else moves the clock beyond it at the same moment.
            _ = set(toMs: target)
        case .set(let milliseconds):
            guard set(toMs: milliseconds) else {
                return .refused(
                    "the clock shows \(BrokerTime.format(nowMs)) and only goes forward, up to "
                        + BrokerTime.format(BrokerTime.latestMs)
                )
            }
        case .setRate(let rate): setRate(rate)
        }
        let reading = reading
        return .reading(nowMs: reading.nowMs, rate: reading.rate)
    }
}
