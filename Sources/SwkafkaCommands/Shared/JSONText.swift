/// JSON (RFC 8259) of a value tree.
enum JSONText {
    /// One line without blanks, as for a record of a stream.
    static func compact(_ value: DataValue) -> String {
        var text = ""
        write(value, indent: nil, level: 0, to: &text)
        return text
    }

    /// Two blanks a level, with a final line feed, for people and for `jq`.
    static func pretty(_ value: DataValue) -> String {
        var text = ""
        write(value, indent: 2, level: 0, to: &text)
        text.append("\n")
        return text
    }

    private static func write(_ value: DataValue, indent: Int?, level: Int, to text: inout String) {
        switch value {
        case .null: text.append("null")
        case .bool(let flag): text.append(flag ? "true" : "false")
        case .int(let number): text.append(String(number))
        case .double(let number):
            // JSON has no such numbers.
            if number.isFinite {
                text.append(JavaNumber.text(number))
            } else {
                quote(JavaNumber.text(number), to: &text)
            }
        case .string(let string): quote(string, to: &text)
        case .array(let items):
            container("[", "]", items, indent: indent, level: level, to: &text) { item, text in
                write(item, indent: indent, level: level + 1, to: &text)
            }
        case .object(let members):
            container("{", "}", members, indent: indent, level: level, to: &text) { member, text in
                quote(member.name, to: &text)
                text.append(indent == nil ? ":" : ": ")
                write(member.value, indent: indent, level: level + 1, to: &text)
            }
        }
    }

    private static func container<Item>(
        _ open: String,
        _ close: String,
        _ items: [Item],
        indent: Int?,
        level: Int,
        to text: inout String,
        _ each: (Item, inout String) -> Void
    ) {
        text.append(open)
        for (index, item) in items.enumerated() {
            if index > 0 { text.append(",") }
            if let indent {
                text.append("\n")
                text.append(String(repeating: " ", count: indent * (level + 1)))
            }
            each(item, &text)
        }
        if let indent, !items.isEmpty {
            text.append("\n")
            text.append(String(repeating: " ", count: indent * level))
        }
        text.append(close)
    }

    /// A JSON string with everything escaped that must be, and nothing that need not.
    static func quote(_ string: String, to text: inout String) {
        text.append("\"")
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text.append("\\\"")
            case "\\": text.append("\\\\")
            case "\n": text.append("\\n")
            case "\r": text.append("\\r")
            case "\t": text.append("\\t")
            case "\u{0}"..."\u{1F}", "\u{7F}", "\u{2028}", "\u{2029}":
                let hex = String(scalar.value, radix: 16)
                text.append("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text.append("\"")
    }
}
