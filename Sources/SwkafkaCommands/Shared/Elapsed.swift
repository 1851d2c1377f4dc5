extension ContinuousClock.Instant {
    /// Nanoseconds from then to now.
    var elapsedNs: UInt64 {
        let (seconds, attoseconds) = (ContinuousClock.now - self).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
