/// Durations in one unit, as people type them: `500ms`, `10s`, `5m`, `2h`, `3d`.
enum ShortDuration {
    private static let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

    /// In milliseconds; nil for anything else, or for more than fits.
    static func milliseconds(_ text: some StringProtocol) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), let unit = units[String(text.dropFirst(digits.count))] else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : milliseconds
    }
}
