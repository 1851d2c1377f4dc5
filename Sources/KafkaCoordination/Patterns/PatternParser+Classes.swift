extension PatternParser {
    /// `[…]`
    mutating func scalarClass() throws(PatternError) -> ScalarSet {
        let start = position
        position += 1
        let isInverted = take("^")
        var set = ScalarSet()
        var isFirst = true
        while true {
            guard next != nil else { throw PatternError("missing closing ]", classText(from: start)) }
            if !isFirst, take("]") { break }
            isFirst = false
            if let named = try namedClass() {
                set = set.union(named)
                continue
            }
            let itemStart = position
            let item = try classItem()
            guard let low = item.single, next == "-", !isBeforeClosing else {
                set = set.union(item.set)
                continue
            }
            position += 1
            guard next != nil else { throw PatternError("missing closing ]", classText(from: start)) }
            guard let high = try classItem().single, low <= high else {
                throw PatternError("invalid character class range", text(from: itemStart))
            }
            set = set.union(ScalarSet([low...high]))
        }
        set = folded(set)
        return isInverted ? set.inverted : set
    }

    /// The dash here is the last in its class and stands for itself.
    private var isBeforeClosing: Bool { position + 1 < scalars.count && scalars[position + 1] == "]" }

    private func classText(from start: Int) -> String { String(String.UnicodeScalarView(scalars[start...])) }

    private mutating func classItem() throws(PatternError) -> (set: ScalarSet, single: UInt32?) {
        guard let scalar = next else { return (ScalarSet(), nil) }
        guard scalar == "\\" else {
            position += 1
            return (ScalarSet(scalar.value), scalar.value)
        }
        let set = try escape()
        let isSingle = set.ranges.count == 1 && set.ranges[0].count == 1
        return (set, isSingle ? set.ranges[0].lowerBound : nil)
    }

    /// `[:alpha:]` within a class.
    private mutating func namedClass() throws(PatternError) -> ScalarSet? {
        let start = position
        guard take("[:") else { return nil }
        let isInverted = take("^")
        let nameStart = position
        while let scalar = next, ScalarSet.letters.contains(scalar.value) { position += 1 }
        let name = text(from: nameStart)
        guard take(":]") else {
            position = start
            return nil
        }
        guard let set = Self.posixClasses[name] else {
            throw PatternError("invalid character class range", text(from: start))
        }
        return isInverted ? set.inverted : set
    }

    private static let posixClasses: [String: ScalarSet] = [
        "alnum": .letters.union(.digits), "alpha": .letters, "ascii": ScalarSet([0...0x7F]),
        "blank": ScalarSet([0x09...0x09, 0x20...0x20]), "cntrl": ScalarSet([0...0x1F, 0x7F...0x7F]),
        "digit": .digits, "graph": ScalarSet([0x21...0x7E]), "lower": .lower, "print": ScalarSet([0x20...0x7E]),
        "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "space": ScalarSet([0x09...0x0D, 0x20...0x20]), "upper": .upper, "word": .word,
        "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66]),
    ]

    /// What stands behind a backslash, if it stands for scalars.
    mutating func escape() throws(PatternError) -> ScalarSet {
        let start = position
        position += 1
        guard let scalar = next else { throw PatternError("trailing backslash at end of expression", "") }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "s": return .space
        case "S": return ScalarSet.space.inverted
        case "w": return .word
        case "W": return ScalarSet.word.inverted
        case "p", "P": return try unicodeClass(start, isInverted: scalar == "P")
        case "a": return ScalarSet(0x07)
        case "f": return ScalarSet(0x0C)
        case "n": return ScalarSet(0x0A)
        case "r": return ScalarSet(0x0D)
        case "t": return ScalarSet(0x09)
        case "v": return ScalarSet(0x0B)
        case "x": return ScalarSet(try hexadecimal(start))
        case "0"..."7":
            // One digit but 0 would be a back reference.
            guard scalar == "0" || next.map({ ("0"..."7").contains($0) }) == true else { break }
            return ScalarSet(octal(first: scalar))
        default:
            if scalar.isASCII, !ScalarSet.letters.union(.digits).contains(scalar.value) {
                return ScalarSet(scalar.value)
            }
        }
        throw PatternError("invalid escape sequence", text(from: start))
    }

    private mutating func octal(first: Unicode.Scalar) -> UInt32 {
        var value = first.value - 0x30
        var digits = 1
        while digits < 3, let digit = next, ("0"..."7").contains(digit) {
            value = value * 8 + digit.value - 0x30
            digits += 1
            position += 1
        }
        return value
    }

    /// Two digits, or up to six in braces.
    private mutating func hexadecimal(_ start: Int) throws(PatternError) -> UInt32 {
        let isBraced = take("{")
        var value: UInt32 = 0
        var digits = 0
        while digits < (isBraced ? 6 : 2), let digit = next?.hexadecimalValue {
            value = value << 4 | digit
            digits += 1
            position += 1
        }
        guard digits >= (isBraced ? 1 : 2), !isBraced || take("}"), value <= ScalarSet.last else {
            throw PatternError("invalid escape sequence", text(from: start))
        }
        return value
    }

    /// `\pN`, `\p{Nd}`, `\p{^Nd}`: a general category, `Any` or `Latin`.
    private mutating func unicodeClass(_ start: Int, isInverted: Bool) throws(PatternError) -> ScalarSet {
        var isInverted = isInverted
        var name = ""
        if take("{") {
            if take("^") { isInverted.toggle() }
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}") else { throw PatternError("invalid character class range", text(from: start)) }
        } else if let scalar = next {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard let set = Self.unicodeClasses[name] else {
            throw PatternError("invalid character class range", text(from: start))
        }
        return isInverted ? set.inverted : set
    }

    /// Scripts and categories cut down to ASCII.
    private static let unicodeClasses: [String: ScalarSet] = {
        var classes: [String: ScalarSet] = ["Any": .everything, "Latin": .letters]
        let empty = ["Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "Nl", "No", "Pi", "Pf", "Zl", "Zp", "Cf", "Co", "Cs"]
        for name in empty { classes[name] = ScalarSet() }
        let members: [(String, String)] = [
            ("Pc", "_"), ("Pd", "-"), ("Ps", "([{"), ("Pe", ")]}"), ("Po", "!\"#%&'*,./:;?@\\"), ("Sm", "+<=>|~"),
            ("Sc", "$"), ("Sk", "^`"), ("So", ""), ("Zs", " "),
        ]
        for (name, text) in members { classes[name] = ScalarSet(text.unicodeScalars.map { $0.value...$0.value }) }
        classes["Lu"] = .upper
        classes["Ll"] = .lower
        classes["Nd"] = .digits
        classes["Cc"] = ScalarSet([0...0x1F, 0x7F...0x7F])
        for letter in ["L", "N", "P", "S", "Z", "C"] {
            let parts = classes.filter { $0.key.count == 2 && $0.key.hasPrefix(letter) }
            classes[letter] = ScalarSet(parts.values.flatMap(\.ranges))
        }
        return classes
    }()
}

extension Unicode.Scalar {
    fileprivate var hexadecimalValue: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "A"..."F": value - 0x41 + 10
        case "a"..."f": value - 0x61 + 10
        default: nil
        }
    }
}
