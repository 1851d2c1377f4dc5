/// Ids of group members, as a coordinator gives them out.
enum MemberID {
    /// The client's own name and a random UUID, so that people can tell members apart.
    static func make(prefix: String) -> String { "\(prefix)-\(make())" }

    /// A random UUID alone.
    static func make() -> String {
        var random = SystemRandomNumberGenerator()
        let (high, low) = (random.next(), random.next())
        // Version 4, variant 1 (RFC 9562).
        let parts = [
            hex(high >> 32, 8), hex(high >> 16 & 0xffff, 4), hex(high & 0x0fff | 0x4000, 4),
            hex(low >> 48 & 0x3fff | 0x8000, 4), hex(low & 0xffff_ffff_ffff, 12),
        ]
        return parts.joined(separator: "-")
    }

    private static func hex(_ number: UInt64, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
