import Glibc

/// The `key=value` pairs of a Java properties file, such as `server.properties` or a client's configuration file.
///
/// The grammar is that of `java.util.Properties`: comments with `#` or `!`, `=`, `:` or blanks between key and value,
/// a backslash at the end of a line to continue it, and the escapes `\t \n \r \f \uXXXX`. A file is read as UTF-8, and
/// as Latin-1 where it is not valid UTF-8 (Java's own choice).
package struct JavaProperties: Sendable, Equatable {
    /// One pair with the line (from 1) on which it starts, for messages about it.
    package struct Entry: Sendable, Equatable {
        package var key: String
        package var value: String
        package var line: Int
    }

    /// The pairs in the order of the file, repeated keys included.
    package private(set) var entries: [Entry] = []

    /// Every key with its last value.
    package var values: [String: String] {
        Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
    }

    package init(parsing text: String) throws(JavaPropertiesError) {
        var parser = Parser(text: Array(text.unicodeScalars))
        entries = try parser.parse()
    }

    package init(parsing bytes: [UInt8]) throws(JavaPropertiesError) {
        if let text = String(validating: bytes, as: UTF8.self) {
            try self.init(parsing: text)
        } else {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: bytes.lazy.map { Unicode.Scalar($0) })
            try self.init(parsing: String(text))
        }
    }

    /// Reads a file of at most 16 MiB.
    package init(contentsOf path: String) throws(JavaPropertiesError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(path: path, reason: String(cString: strerror(errno)))
            }
            bytes += chunk[..<count]
            guard bytes.count <= Self.maximumFileSize else {
                throw .unreadable(path: path, reason: "larger than \(Self.maximumFileSize) bytes")
            }
        }
        try self.init(parsing: bytes)
    }

    private static let maximumFileSize = 16 << 20
}

/// Why properties could not be read.
package enum JavaPropertiesError: Error, Equatable, CustomStringConvertible {
    /// `\u` without four hexadecimal digits.
    case malformedUnicodeEscape(line: Int)
    case unreadable(path: String, reason: String)

    package var description: String {
        switch self {
        case .malformedUnicodeEscape(let line): "line \(line): \\u must be followed by four hexadecimal digits"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        }
    }
}

private struct Parser {
    let text: [Unicode.Scalar]
    var index = 0
    var line = 1

    init(text: [Unicode.Scalar]) { self.text = text }

    mutating func parse() throws(JavaPropertiesError) -> [JavaProperties.Entry] {
        var entries: [JavaProperties.Entry] = []
        while index < text.count {
            skipBlanks()
            guard let first = peek else { break }
            if Self.isLineEnd(first) {
                skipLineEnd()
            } else if first == "#" || first == "!" {
                skipComment()
            } else {
                let start = line
                let key = try parseToken { Self.isBlank($0) || $0 == "=" || $0 == ":" }
                skipBlanks()
                if let separator = peek, separator == "=" || separator == ":" {
                    index += 1
                    skipBlanks()
                }
                let value = try parseToken { _ in false }
                entries.append(.init(key: key, value: value, line: start))
            }
        }
        return entries
    }

    private var peek: Unicode.Scalar? { index < text.count ? text[index] : nil }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\u{0C}"
    }

    private static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    /// Skips blanks and continuations (a backslash before a line end, with the blanks that open the next line).
    private mutating func skipBlanks() {
        while let next = peek {
            if Self.isBlank(next) {
                index += 1
            } else if !skipContinuation() {
                return
            }
        }
    }

    private mutating func skipContinuation() -> Bool {
        guard peek == "\\", index + 1 < text.count, Self.isLineEnd(text[index + 1]) else { return false }
        index += 1
        skipLineEnd()
        while let next = peek, Self.isBlank(next) { index += 1 }
        return true
    }

    private mutating func skipLineEnd() {
        if text[index] == "\r", index + 1 < text.count, text[index + 1] == "\n" { index += 1 }
        index += 1
        line += 1
    }

    private mutating func skipComment() {
        while let next = peek, !Self.isLineEnd(next) { index += 1 }
    }

    private mutating func parseToken(
        until ends: (Unicode.Scalar) -> Bool
    ) throws(JavaPropertiesError) -> String {
        var token = String.UnicodeScalarView()
        /// The first half of a UTF-16 surrogate pair that was written as two escapes.
        var highSurrogate: UInt32?
        while let next = peek, !Self.isLineEnd(next) {
            if skipContinuation() { continue }
            if ends(next) { break }
            index += 1
            guard next == "\\" else {
                token.append(next)
                continue
            }
            guard let escaped = peek else { break }
            index += 1
            switch escaped {
            case "t": token.append("\t")
            case "n": token.append("\n")
            case "r": token.append("\r")
            case "f": token.append("\u{0C}")
            case "u":
                let unit = try parseHexadecimal()
                if (0xD800..<0xDC00).contains(unit) {
                    highSurrogate = unit
                } else if let high = highSurrogate, (0xDC00..<0xE000).contains(unit) {
                    let value = 0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00)
                    token.append(Unicode.Scalar(value) ?? "\u{FFFD}")
                    highSurrogate = nil
                } else {
                    token.append(Unicode.Scalar(unit) ?? "\u{FFFD}")
                }
            default: token.append(escaped)
            }
        }
        return String(token)
    }

    private mutating func parseHexadecimal() throws(JavaPropertiesError) -> UInt32 {
        guard index + 4 <= text.count else { throw .malformedUnicodeEscape(line: line) }
        var value: UInt32 = 0
        for scalar in text[index..<index + 4] {
            guard let digit = Character(scalar).hexDigitValue else { throw .malformedUnicodeEscape(line: line) }
            value = value << 4 + UInt32(digit)
        }
        index += 4
        return value
    }
}
