/// How long to wait before the next attempt to connect to a broker that could not be reached.
///
/// The wait doubles from `initialMs` to `maximumMs` (`reconnect.backoff.ms`, `reconnect.backoff.max.ms`), each time spread
/// by ±20 % so that many clients do not come back in step. A success starts it anew.
package struct ReconnectBackoff: Equatable, Sendable {
    /// The part of the wait by which it is spread to either side.
    package static let jitter = 0.2

    package let initialMs: Int64
    package let maximumMs: Int64
    /// Attempts that failed one after another.
    package private(set) var failures = 0

    /// - Parameters:
    ///   - initialMs: The first wait in milliseconds; negative counts as 0.
    ///   - maximumMs: The longest wait before the spread; less than `initialMs` counts as `initialMs`.
    package init(initialMs: Int64 = 50, maximumMs: Int64 = 1000) {
        self.initialMs = max(0, initialMs)
        self.maximumMs = max(self.initialMs, maximumMs)
    }

    /// Counts a failure and says how many milliseconds to wait before the next attempt.
    ///
    /// - Parameter random: A number of 0..<1, evenly spread.
    package mutating func failed(random: Double) -> Int64 {
        // Beyond 2^40 any initial wait has met its maximum, and the shift must not overflow.
        let doublings = min(failures, 40)
        failures += 1
        let (doubled, overflow) = initialMs.multipliedReportingOverflow(by: 1 << Int64(doublings))
        let wait = Double(overflow ? maximumMs : min(doubled, maximumMs))
        let spread = 1 + Self.jitter * (2 * min(max(random, 0), 1) - 1)
        return Int64((wait * spread).rounded())
    }

    /// A connection stood: the next failure waits `initialMs` again.
    package mutating func succeeded() {
        failures = 0
    }
}
