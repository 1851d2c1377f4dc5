import Glibc

/// Milliseconds that only ever go forward, for deadlines and ages. Not related to the time of day.
package enum MonotonicClock {
    package static var nowMs: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

extension Duration {
    /// Whole milliseconds, cut off towards zero and held within `Int64`.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return whole &+ attoseconds / 1_000_000_000_000_000
    }

    /// Whole milliseconds within what a request field can carry.
    package var milliseconds32: Int32 {
        Int32(clamping: milliseconds)
    }
}

/// The time of day.
package enum WallClock {
    /// Milliseconds since 1970.
    package static var nowMs: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
