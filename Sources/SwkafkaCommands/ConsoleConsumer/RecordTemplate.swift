/// A format string with kcat's tokens, as `--format` takes it.
///
/// The pieces are laid out from the batch's bytes, without a string for a record. As in kcat nothing follows a record
/// but what the format says.
struct RecordTemplate {
    enum Piece: Equatable {
        case bytes([UInt8])
        case topic, partition, offset, timestamp, headers
        case key, keyLength
        case value, valueLength, valueLengthBinary
    }

    let pieces: [Piece]
    private var line = TextLine()

    /// Whether headers have to be walked.
    var usesHeaders: Bool { pieces.contains(.headers) }

    init(_ format: String) throws(CommandFailure) { pieces = try Self.parse(Array(format.utf8)) }

    mutating func write(_ record: RecordFields, topic: String, to output: ByteOutput) throws(OutputError) {
        line.clear()
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): line.add(bytes)
            case .topic: line.add(topic)
            case .partition: line.add(record.partition)
            case .offset: line.add(record.offset)
            case .timestamp: line.add(record.timestampKind == .none ? -1 : record.timestamp)
            case .headers: add(record.headers)
            case .key: if let key = record.key { line.add(key) }
            case .keyLength: line.add(record.key?.count ?? -1)
            case .value: if let value = record.value { line.add(value) }
            case .valueLength: line.add(record.value?.count ?? -1)
            case .valueLengthBinary:
                let length = Int32(clamping: record.value?.count ?? -1)
                withUnsafeBytes(of: length.bigEndian) { line.add($0) }
            }
        }
        try output.write(line.bytes)
    }

    /// `name=value,name=value`; a null value is `NULL`.
    private mutating func add(_ headers: [RecordFields.Header]) {
        for (index, header) in headers.enumerated() {
            if index > 0 { line.add("," as StaticString) }
            line.add(header.key)
            line.add("=" as StaticString)
            if let value = header.value { line.add(value) } else { line.add("NULL" as StaticString) }
        }
    }

    // MARK: Parsing

    private static let tokens: [UInt8: Piece] = [
        UInt8(ascii: "t"): .topic, UInt8(ascii: "p"): .partition, UInt8(ascii: "o"): .offset,
        UInt8(ascii: "T"): .timestamp, UInt8(ascii: "h"): .headers, UInt8(ascii: "k"): .key,
        UInt8(ascii: "K"): .keyLength, UInt8(ascii: "s"): .value, UInt8(ascii: "S"): .valueLength,
        UInt8(ascii: "R"): .valueLengthBinary, UInt8(ascii: "%"): .bytes([UInt8(ascii: "%")]),
    ]

    private static func parse(_ format: [UInt8]) throws(CommandFailure) -> [Piece] {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        var index = 0
        while index < format.count {
            let byte = format[index]
            index += 1
            switch byte {
            case UInt8(ascii: "%"):
                guard index < format.count, let piece = tokens[format[index]] else {
                    let name = index < format.count ? String(decoding: format[index...].prefix(1), as: UTF8.self) : ""
                    throw CommandFailure(
                        "--format knows no '%\(name)': give %t %p %o %T %h %k %K %s %S %R or %%.",
                        status: .usage
                    )
                }
                index += 1
                if case .bytes(let bytes) = piece {
                    literal += bytes
                    continue
                }
                if !literal.isEmpty { pieces.append(.bytes(literal)) }
                literal = []
                pieces.append(piece)
            case UInt8(ascii: "\\"): literal.append(try escape(format, &index))
            default: literal.append(byte)
            }
        }
        if !literal.isEmpty { pieces.append(.bytes(literal)) }
        return pieces
    }

    /// `\n`, `\r`, `\t`, `\xHH`, and any other sign for itself.
    private static func escape(_ format: [UInt8], _ index: inout Int) throws(CommandFailure) -> UInt8 {
        guard index < format.count else {
            throw CommandFailure("--format ends with a backslash: write \\\\ for one.", status: .usage)
        }
        let byte = format[index]
        index += 1
        switch byte {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "x"):
            let digits = format[index...].prefix(2).prefix { Character(Unicode.Scalar($0)).isHexDigit }
            guard let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                throw CommandFailure("--format: \\x needs one or two hexadecimal digits.", status: .usage)
            }
            index += digits.count
            return value
        default: return byte
        }
    }
}
