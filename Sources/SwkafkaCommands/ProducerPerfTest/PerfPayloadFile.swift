/// The items of `--payload-file`.
struct PerfPayloadFile {
    let block: [UInt8]
    /// Where they lie in the block; never empty.
    let items: [Range<Int>]

    /// - Parameter delimiter: a regular expression; nil for a line feed.
    init(path: String, delimiter: String?) throws(CommandFailure) {
        block = try FileReading.bytes(of: path, purpose: "payload file")
        if let delimiter, delimiter != "\\n" {
            items = try Self.split(block, delimiter, path: path)
        } else {
            items = Self.split(block)
        }
        guard !items.isEmpty else {
            throw CommandFailure("The payload file \(path) is empty: there is nothing to send.")
        }
    }

    var averageBytes: Double { Double(items.reduce(0) { $0 + $1.count }) / Double(items.count) }

    /// Lines. As with Java's `split`, empty items at the end do not count.
    private static func split(_ block: [UInt8]) -> [Range<Int>] {
        var items: [Range<Int>] = []
        var start = 0
        for index in block.indices where block[index] == UInt8(ascii: "\n") {
            items.append(start..<index)
            start = index + 1
        }
        items.append(start..<block.count)
        return withoutEmptyEnd(items)
    }

    private static func split(_ block: [UInt8], _ delimiter: String, path: String) throws(CommandFailure)
        -> [Range<Int>]
    {
        guard let text = String(validating: block, as: UTF8.self) else {
            throw CommandFailure("The payload file \(path) is not UTF-8, which --payload-delimiter needs.")
        }
        let expression: Regex<AnyRegexOutput>
        do {
            expression = try Regex(delimiter).matchingSemantics(.unicodeScalar)
        } catch {
            throw CommandFailure("'\(delimiter)' is an invalid regular expression.", status: .usage)
        }
        var items: [Range<Int>] = []
        var start = 0
        for match in text.matches(of: expression) where !match.range.isEmpty {
            let low = text.utf8.distance(from: text.startIndex, to: match.range.lowerBound)
            items.append(start..<low)
            start = text.utf8.distance(from: text.startIndex, to: match.range.upperBound)
        }
        items.append(start..<block.count)
        return withoutEmptyEnd(items)
    }

    private static func withoutEmptyEnd(_ items: [Range<Int>]) -> [Range<Int>] {
        Array(items.reversed().drop { $0.isEmpty }.reversed())
    }
}
