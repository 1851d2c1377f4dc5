import Glibc

/// A test of a field of JSON, as `--where` takes it: `.user.id=7`, `.items[0].price>=9.5`, `.tags[]="new"`, `.error`.
///
/// The value is walked as bytes: what the path does not lead to is passed over, and nothing is built. Bytes that are
/// no JSON fail every test, a test of inequality included.
struct FieldTest: Sendable {
    enum Step: Equatable, Sendable {
        case member([UInt8])
        case item(Int)
        /// Any item of a list.
        case anyItem
    }

    enum Comparison: String, Sendable {
        case equal = "="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case contains = "~"
        /// Is there, and neither null nor false.
        case isTrue = ""
    }

    /// What a field is compared with.
    struct Operand: Sendable {
        var text: [UInt8]
        /// nil when the text is no number, or stood in quotes.
        var number: Double?
        /// Exact, where a number has neither fraction nor exponent.
        var integer: Int64?
        /// Whether it stood in quotes: then only a string is equal to it.
        var isQuoted: Bool
        var pattern: BytePattern?
    }

    var path: [Step]
    var comparison: Comparison
    /// `!=` and `!~`: the opposite of the comparison.
    var isNegated: Bool
    var operand: Operand

    func holds(for value: UnsafeRawBufferPointer) -> Bool {
        var scanner = JSONScanner(value)
        guard let found = evaluate(path[...], &scanner) else { return false }
        return found != isNegated
    }

    /// - Returns: whether the comparison holds where the path leads; nil when the bytes are no JSON on the way.
    private func evaluate(_ path: ArraySlice<Step>, _ scanner: inout JSONScanner) -> Bool? {
        scanner.skipBlanks()
        guard let step = path.first else { return compare(&scanner) }
        let rest = path.dropFirst()
        switch step {
        case .member(let name):
            guard scanner.current == UInt8(ascii: "{") else { return scanner.skipValue() ? false : nil }
            return member(name, rest, &scanner)
        case .item, .anyItem:
            guard scanner.current == UInt8(ascii: "[") else { return scanner.skipValue() ? false : nil }
            return item(step, rest, &scanner)
        }
    }

    private func member(_ name: [UInt8], _ rest: ArraySlice<Step>, _ scanner: inout JSONScanner) -> Bool? {
        scanner.advance()
        scanner.skipBlanks()
        if scanner.take(UInt8(ascii: "}")) { return false }
        while true {
            scanner.skipBlanks()
            guard let key = scanner.string() else { return nil }
            scanner.skipBlanks()
            guard scanner.take(UInt8(ascii: ":")) else { return nil }
            if key.equals(name) { return evaluate(rest, &scanner) }
            guard scanner.skipValue() else { return nil }
            scanner.skipBlanks()
            if scanner.take(UInt8(ascii: "}")) { return false }
            guard scanner.take(UInt8(ascii: ",")) else { return nil }
        }
    }

    private func item(_ step: Step, _ rest: ArraySlice<Step>, _ scanner: inout JSONScanner) -> Bool? {
        scanner.advance()
        scanner.skipBlanks()
        if scanner.take(UInt8(ascii: "]")) { return false }
        var index = 0
        while true {
            let start = scanner
            switch step {
            case .item(let wanted) where index == wanted: return evaluate(rest, &scanner)
            case .anyItem:
                guard let found = evaluate(rest, &scanner) else { return nil }
                if found { return true }
                scanner = start
            case .item, .member: break
            }
            guard scanner.skipValue() else { return nil }
            scanner.skipBlanks()
            if scanner.take(UInt8(ascii: "]")) { return false }
            guard scanner.take(UInt8(ascii: ",")) else { return nil }
            index += 1
        }
    }

    // MARK: Comparing

    private func compare(_ scanner: inout JSONScanner) -> Bool? {
        switch scanner.current {
        case UInt8(ascii: "\""):
            guard let text = scanner.string() else { return nil }
            return text.withBytes { compare(text: $0) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return scanner.skipValue() ? comparison == .isTrue : nil
        default:
            guard let word = scanner.word() else { return nil }
            return compare(word: word)
        }
    }

    private func compare(text: UnsafeRawBufferPointer) -> Bool {
        switch comparison {
        case .isTrue: return true
        case .contains: return operand.pattern?.occurs(in: text) ?? false
        case .equal: return text.elementsEqual(operand.text)
        case .less: return Self.order(text, operand.text) < 0
        case .lessOrEqual: return Self.order(text, operand.text) <= 0
        case .greater: return Self.order(text, operand.text) > 0
        case .greaterOrEqual: return Self.order(text, operand.text) >= 0
        }
    }

    /// A number, true, false or null.
    private func compare(word: UnsafeRawBufferPointer) -> Bool {
        if comparison == .isTrue { return !word.elementsEqual("null".utf8) && !word.elementsEqual("false".utf8) }
        if comparison == .contains { return operand.pattern?.occurs(in: word) ?? false }
        guard !operand.isQuoted else { return false }
        guard let number = operand.number else { return comparison == .equal && word.elementsEqual(operand.text) }
        let order: Int
        if let exact = operand.integer, let found = Self.integer(word) {
            order = found < exact ? -1 : found > exact ? 1 : 0
        } else if let found = Self.number(word) {
            order = found < number ? -1 : found > number ? 1 : 0
        } else {
            return false
        }
        switch comparison {
        case .equal: return order == 0
        case .less: return order < 0
        case .lessOrEqual: return order <= 0
        case .greater: return order > 0
        case .greaterOrEqual: return order >= 0
        case .contains, .isTrue: return false
        }
    }

    /// Byte by byte, which for UTF-8 is the order of code points.
    private static func order(_ first: UnsafeRawBufferPointer, _ second: [UInt8]) -> Int {
        for (left, right) in zip(first, second) where left != right { return left < right ? -1 : 1 }
        return first.count - second.count
    }

    static func integer(_ word: UnsafeRawBufferPointer) -> Int64? {
        guard !word.isEmpty, word.count <= 20 else { return nil }
        let isNegative = word[0] == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in word.dropFirst(isNegative ? 1 : 0) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        guard !isNegative else { return value }
        return value == .min ? nil : -value
    }

    /// strtod(3) on a copy that ends with a zero; numbers of more than 63 bytes are not compared.
    static func number(_ word: UnsafeRawBufferPointer) -> Double? {
        guard let first = word.first, word.count < 64,
            first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { copy in
            for (index, byte) in word.enumerated() { copy[index] = CChar(bitPattern: byte) }
            copy[word.count] = 0
            guard let base = copy.baseAddress else { return nil }
            var end: UnsafeMutablePointer<CChar>?
            let value = strtod(base, &end)
            return end == base + word.count ? value : nil
        }
    }
}
