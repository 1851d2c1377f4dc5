/// Kafka's standard deserializers, as far as their result can be printed.
enum Deserializer: String, CaseIterable {
    case raw = "ByteArrayDeserializer"
    case byteBuffer = "ByteBufferDeserializer"
    case bytes = "BytesDeserializer"
    case string = "StringDeserializer"
    case integer = "IntegerDeserializer"
    case long = "LongDeserializer"
    case short = "ShortDeserializer"
    case float = "FloatDeserializer"
    case double = "DoubleDeserializer"
    case boolean = "BooleanDeserializer"
    case uuid = "UUIDDeserializer"
    case void = "VoidDeserializer"

    /// Accepts the full Java name and the bare last word, and the names of releases before 1.0.
    init?(className: String) {
        let bare = className.split(separator: ".").last.map(String.init) ?? className
        switch className {
        case "kafka.serializer.StringDecoder": self = .string
        case "kafka.serializer.DefaultDecoder": self = .raw
        case "kafka.serializer.IntegerDecoder": self = .integer
        case "kafka.serializer.LongDecoder": self = .long
        default:
            guard className == bare || className.hasPrefix("org.apache.kafka.common.serialization."),
                let known = Deserializer(rawValue: bare)
            else { return nil }
            self = known
        }
    }

    /// Writes the Java string form of the data.
    func write(_ data: UnsafeRawBufferPointer, to text: inout [UInt8]) throws(CommandFailure) {
        switch self {
        case .raw, .byteBuffer: text.append(contentsOf: data)
        case .bytes: Self.writeEscaped(data, to: &text)
        case .string: text.append(contentsOf: String(decoding: data, as: UTF8.self).utf8)
        case .integer: try number(data, Int32.self, to: &text)
        case .long: try number(data, Int64.self, to: &text)
        case .short: try number(data, Int16.self, to: &text)
        case .float:
            let bits = try load(data, UInt32.self)
            text.append(contentsOf: JavaNumber.text(Float(bitPattern: bits)).utf8)
        case .double:
            let bits = try load(data, UInt64.self)
            text.append(contentsOf: JavaNumber.text(Double(bitPattern: bits)).utf8)
        case .boolean:
            switch try load(data, UInt8.self) {
            case 0: text.append(contentsOf: "false".utf8)
            case 1: text.append(contentsOf: "true".utf8)
            default: throw failure("the byte is neither 0 nor 1")
            }
        case .uuid: try writeUUID(data, to: &text)
        case .void: throw failure("there are data, and it expects none")
        }
    }

    private func number<Value: FixedWidthInteger>(
        _ data: UnsafeRawBufferPointer,
        _ type: Value.Type,
        to text: inout [UInt8]
    ) throws(CommandFailure) {
        text.append(contentsOf: String(try load(data, type)).utf8)
    }

    private func load<Value: FixedWidthInteger>(
        _ data: UnsafeRawBufferPointer,
        _ type: Value.Type
    ) throws(CommandFailure) -> Value {
        let size = MemoryLayout<Value>.size
        guard data.count == size else { throw failure("Size of data received is \(data.count), not \(size)") }
        return Value(bigEndian: data.loadUnaligned(as: Value.self))
    }

    private func failure(_ reason: String) -> CommandFailure {
        CommandFailure("\(rawValue) cannot read a record: \(reason).")
    }

    /// The text form 8-4-4-4-12, in small letters.
    private func writeUUID(_ data: UnsafeRawBufferPointer, to text: inout [UInt8]) throws(CommandFailure) {
        let lengths = [8, 4, 4, 4, 12]
        let parts = String(decoding: data, as: UTF8.self).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == lengths, parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) }) else {
            throw failure("the text is no UUID")
        }
        text.append(contentsOf: parts.joined(separator: "-").lowercased().utf8)
    }

    /// As Kafka's `Bytes` prints itself: letters, digits and common signs as they are, the rest as `\xHH`.
    private static func writeEscaped(_ data: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in data {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
                text.append(byte)
            } else {
                text.append(contentsOf: "\\x".utf8)
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
    }
}

/// Floating-point numbers as Java writes them.
enum JavaNumber {
    static func text(_ value: Double) -> String { text(description: value.description) }
    static func text(_ value: Float) -> String { text(description: value.description) }

    /// Rearranges Swift's shortest digits: plain from 10⁻³ up to 10⁷, else with one digit before the point and `E`.
    private static func text(description: String) -> String {
        switch description {
        case "nan", "-nan", "snan", "-snan": return "NaN"
        case "inf": return "Infinity"
        case "-inf": return "-Infinity"
        default: break
        }
        var rest = description[...]
        let sign = rest.first == "-" ? "-" : ""
        if !sign.isEmpty { rest.removeFirst() }
        let halves = rest.split(separator: "e", maxSplits: 1)
        let written = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
        let mantissa = halves[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let digits = whole + (mantissa.count > 1 ? String(mantissa[1]) : "")
        let significant = digits.drop { $0 == "0" }
        guard !significant.isEmpty else { return sign + "0.0" }
        // The power of ten of the first significant digit.
        let exponent = written + whole.count - 1 - (digits.count - significant.count)
        var kept = Substring(significant)
        while kept.count > 1, kept.last == "0" { kept.removeLast() }
        guard (-3..<7).contains(exponent) else {
            let fraction = kept.dropFirst()
            return "\(sign)\(kept.prefix(1)).\(fraction.isEmpty ? "0" : String(fraction))E\(exponent)"
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + kept }
        let padded = kept + String(repeating: "0", count: max(0, exponent + 1 - kept.count))
        let fraction = padded.dropFirst(exponent + 1)
        return "\(sign)\(padded.prefix(exponent + 1)).\(fraction.isEmpty ? "0" : String(fraction))"
    }
}
