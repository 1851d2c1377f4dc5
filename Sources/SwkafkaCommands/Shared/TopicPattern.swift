/// Topics chosen by a regular expression that must match the whole name.
///
/// `@unchecked Sendable`: a `Regex` is not Sendable because of closures it may hold (transforms, custom parsers); one made
/// from text at run time holds none, and it is never changed.
struct TopicPattern: @unchecked Sendable {
    private enum Matcher {
        /// Alternatives of literal characters, nil standing for any one character: what most people type.
        case plain([[UInt8?]])
        case expression(Regex<AnyRegexOutput>)
    }

    private let matcher: Matcher

    /// A Java-like regular expression, taken as it is.
    init(expression: String) throws(CommandFailure) {
        if let alternatives = Self.plainAlternatives(expression) {
            matcher = .plain(alternatives)
            return
        }
        do {
            matcher = .expression(try Regex(expression).matchingSemantics(.unicodeScalar))
        } catch {
            throw CommandFailure("\(expression) is an invalid regex.")
        }
    }

    /// The filter of Kafka's topic options: blanks dropped, commas mean "or", quotes around the whole dropped.
    init(filter: String) throws(CommandFailure) {
        var text = String(filter.unicodeScalars.filter { !$0.properties.isWhitespace }.map(Character.init))
        text = String(text.map { $0 == "," ? "|" : $0 })
        while let first = text.first, first == "\"" || first == "'" { text.removeFirst() }
        while let last = text.last, last == "\"" || last == "'" { text.removeLast() }
        try self.init(expression: text)
    }

    func matches(_ name: String) -> Bool {
        switch matcher {
        case .plain(let alternatives):
            let bytes = Array(name.utf8)
            return alternatives.contains { pattern in
                pattern.count == bytes.count && zip(pattern, bytes).allSatisfy { $0 == nil || $0 == $1 }
            }
        case .expression(let expression):
            // A failing match attempt (the engine's limits) chooses nothing.
            return (try? expression.wholeMatch(in: name)) != nil
        }
    }

    private static func plainAlternatives(_ expression: String) -> [[UInt8?]]? {
        var alternatives: [[UInt8?]] = [[]]
        for byte in expression.utf8 {
            switch byte {
            case UInt8(ascii: "|"): alternatives.append([])
            case UInt8(ascii: "."): alternatives[alternatives.count - 1].append(nil)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                alternatives[alternatives.count - 1].append(byte)
            default: return nil
            }
        }
        return alternatives
    }
}

/// Names of the topics that Kafka keeps for itself; hidden only by exact name, not by their underscores.
enum InternalTopics {
    static let names: Set<String> = ["__consumer_offsets", "__transaction_state", "__share_group_state"]
}
