/// When metadata are asked for again: pure.
///
/// Rules:
/// - One request at a time; whoever needs an answer that is newer than now takes a ticket and waits for it.
/// - Somebody waiting makes it due at once; an error elsewhere makes it due a back-off after the last attempt; age makes
///   it due otherwise.
/// - After a failed attempt, everything waits for the back-off, and the attempt is repeated.
package struct MetadataSchedule: Sendable, Equatable {
    private let maxAgeMs: Int64
    private let backoff: Backoff

    package private(set) var started: UInt64 = 0
    package private(set) var completed: UInt64 = 0
    private var wanted: UInt64 = 0
    private var isStale = false
    private var lastAttemptMs: Int64?
    private var failures = 0
    private var pauseMs: Int64 = 0

    package init(maxAge: Duration, backoff: Backoff) {
        maxAgeMs = maxAge.milliseconds
        self.backoff = backoff
    }

    /// Asks for an answer that is newer than now.
    ///
    /// - Returns: the ticket; the answer is there when ``completed`` has reached it.
    package mutating func want() -> UInt64 {
        wanted = started + 1
        return wanted
    }

    /// Something was seen that contradicts what is known.
    package mutating func becameStale() {
        isStale = true
    }

    /// When the next request is due; `nil` for never as things stand.
    package func dueMs(nowMs: Int64) -> Int64? {
        guard let lastAttemptMs else { return wanted > started || isStale ? nowMs : nil }
        if failures > 0 || isStale && wanted <= started { return lastAttemptMs + pauseMs }
        if wanted > started { return nowMs }
        return lastAttemptMs + max(maxAgeMs, pauseMs)
    }

    /// A request goes out.
    package mutating func start(nowMs: Int64) {
        started += 1
        isStale = false
        lastAttemptMs = nowMs
    }

    /// The request was answered.
    package mutating func succeeded(nowMs: Int64) {
        completed = started
        failures = 0
        lastAttemptMs = nowMs
        pauseMs = backoff.pause(afterFailures: 1, spread: 0.5).milliseconds
    }

    /// The request failed.
    package mutating func failed(nowMs: Int64, spread: Double) {
        completed = started
        failures += 1
        isStale = true
        lastAttemptMs = nowMs
        pauseMs = backoff.pause(afterFailures: failures, spread: spread).milliseconds
    }
}
