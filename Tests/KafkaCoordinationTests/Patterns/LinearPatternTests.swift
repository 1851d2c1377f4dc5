import Testing

@testable import KafkaCoordination

@Suite struct LinearPatternTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let expression: String
        let matching: [String]
        let others: [String]

        init(_ expression: String, _ matching: [String], not others: [String]) {
            self.expression = expression
            self.matching = matching
            self.others = others
        }

        var testDescription: String { expression }
    }

    static let examples: [Example] = [
        Example("", [""], not: ["a"]),
        Example("a", ["a"], not: ["", "aa", "A", "b"]),
        Example("orders", ["orders"], not: ["orders-eu", "my-orders"]),
        Example("orders.*", ["orders", "orders-eu"], not: ["my-orders"]),
        Example("^orders-(eu|us)$", ["orders-eu", "orders-us"], not: ["orders-", "orders-eus"]),
        Example("(a|b|)c", ["ac", "bc", "c"], not: ["abc"]),
        Example("a|", ["a", ""], not: ["b"]),
        Example("a{2,3}", ["aa", "aaa"], not: ["a", "aaaa"]),
        Example("a{2}", ["aa"], not: ["a", "aaa"]),
        Example("a{2,}", ["aa", "aaaaa"], not: ["a"]),
        Example("a{0}b", ["b"], not: ["ab"]),
        Example("(ab)*?c", ["c", "ababc"], not: ["abac"]),
        Example("x{,2}", ["x{,2}"], not: ["", "xx"]),
        Example("x{a}", ["x{a}"], not: ["x"]),
        Example("[a-c]+", ["abc"], not: ["", "d"]),
        Example("[^a-c]+", ["xyz"], not: ["a", "xa"]),
        Example("[]a]", ["]", "a"], not: ["b"]),
        Example("[a\\]-]", ["a", "]", "-"], not: ["\\"]),
        Example("[-a]", ["-", "a"], not: ["b"]),
        Example("[[:digit:]x]+", ["1x2"], not: ["y"]),
        Example("[[:^digit:]]", ["a"], not: ["1"]),
        Example("\\d+\\.\\w", ["12.a", "1._"], not: ["1a", ".a"]),
        Example("[\\d.]+", ["1.2"], not: ["a"]),
        Example("\\D\\S\\W", ["aa-"], not: ["1a-", "aaa"]),
        Example("\\pL\\p{Nd}\\PN\\p{^L}", ["a1b2", "a1-2"], not: ["11b2", "a112"]),
        Example("(?i)abc", ["ABC", "aBc"], not: ["abd"]),
        Example("(?i:a)b", ["Ab", "ab"], not: ["AB"]),
        Example("a(?i)b(?-i)c", ["aBc"], not: ["aBC", "ABc"]),
        Example("(?i)[^a]", ["b"], not: ["a"]),
        Example("(?P<first>a)(?<second>b)", ["ab"], not: ["a"]),
        Example("a.c", ["abc"], not: ["a\nc"]),
        Example("(?s)a.c", ["a\nc"], not: ["ac"]),
        Example("(?m)a$\\n^b", ["a\nb"], not: ["ab"]),
        Example("a$\\nb", [], not: ["a\nb"]),
        Example("\\Aa\\z", ["a"], not: ["ab"]),
        Example("a\\b-\\Bb?", ["a-"], not: ["a-b"]),
        Example("\\Qa.b*\\E+", ["a.b*", "a.b***"], not: ["axb", "a.b"]),
        Example("\\x41\\x{42}\\101\\t", ["ABA\t"], not: ["AB"]),
        Example("\\.\\-\\_", [".-_"], not: ["a-_"]),
        Example("(?:a+)+b", ["aab"], not: ["aa"]),
        Example("(a*)*", ["", "aaa"], not: ["b"]),
        Example("(|a)+", ["", "aa"], not: ["b"]),
        Example("é+", ["éé"], not: ["e"]),
    ]

    @Test(arguments: examples) func matchesAsRE2(_ example: Example) throws {
        let pattern = try LinearPattern(example.expression)
        for text in example.matching { #expect(pattern.matchesWhole(text), "\(text)") }
        for text in example.others { #expect(!pattern.matchesWhole(text), "\(text)") }
    }

    @Test(arguments: [
        "(", ")", "a)", "(a", "[a", "[z-a]", "[a-\\d]", "*a", "a**", "a+*", "a{2}{3}", "a{1001}", "a{3,2}", "\\", "\\1",
        "\\8",
        "\\y", "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(?z)a", "(?i", "(?-)a", "(?P<>a)", "(?P<a>x)(?P<a>y)", "\\xg",
        "\\x{110000}", "\\p{Klingon}", "[[:nothing:]]", "\\C", "(|*)", "((((a{1000}){1000}){1000}){1000})",
        String(repeating: "(", count: 101) + String(repeating: ")", count: 101), String(repeating: "ab", count: 6000),
        "(((((){1000}){1000}){1000}){1000}){1000}",
    ])
    func refuses(_ expression: String) {
        #expect(throws: PatternError.self) { try LinearPattern(expression) }
    }

    @Test func saysWhatIsWrong() {
        #expect { try LinearPattern("a(b") } throws: { "\($0)" == "error parsing regexp: missing closing ): `a(b`" }
        #expect { try LinearPattern("a**") } throws: {
            "\($0)" == "error parsing regexp: invalid nested repetition operator: `**`"
        }
    }

    @Test(arguments: ["(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*)*x", "(a?){200}a{200}"])
    func isNotLedAstray(_ expression: String) throws {
        let pattern = try LinearPattern(expression)
        let start = ContinuousClock.now
        #expect(!pattern.matchesWhole(String(repeating: "a", count: 2000)))
        #expect(start.duration(to: .now) < .seconds(20), "backtracking would take longer than the universe is old")
    }

    /// Random expressions against a matcher that follows the definition: which ends can a node reach from a start?
    @Test func agreesWithTheDefinition() throws {
        var generator = SeededGenerator(seed: 848)
        for round in 0..<1500 {
            let node = randomNode(depth: 3, &generator)
            let expression = text(of: node)
            let pattern = try LinearPattern(expression)
            for _ in 0..<6 {
                let length = Int.random(in: 0...6, using: &generator)
                let sample = String((0..<length).map { _ in "abc".randomElement(using: &generator) ?? "a" })
                let ends = reach(node, Array(sample.unicodeScalars.map(\.value)), from: [0])
                #expect(pattern.matchesWhole(sample) == ends.contains(length), "\(round): \(expression) on \(sample)")
            }
        }
    }

    private func randomNode(depth: Int, _ generator: inout SeededGenerator) -> PatternNode {
        switch depth == 0 ? 0 : Int.random(in: 0...5, using: &generator) {
        case 1: return .sequence((0..<2).map { _ in randomNode(depth: depth - 1, &generator) })
        case 2: return .either((0..<3).map { _ in randomNode(depth: depth - 1, &generator) })
        case 3: return .repeated(randomNode(depth: depth - 1, &generator), minimum: 0, maximum: nil)
        case 4:
            let minimum = Int.random(in: 0...2, using: &generator)
            let maximum = minimum + Int.random(in: 0...2, using: &generator)
            return .repeated(randomNode(depth: depth - 1, &generator), minimum: minimum, maximum: maximum)
        case 5: return .empty
        default: return .scalar(ScalarSet(UInt32.random(in: 0x61...0x63, using: &generator)))
        }
    }

    private func text(of node: PatternNode) -> String {
        switch node {
        case .empty: return "(?:)"
        case .scalar(let set): return String(Unicode.Scalar(set.ranges[0].lowerBound).map(Character.init) ?? "?")
        case .assertion: return ""
        case .sequence(let nodes): return "(?:" + nodes.map(text).joined() + ")"
        case .either(let nodes): return "(" + nodes.map(text).joined(separator: "|") + ")"
        case .repeated(let node, let minimum, let maximum):
            return "(?:\(text(of: node))){\(minimum),\(maximum.map(String.init) ?? "")}"
        }
    }

    private func reach(_ node: PatternNode, _ sample: [UInt32], from starts: Set<Int>) -> Set<Int> {
        switch node {
        case .empty, .assertion: return starts
        case .scalar(let set):
            return Set(starts.filter { $0 < sample.count && set.contains(sample[$0]) }.map { $0 + 1 })
        case .sequence(let nodes): return nodes.reduce(starts) { reach($1, sample, from: $0) }
        case .either(let nodes): return nodes.reduce(Set()) { $0.union(reach($1, sample, from: starts)) }
        case .repeated(let node, let minimum, let maximum):
            var current = starts
            for _ in 0..<minimum { current = reach(node, sample, from: current) }
            var all = current
            for _ in minimum..<(maximum ?? minimum + sample.count + 1) {
                current = reach(node, sample, from: current)
                all.formUnion(current)
            }
            return all
        }
    }
}
