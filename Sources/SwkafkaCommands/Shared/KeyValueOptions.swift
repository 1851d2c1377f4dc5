/// Options of the form `key=value`.
enum KeyValueOptions {
    /// Splits at the first `=`; a missing value is the empty string. A later key wins over an earlier one.
    static func parse(_ items: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for item in items {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        return values
    }

    /// How Kafka reads a boolean property: `true` in any case with blanks around it; everything else is false.
    static func isTrue(_ text: String?) -> Bool {
        guard let text else { return false }
        return trimmed(text).lowercased() == "true"
    }

    /// The text without blanks at either end.
    static func trimmed(_ text: some StringProtocol) -> String {
        var part = Substring(text)
        while let first = part.first, first.isWhitespace { part.removeFirst() }
        while let last = part.last, last.isWhitespace { part.removeLast() }
        return String(part)
    }
}
