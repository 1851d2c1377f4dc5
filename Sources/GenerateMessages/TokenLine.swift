/// The words and signs of one line of a schema, taken from the front.
struct TokenLine {
    let number: Int
    private let path: String
    private var tokens: ArraySlice<String> = []

    init(path: String, number: Int, text: Substring) throws(SchemaError) {
        self.path = path
        self.number = number
        var rest = text
        while let first = rest.first {
            if first == " " || first == "\t" || first == "\r" {
                rest.removeFirst()
            } else if "{}[]:?=,".contains(first) {
                tokens.append(String(rest.removeFirst()))
            } else if first == "\"" {
                let body = rest.dropFirst().prefix { $0 != "\"" }
                guard body.endIndex < rest.endIndex else { throw error("the string is not closed") }
                tokens.append("\"" + body)
                rest = rest[rest.index(after: body.endIndex)...]
            } else {
                let word = rest.prefix { !" \t\r{}[]:?=,\"".contains($0) }
                tokens.append(String(word))
                rest = rest[word.endIndex...]
            }
        }
    }

    func error(_ message: String) -> SchemaError {
        SchemaError(path: path, line: number, message: message)
    }

    func isNext(_ token: String) -> Bool { tokens.first == token }

    /// Takes the token if it comes next.
    mutating func skip(_ token: String) -> Bool {
        guard isNext(token) else { return false }
        tokens.removeFirst()
        return true
    }

    func end() throws(SchemaError) {
        if let token = tokens.first { throw error("\(token) is not expected here") }
    }

    /// The brace that opens a block, at the end of the line.
    mutating func open() throws(SchemaError) {
        guard skip("{") else { throw error("an opening brace is missing") }
        try end()
    }

    /// A name: letters and digits, beginning with a letter.
    mutating func word(_ what: String) throws(SchemaError) -> String {
        guard let token = tokens.first, token.first?.isLetter == true,
            token.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) })
        else { throw error("\(what) is missing") }
        tokens.removeFirst()
        return token
    }

    mutating func number(after keyword: String) throws(SchemaError) -> Int {
        guard skip(keyword), let token = tokens.first, let number = Int16(token), number >= 0 else {
            throw error("\(keyword) and a number are missing")
        }
        tokens.removeFirst()
        return Int(number)
    }

    /// A version range if one comes next: `3`, `0-4` or `2+`.
    mutating func versions() throws(SchemaError) -> VersionRange? {
        guard let token = tokens.first, token.first?.isNumber == true else { return nil }
        tokens.removeFirst()
        let range: VersionRange?
        if token.hasSuffix("+") {
            range = Int(token.dropLast()).map { VersionRange($0, VersionRange.open) }
        } else {
            let bounds = token.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            switch (bounds.count, bounds.first ?? nil, bounds.last ?? nil) {
            case (1, let only?, _): range = VersionRange(only, only)
            case (2, let lowest?, let highest?): range = VersionRange(lowest, highest)
            default: range = nil
            }
        }
        guard let range, range.lowest <= range.highest, range.highest <= VersionRange.open else {
            throw error("\(token) is no version range; write 3, 0-4 or 2+")
        }
        return range
    }

    mutating func type() throws(SchemaError) -> FieldType {
        if skip("[") {
            let element = try type()
            guard skip("]") else { throw error("the bracket of the array is not closed") }
            return .array(element)
        }
        let name = try word("a type")
        if let type = FieldType.named[name] { return type }
        guard name.first?.isUppercase == true else { throw error("\(name) is no type") }
        return .structure(name)
    }

    mutating func defaultValue() throws(SchemaError) -> DefaultValue {
        guard let token = tokens.popFirst() else { throw error("a default must follow =") }
        switch token {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            if token.hasPrefix("\"") { return .string(String(token.dropFirst())) }
            guard let number = Int64(token) else { throw error("\(token) is no default") }
            return .integer(number)
        }
    }
}
