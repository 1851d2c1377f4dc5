/// A 128-bit identifier as Kafka uses it for topics, log directories and members.
///
/// Its text form is URL-safe base64 without padding: always 22 characters.
public struct KafkaUUID: Hashable, Sendable {
    /// The first eight bytes on the wire, big-endian.
    public let high: UInt64
    /// The last eight bytes on the wire, big-endian.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The identifier that stands for "none".
    public static let zero = KafkaUUID(high: 0, low: 0)
    /// Kafka's reserved identifier of the metadata topic (and, as `ONE_UUID`, of lost directories).
    public static let one = KafkaUUID(high: 0, low: 1)

    /// A fresh random (version 4) identifier whose text does not begin with a dash, so that it can stand as a
    /// command-line value.
    public static func random() -> KafkaUUID {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// As `random()`, with the source of randomness given.
    public static func random(using generator: inout some RandomNumberGenerator) -> KafkaUUID {
        while true {
            let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
            let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
            // The first base64 digit is a dash when the first six bits are 62.
            if high >> 58 != 62 { return KafkaUUID(high: high, low: low) }
        }
    }

    /// Reads the text form, with or without the two padding characters; nil if it is anything else.
    public init?(base64 text: String) {
        var digits = Array(text.utf8)
        if digits.count == 24, digits.suffix(2).elementsEqual([0x3D, 0x3D]) { digits.removeLast(2) }
        guard digits.count == 22 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, digit) in digits.enumerated() {
            guard let value = Self.value(ofDigit: digit) else { return nil }
            // The 22nd digit carries the last two bits, above four bits that must be zero.
            let bits: UInt64 = index == 21 ? 2 : 6
            guard index < 21 || value & 0x0F == 0 else { return nil }
            high = high << bits | low >> (64 - bits)
            low = low << bits | (index == 21 ? value >> 4 : value)
        }
        self.init(high: high, low: low)
    }

    private static func value(ofDigit digit: UInt8) -> UInt64? {
        switch digit {
        case 0x41...0x5A: UInt64(digit - 0x41)
        case 0x61...0x7A: UInt64(digit - 0x61 + 26)
        case 0x30...0x39: UInt64(digit - 0x30 + 52)
        case 0x2D: 62
        case 0x5F: 63
        default: nil
        }
    }
}

extension KafkaUUID: CustomStringConvertible {
    /// URL-safe base64, 22 characters.
    public var description: String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(22)
        for index in 0..<21 {
            let shift = 122 - 6 * index
            let bits =
                shift >= 64 ? high >> UInt64(shift - 64) : high << UInt64(64 - shift) | low >> UInt64(shift)
            text.append(alphabet[Int(bits & 0x3F)])
        }
        text.append(alphabet[Int(low << 4 & 0x3F)])
        return String(decoding: text, as: UTF8.self)
    }
}

extension KafkaUUID: Comparable {
    /// Orders as Kafka does: both halves as signed numbers, the high one first.
    public static func < (left: KafkaUUID, right: KafkaUUID) -> Bool {
        if left.high != right.high { return Int64(bitPattern: left.high) < Int64(bitPattern: right.high) }
        return Int64(bitPattern: left.low) < Int64(bitPattern: right.low)
    }
}
