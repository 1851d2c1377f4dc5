/// YAML 1.2 block style of a value tree, readable by 1.1 parsers too.
enum YAMLText {
    /// The document, with a final line feed.
    static func document(_ value: DataValue) -> String {
        var text = ""
        switch value {
        case .array(let items) where !items.isEmpty: writeItems(items, indent: 0, to: &text)
        case .object(let members) where !members.isEmpty: writeMembers(members, indent: 0, to: &text)
        default: text = scalar(value) + "\n"
        }
        return text
    }

    private static func writeItems(_ items: [DataValue], indent: Int, to text: inout String) {
        for item in items {
            text.append(String(repeating: " ", count: indent))
            switch item {
            case .object(let members) where !members.isEmpty:
                text.append("- ")
                writeMembers(members, indent: indent + 2, firstIndented: true, to: &text)
            case .array(let inner) where !inner.isEmpty:
                text.append("-\n")
                writeItems(inner, indent: indent + 2, to: &text)
            default:
                text.append("- " + scalar(item) + "\n")
            }
        }
    }

    private static func writeMembers(
        _ members: [DataValue.Member],
        indent: Int,
        firstIndented: Bool = false,
        to text: inout String
    ) {
        for (index, member) in members.enumerated() {
            if !(firstIndented && index == 0) { text.append(String(repeating: " ", count: indent)) }
            text.append(plainOrQuoted(member.name) + ":")
            switch member.value {
            case .object(let inner) where !inner.isEmpty:
                text.append("\n")
                writeMembers(inner, indent: indent + 2, to: &text)
            case .array(let items) where !items.isEmpty:
                if let flow = flowSequence(items) {
                    text.append(" " + flow + "\n")
                } else {
                    text.append("\n")
                    writeItems(items, indent: indent + 2, to: &text)
                }
            default:
                text.append(" " + scalar(member.value) + "\n")
            }
        }
    }

    /// Lists of numbers, such as replicas, read best on one line.
    private static func flowSequence(_ items: [DataValue]) -> String? {
        var numbers: [String] = []
        for item in items {
            guard case .int(let number) = item else { return nil }
            numbers.append(String(number))
        }
        return "[" + numbers.joined(separator: ", ") + "]"
    }

    private static func scalar(_ value: DataValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): number.isFinite ? JavaNumber.text(number) : "\"\(JavaNumber.text(number))\""
        case .string(let string): plainOrQuoted(string)
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// Words that a YAML 1.1 or 1.2 parser takes for something other than a string.
    private static let reserved: Set<String> = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ]

    /// Plain when no parser can take it for anything but this string; else in double quotes with JSON's escapes, which
    /// YAML shares.
    private static func plainOrQuoted(_ string: String) -> String {
        let bytes = string.utf8
        let safe = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "/"):
                true
            default: false
            }
        }
        if safe, let first = bytes.first, isLetter(first), !reserved.contains(string.lowercased()) { return string }
        var quoted = ""
        JSONText.quote(string, to: &quoted)
        return quoted
    }

    /// A plain string starts with a letter, so that it is no number, date, document mark or list item.
    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
