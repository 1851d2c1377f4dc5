import Glibc

/// Walks over JSON as bytes, only as far as somebody asks; what is passed over is checked no more than it takes to find
/// its end.
struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func advance() { position += 1 }

    mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    /// A string as it is written.
    struct Text {
        /// Between the quotes.
        let bytes: UnsafeRawBufferPointer
        let hasEscapes: Bool

        func equals(_ other: [UInt8]) -> Bool { withBytes { $0.elementsEqual(other) } }

        /// The string itself; only one with escapes has to be written anew.
        func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            guard hasEscapes else { return body(bytes) }
            let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
            // A string with a wrong escape is compared as it is written.
            guard case .string(let text)? = try? JSONParser.parse(quoted) else { return body(bytes) }
            return text.withBytes(body)
        }
    }

    /// The string that begins here, moving behind it; nil when there is none.
    mutating func string() -> Text? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return Text(
                    bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1]),
                    hasEscapes: hasEscapes
                )
            case UInt8(ascii: "\\"):
                hasEscapes = true
                position += 2
            default: position += 1
            }
        }
        return nil
    }

    /// The number, true, false or null that begins here, moving behind it; nil when there is none.
    mutating func word() -> UnsafeRawBufferPointer? {
        let start = position
        while let byte = current {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"):
                position += 1
                continue
            default: break
            }
            break
        }
        return position > start ? UnsafeRawBufferPointer(rebasing: bytes[start..<position]) : nil
    }

    /// Moves behind the value that begins here; false when it has no end. Needs no stack, however deep the value is.
    mutating func skipValue() -> Bool {
        skipBlanks()
        var depth = 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
                continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return false }
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
                guard depth > 0 else { return false }
                position += 1
                continue
            default:
                guard word() != nil else { return false }
            }
            if depth == 0 { return true }
        }
        return false
    }
}
