/// Which offsets a log can have.
enum LogOffset {
    /// Offsets above it are taken for damage: so near the end of 64 bits, counting on from them would overflow.
    static let largest: Int64 = .max - (1 << 40)

    static func isPossible(_ offset: Int64) -> Bool { offset >= 0 && offset <= largest }
}
