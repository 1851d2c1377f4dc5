/// Pauses that double from attempt to attempt, spread by chance so that clients do not come back in step.
///
/// Kafka's rule: `min(max, base · 2^attempt)`, times a factor between 0.8 and 1.2.
package struct Backoff: Sendable, Equatable {
    /// The pause before the first repetition.
    package let base: Duration
    /// The longest pause, before the spread.
    package let limit: Duration

    package init(base: Duration, limit: Duration) {
        self.base = base
        self.limit = max(base, limit)
    }

    /// The pause after the attempt with this number.
    ///
    /// - Parameters:
    ///   - failures: how many attempts have failed in a row; the first failure is 1.
    ///   - spread: a number in 0 … 1 that chance supplies; 0.5 gives the pause without spread.
    package func pause(afterFailures failures: Int, spread: Double) -> Duration {
        guard failures > 0, base > .zero else { return .zero }
        var pause = base
        for _ in 1..<max(1, min(failures, 63)) where pause < limit {
            pause = min(limit, pause * 2)
        }
        return pause * (0.8 + 0.4 * min(max(spread, 0), 1))
    }

    /// The pause after the attempt with this number, spread by the system's random source.
    package func pause(afterFailures failures: Int) -> Duration {
        pause(afterFailures: failures, spread: Double.random(in: 0...1))
    }
}

extension Backoff {
    package init(_ retry: ClientConfiguration.Retry) {
        self.init(base: retry.backoff, limit: retry.backoffMax)
    }
}
