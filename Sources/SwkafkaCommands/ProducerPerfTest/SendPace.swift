/// How many records may be sent now, so that so many go out in a second.
struct SendPace {
    /// Records per second; nil for as fast as possible.
    var rate: Double?
    /// At most so many at a time.
    var chunk: Int

    enum Step: Equatable {
        case send(Int)
        case sleep(ns: UInt64)
    }

    /// - Parameters:
    ///   - sent: records sent since the start.
    ///   - left: records still to be sent, at least 1.
    ///   - elapsedNs: time since the start.
    func step(sent: Int, left: Int, elapsedNs: UInt64) -> Step {
        guard let rate else { return .send(min(chunk, left)) }
        let due = Int(min(Double(elapsedNs) / 1e9 * rate, Double(Int32.max) * 1000)) + 1 - sent
        if due > 0 { return .send(min(due, chunk, left)) }
        // Until the next one is due, but not more often than a thousand times a second.
        let next = Double(sent) / rate * 1e9
        return .sleep(ns: UInt64(max(1_000_000, min(next - Double(elapsedNs), 1e9))))
    }
}
