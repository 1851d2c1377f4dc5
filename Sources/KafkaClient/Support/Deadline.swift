/// A point in time, on a clock that never goes back, at which a call gives up.
package struct Deadline: Comparable, Sendable {
    /// Milliseconds of ``MonotonicClock``.
    package let ms: Int64

    package init(ms: Int64) {
        self.ms = ms
    }

    /// That long from now.
    package static func after(_ duration: Duration) -> Deadline {
        let (sum, overflow) = MonotonicClock.nowMs.addingReportingOverflow(max(0, duration.milliseconds))
        return Deadline(ms: overflow ? .max : sum)
    }

    /// What is left, never less than zero.
    package var remaining: Duration {
        .milliseconds(max(0, ms - MonotonicClock.nowMs))
    }

    package var hasPassed: Bool {
        MonotonicClock.nowMs >= ms
    }

    package static func < (left: Deadline, right: Deadline) -> Bool {
        left.ms < right.ms
    }
}
