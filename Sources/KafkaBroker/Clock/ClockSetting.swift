/// What `--clock` says: where a broker's clock starts and how fast it runs.
package struct ClockSetting: Equatable, Sendable {
    /// Milliseconds since 1970; nil is the time of the start.
    package var startMs: Int64?
    package var rate: ClockRate

    package init(startMs: Int64? = nil, rate: ClockRate = .running(factor: 1)) {
        self.startMs = startMs
        self.rate = rate
    }

    /// `START[,frozen|,xFACTOR]`; START is `now` or a time as ``BrokerTime`` reads it.
    package init(parsing text: String) throws(BrokerConfigurationError) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        self.init()
        if parts[0] != "now" {
            guard let startMs = BrokerTime.parse(parts[0]) else {
                throw BrokerConfigurationError(
                    "'\(parts[0])' is no time for a clock to start at: give now, an ISO 8601 time such as "
                        + "2026-01-31T12:00:00Z, or @ and milliseconds since 1970"
                )
            }
            self.startMs = startMs
        }
        guard parts.count > 1 else { return }
        guard parts.count == 2, let rate = ClockRate(parts[1]) else {
            throw BrokerConfigurationError(
                "'\(parts.dropFirst().joined(separator: ","))' is no rate for a clock: give frozen, or x and a factor "
                    + "above 0 and up to \(Int(ClockRate.maximumFactor)), such as x60"
            )
        }
        self.rate = rate
    }
}
