extension FieldTest {
    /// Longer paths lead nowhere in sensible data, and bound how deep the walk goes.
    private static let longestPath = 64

    /// Reads `PATH`, `PATH=WORD`, `PATH!=WORD` and the like; blanks around the comparison do not matter.
    init(_ text: String) throws(CommandFailure) {
        var parser = Parser(text: text, rest: text[...])
        path = try parser.path(longest: Self.longestPath)
        (comparison, isNegated) = try parser.comparison()
        operand = try parser.operand(comparison)
    }

    private struct Parser {
        let text: String
        var rest: Substring

        func wrong(_ reason: String) -> CommandFailure {
            CommandFailure(
                "'\(text)' is no test of a field: \(reason). Write it like .user.id=7, .items[0].price>9.5, "
                    + ".tags[]=new, .name~^A or .error.",
                status: .usage
            )
        }

        mutating func path(longest: Int) throws(CommandFailure) -> [Step] {
            skipBlanks()
            guard rest.first == "." || rest.first == "[" else { throw wrong("a path begins with a dot") }
            var steps: [Step] = []
            if rest.first == ".", rest.dropFirst().first.map({ !Self.isName($0) && $0 != "[" && $0 != "\"" }) ?? true {
                rest.removeFirst()
                return []
            }
            while let first = rest.first {
                if first == "." {
                    rest.removeFirst()
                    if rest.first == "[" { continue }
                    steps.append(.member(Array(try name().utf8)))
                } else if first == "[" {
                    rest.removeFirst()
                    steps.append(try bracket())
                } else {
                    break
                }
                guard steps.count <= longest else { throw wrong("it is longer than \(longest) steps") }
            }
            return steps
        }

        private mutating func name() throws(CommandFailure) -> String {
            if rest.first == "\"" { return try quoted() }
            let name = rest.prefix(while: Self.isName)
            guard !name.isEmpty else { throw wrong("a name is missing after a dot") }
            rest.removeFirst(name.count)
            return String(name)
        }

        private mutating func bracket() throws(CommandFailure) -> Step {
            let step: Step
            if rest.first == "]" {
                step = .anyItem
            } else if rest.first == "\"" {
                step = .member(Array(try quoted().utf8))
            } else {
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard let index = Int(digits) else { throw wrong("brackets hold a number, a quoted name or nothing") }
                rest.removeFirst(digits.count)
                step = .item(index)
            }
            guard rest.first == "]" else { throw wrong("a bracket is not closed") }
            rest.removeFirst()
            return step
        }

        /// A JSON string.
        private mutating func quoted() throws(CommandFailure) -> String {
            var isEscaped = false
            for index in rest.indices.dropFirst() {
                let character = rest[index]
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    let end = rest.index(after: index)
                    guard case .string(let text)? = try? JSONParser.parse(Array(rest[..<end].utf8)) else { break }
                    rest = rest[end...]
                    return text
                }
            }
            throw wrong("a quoted text does not end")
        }

        mutating func comparison() throws(CommandFailure) -> (Comparison, Bool) {
            skipBlanks()
            if rest.isEmpty { return (.isTrue, false) }
            let signs: KeyValuePairs<String, (Comparison, Bool)> = [
                "!=": (.equal, true), "!~": (.contains, true), "==": (.equal, false), "<=": (.lessOrEqual, false),
                ">=": (.greaterOrEqual, false), "=": (.equal, false), "<": (.less, false), ">": (.greater, false),
                "~": (.contains, false),
            ]
            for (sign, meaning) in signs where rest.hasPrefix(sign) {
                rest.removeFirst(sign.count)
                return meaning
            }
            throw wrong("there is no comparison (=, !=, <, <=, >, >=, ~, !~) at '\(rest)'")
        }

        mutating func operand(_ comparison: Comparison) throws(CommandFailure) -> Operand {
            skipBlanks()
            while rest.last?.isWhitespace == true { rest.removeLast() }
            if comparison == .contains {
                return Operand(
                    text: [],
                    number: nil,
                    integer: nil,
                    isQuoted: false,
                    pattern: try BytePattern(String(rest))
                )
            }
            if rest.first == "\"" {
                let text = try quoted()
                guard rest.isEmpty else { throw wrong("something follows the quoted text") }
                return Operand(text: Array(text.utf8), number: nil, integer: nil, isQuoted: true, pattern: nil)
            }
            if comparison != .isTrue, rest.isEmpty { throw wrong("there is nothing to compare with") }
            let bytes = Array(rest.utf8)
            let (number, integer) = bytes.withUnsafeBytes { (FieldTest.number($0), FieldTest.integer($0)) }
            return Operand(text: bytes, number: number, integer: integer, isQuoted: false, pattern: nil)
        }

        private mutating func skipBlanks() {
            while rest.first?.isWhitespace == true { rest.removeFirst() }
        }

        private static func isName(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || character == "_" || character == "-" || character == "$"
                || character == "@"
        }
    }
}
