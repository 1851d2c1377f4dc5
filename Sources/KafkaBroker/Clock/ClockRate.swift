/// How fast a broker's clock runs.
package enum ClockRate: Equatable, Sendable, CustomStringConvertible {
    case frozen
    /// So many times as fast as real time; above 0, at most ``maximumFactor``.
    case running(factor: Double)

    package static let maximumFactor = 1_000_000.0

    /// "frozen", "x60", "x0.5"; nil for anything else.
    package init?(_ text: some StringProtocol) {
        if text == "frozen" {
            self = .frozen
            return
        }
        let digits = text.dropFirst()
        guard text.first == "x", digits.allSatisfy({ $0.isNumber || $0 == "." }), let factor = Double(digits),
            factor > 0, factor <= Self.maximumFactor
        else { return nil }
        self = .running(factor: factor)
    }

    package var description: String {
        switch self {
        case .frozen: "frozen"
        case .running(let factor):
            factor == factor.rounded() ? "x\(Int(factor))" : "x\(factor)"
        }
    }
}
