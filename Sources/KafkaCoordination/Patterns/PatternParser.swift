/// Reads RE2's syntax: Perl's without what needs backtracking (back references, looking around, possessive counts).
///
/// Names of Unicode classes are known as far as they say something about ASCII, the only letters of topic names.
struct PatternParser {
    /// Groups within groups: the parser and the compiler descend once for each.
    static let maximumDepth = 100
    /// The largest number in `{n,m}`, as in RE2.
    static let maximumCount = 1000

    struct Flags {
        var ignoresCase = false
        var dotMatchesNewline = false
        var isMultiline = false
    }

    var scalars: [Unicode.Scalar]
    var position = 0
    private var flags = Flags()
    private var depth = 0
    private var groupNames: Set<String> = []

    static func parse(_ expression: String) throws(PatternError) -> PatternNode {
        var parser = PatternParser(scalars: Array(expression.unicodeScalars))
        let node = try parser.alternatives()
        guard parser.position == parser.scalars.count else {
            throw PatternError("unexpected )", expression)
        }
        return node
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    func text(from start: Int) -> String {
        String(String.UnicodeScalarView(scalars[start..<position]))
    }

    var rest: String { String(String.UnicodeScalarView(scalars[position...])) }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    mutating func take(_ word: String) -> Bool {
        let wanted = Array(word.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .either(choices)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        var countStart: Int?
        while let scalar = next, scalar != "|", scalar != ")" {
            let start = position
            if let count = try repetition() {
                if let countStart {
                    throw PatternError("invalid nested repetition operator", text(from: countStart))
                }
                guard let last = nodes.popLast() else {
                    throw PatternError("missing argument to repetition operator", text(from: start))
                }
                nodes.append(.repeated(last, minimum: count.minimum, maximum: count.maximum))
                countStart = start
            } else {
                countStart = nil
                try appendAtom(to: &nodes)
            }
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    /// `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`, each with a `?` that only matters where a match is looked for in a text.
    private mutating func repetition() throws(PatternError) -> (minimum: Int, maximum: Int?)? {
        let count: (minimum: Int, maximum: Int?)
        if take("*") {
            count = (0, nil)
        } else if take("+") {
            count = (1, nil)
        } else if take("?") {
            count = (0, 1)
        } else if let braces = try countInBraces() {
            count = braces
        } else {
            return nil
        }
        _ = take("?")
        return count
    }

    /// Anything else in braces stands for itself.
    private mutating func countInBraces() throws(PatternError) -> (minimum: Int, maximum: Int?)? {
        let start = position
        guard take("{"), let minimum = number() else {
            position = start
            return nil
        }
        var maximum: Int? = minimum
        if take(",") { maximum = next == "}" ? nil : number() ?? -1 }
        guard maximum != -1, take("}") else {
            position = start
            return nil
        }
        guard minimum <= Self.maximumCount, maximum ?? 0 <= Self.maximumCount, minimum <= maximum ?? minimum else {
            throw PatternError("invalid repeat count", text(from: start))
        }
        return (minimum, maximum)
    }

    /// Digits; numbers beyond what counts are cut down to one that is still refused.
    private mutating func number() -> Int? {
        var value: Int?
        while let digit = next, ("0"..."9").contains(digit) {
            value = min((value ?? 0) * 10 + Int(digit.value - 0x30), Self.maximumCount + 1)
            position += 1
        }
        return value
    }

    private mutating func appendAtom(to nodes: inout [PatternNode]) throws(PatternError) {
        guard let scalar = next else { return }
        switch scalar {
        case "(": if let node = try group() { nodes.append(node) }
        case "[": nodes.append(.scalar(try scalarClass()))
        case ".":
            position += 1
            nodes.append(.scalar(flags.dotMatchesNewline ? .everything : .exceptNewline))
        case "^":
            position += 1
            nodes.append(.assertion(flags.isMultiline ? .lineStart : .textStart))
        case "$":
            position += 1
            nodes.append(.assertion(flags.isMultiline ? .lineEnd : .textEnd))
        case "\\":
            if take("\\Q") {
                while position < scalars.count, !take("\\E") {
                    nodes.append(.scalar(folded(ScalarSet(scalars[position].value))))
                    position += 1
                }
            } else if let assertion = assertionEscape() {
                nodes.append(.assertion(assertion))
            } else {
                nodes.append(.scalar(folded(try escape())))
            }
        default:
            position += 1
            nodes.append(.scalar(folded(ScalarSet(scalar.value))))
        }
    }

    func folded(_ set: ScalarSet) -> ScalarSet { flags.ignoresCase ? set.ignoringCase : set }

    private mutating func assertionEscape() -> PatternAssertion? {
        let assertions: [(String, PatternAssertion)] = [
            ("\\A", .textStart), ("\\z", .textEnd), ("\\b", .wordBoundary), ("\\B", .noWordBoundary),
        ]
        for (word, assertion) in assertions where take(word) { return assertion }
        return nil
    }

    /// A group, or nil for flags that hold from here to the end of the group around them.
    private mutating func group() throws(PatternError) -> PatternNode? {
        let start = position
        let outer = flags
        position += 1
        if take("?") {
            if take("P<") || (next == "<" && !["=", "!"].contains(following) && take("<")) {
                try groupName(start)
            } else if try !groupFlags(start) {
                return nil
            }
        }
        depth += 1
        guard depth <= Self.maximumDepth else { throw PatternError("expression nests too deeply", rest) }
        let node = try alternatives()
        depth -= 1
        guard take(")") else {
            throw PatternError("missing closing )", String(String.UnicodeScalarView(scalars)))
        }
        flags = outer
        return node
    }

    private var following: Unicode.Scalar? { position + 1 < scalars.count ? scalars[position + 1] : nil }

    private mutating func groupName(_ start: Int) throws(PatternError) {
        let nameStart = position
        while let scalar = next, ScalarSet.word.contains(scalar.value) { position += 1 }
        let name = text(from: nameStart)
        guard !name.isEmpty, take(">") else { throw PatternError("invalid named capture", rest(from: start)) }
        guard groupNames.insert(name).inserted else { throw PatternError("duplicate capture group name", name) }
    }

    private func rest(from start: Int) -> String { String(String.UnicodeScalarView(scalars[start...])) }

    /// The letters behind `(?`. True: a group follows. False: they stood alone.
    private mutating func groupFlags(_ start: Int) throws(PatternError) -> Bool {
        var changed = flags
        var value = true
        var hasFlag = false
        while let scalar = next {
            position += 1
            switch scalar {
            case "i": changed.ignoresCase = value
            case "s": changed.dotMatchesNewline = value
            case "m": changed.isMultiline = value
            // Swaps greedy and lazy: the same texts match as a whole.
            case "U": break
            case "-":
                guard value else { throw PatternError("invalid or unsupported Perl syntax", text(from: start)) }
                value = false
                hasFlag = false
                continue
            case ":", ")":
                guard value || hasFlag else {
                    throw PatternError("invalid or unsupported Perl syntax", text(from: start))
                }
                flags = changed
                return scalar == ":"
            default: throw PatternError("invalid or unsupported Perl syntax", text(from: start))
            }
            hasFlag = true
        }
        throw PatternError("missing closing )", rest(from: start))
    }
}
