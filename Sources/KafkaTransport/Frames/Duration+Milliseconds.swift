extension Duration {
    /// Whole milliseconds, rounded towards zero; durations beyond the range of NIO's timers are cut to about 146 years.
    package var inMilliseconds: Int64 {
        let limit: Int64 = .max / 2_000_000
        guard components.seconds < limit / 1000 else { return limit }
        guard components.seconds > -limit / 1000 else { return -limit }
        return components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
