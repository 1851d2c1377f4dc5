import Glibc

/// The parts of one line, as ranges of its bytes.
struct ParsedLine: Equatable {
    struct Header: Equatable {
        var key: Range<Int>
        /// nil for a header without value.
        var value: Range<Int>?
    }

    var headers: [Header] = []
    /// nil for a record without key.
    var key: Range<Int>?
    /// nil for a record without value (a tombstone).
    var value: Range<Int>?
}

/// `[headers <headers.delimiter>] [key <key.separator>] value`: takes lines apart without copying a byte.
struct LineGrammar {
    private enum HeaderSplitter {
        case literal([UInt8])
        case expression(Regex<AnyRegexOutput>)
    }

    private let properties: ReaderProperties
    private let splitter: HeaderSplitter

    init(_ properties: ReaderProperties) throws(CommandFailure) {
        self.properties = properties
        let separator = properties.headersSeparator
        let isLiteral = !separator.isEmpty && !separator.contains { "\\^$.|?*+()[]{}".contains($0) }
        if isLiteral || !properties.parsesHeaders {
            splitter = .literal(Array(separator.utf8))
            return
        }
        do {
            splitter = .expression(try Regex(separator).matchingSemantics(.unicodeScalar))
        } catch {
            throw CommandFailure("headers.separator is no regular expression: '\(separator)'.")
        }
    }

    /// - Parameters:
    ///   - line: the line's bytes without its end.
    ///   - number: the line's number from 1, for the message when it is wrong.
    func parse(_ line: UnsafeRawBufferPointer, number: Int) throws(CommandFailure) -> ParsedLine {
        var parsed = ParsedLine()
        var position = 0
        if properties.parsesHeaders {
            if let delimiter = Self.find(properties.headersDelimiter, in: line, from: position) {
                parsed.headers = try headers(position..<delimiter, of: line, number: number)
                position = delimiter + properties.headersDelimiter.count
            } else if !properties.ignoresErrors {
                throw Self.failure("No headers delimiter found on line number \(number): '\(Self.shown(line))'")
            }
        }
        if properties.parsesKey {
            if let separator = Self.find(properties.keySeparator, in: line, from: position) {
                parsed.key = unlessNull(position..<separator, of: line)
                position = separator + properties.keySeparator.count
            } else if !properties.ignoresErrors {
                throw Self.failure("No key separator found on line number \(number): '\(Self.shown(line))'")
            }
        }
        parsed.value = unlessNull(position..<line.count, of: line)
        return parsed
    }

    private func unlessNull(_ range: Range<Int>, of line: UnsafeRawBufferPointer) -> Range<Int>? {
        isNullMarker(range, of: line) ? nil : range
    }

    private func isNullMarker(_ range: Range<Int>, of line: UnsafeRawBufferPointer) -> Bool {
        guard let marker = properties.nullMarker else { return false }
        return line[range].elementsEqual(marker)
    }

    private func headers(
        _ block: Range<Int>,
        of line: UnsafeRawBufferPointer,
        number: Int
    ) throws(CommandFailure) -> [ParsedLine.Header] {
        if isNullMarker(block, of: line) { return [] }
        var headers: [ParsedLine.Header] = []
        for item in items(of: block, in: line) {
            let bytes = UnsafeRawBufferPointer(rebasing: line[item])
            guard let separator = Self.find(properties.headersKeySeparator, in: bytes, from: 0) else {
                guard properties.ignoresErrors else {
                    throw Self.failure(
                        "No header key separator found in pair '\(Self.shown(bytes))' on line number \(number)"
                    )
                }
                headers.append(ParsedLine.Header(key: item, value: nil))
                continue
            }
            let key = item.lowerBound..<item.lowerBound + separator
            guard !isNullMarker(key, of: line) else {
                throw Self.failure("A header's key is the null marker on line number \(number), but it cannot be null")
            }
            let value = key.upperBound + properties.headersKeySeparator.count..<item.upperBound
            headers.append(ParsedLine.Header(key: key, value: unlessNull(value, of: line)))
        }
        return headers
    }

    /// Splits as Java does: an empty block is one empty item, empty items at the end are dropped.
    private func items(of block: Range<Int>, in line: UnsafeRawBufferPointer) -> [Range<Int>] {
        var items: [Range<Int>] = []
        var start = block.lowerBound
        for match in matches(in: UnsafeRawBufferPointer(rebasing: line[block])) {
            let separator = block.lowerBound + match.lowerBound..<block.lowerBound + match.upperBound
            // A match of no width at the start makes no item.
            if separator.upperBound == block.lowerBound { continue }
            items.append(start..<separator.lowerBound)
            start = separator.upperBound
        }
        if items.isEmpty { return [block] }
        items.append(start..<block.upperBound)
        while items.last?.isEmpty == true { items.removeLast() }
        return items
    }

    private func matches(in block: UnsafeRawBufferPointer) -> [Range<Int>] {
        switch splitter {
        case .literal(let separator):
            var matches: [Range<Int>] = []
            var position = 0
            while let match = Self.find(separator, in: block, from: position) {
                position = match + separator.count
                matches.append(match..<position)
            }
            return matches
        case .expression(let expression):
            let text = String(decoding: block, as: UTF8.self)
            return text.matches(of: expression).map { match in
                let start = text.utf8.distance(from: text.utf8.startIndex, to: match.range.lowerBound)
                return start..<start + text.utf8.distance(from: match.range.lowerBound, to: match.range.upperBound)
            }
        }
    }

    /// Where `pattern` first stands at or after `start`. An empty pattern stands everywhere.
    static func find(_ pattern: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let first = pattern.first else { return start }
        var position = start
        while let base = bytes.baseAddress, bytes.count - position >= pattern.count {
            guard let hit = memchr(base + position, Int32(first), bytes.count - position - pattern.count + 1) else {
                return nil
            }
            let found = UnsafeRawPointer(hit) - base
            if pattern.count == 1 || memcmp(base + found, pattern, pattern.count) == 0 { return found }
            position = found + 1
        }
        return nil
    }

    /// The text of a wrong line for its message, cut where it gets too long to read.
    private static func shown(_ bytes: UnsafeRawBufferPointer) -> String {
        let limit = 200
        guard bytes.count > limit else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes[..<limit], as: UTF8.self) + "…"
    }

    private static func failure(_ message: String) -> CommandFailure {
        CommandFailure(
            message + ".",
            hint: "Records before this line are sent. --reader-property ignore.error=true goes on."
        )
    }
}
