/// Checks regular expressions for subscriptions, which the coordinator compiles with RE2.
enum GroupsRegex {
    static func validate(_ expression: String, _ context: CommandContext) throws(OutputError) -> ExitStatus {
        if let reason = problem(expression) {
            try context.output.write("The regular expression `\(expression)` is invalid: \(reason).\n")
            return .failure
        }
        try context.output.write("The regular expression `\(expression)` is valid.\n")
        return .success
    }

    /// Why RE2 would refuse the expression; nil when it would not.
    static func problem(_ expression: String) -> String? {
        if let found = unsupported(expression) { return "RE2 does not have \(found)" }
        do {
            _ = try Regex(expression)
            return nil
        } catch {
            return "it cannot be parsed"
        }
    }

    /// What other engines have and RE2 lacks, since it promises linear time.
    private static func unsupported(_ expression: String) -> String? {
        let bytes = Array(expression.utf8)
        var index = 0
        var isInClass = false
        while index < bytes.count {
            let byte = bytes[index]
            let rest = bytes[(index + 1)...]
            index += 1
            switch byte {
            case UInt8(ascii: "\\"):
                guard let next = rest.first else { return nil }
                if !isInClass {
                    if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(next) { return "backreferences" }
                    if next == UInt8(ascii: "k") { return "backreferences" }
                    if next == UInt8(ascii: "Z") || next == UInt8(ascii: "G") { return "\\\(Character(.init(next)))" }
                }
                index += 1
            case UInt8(ascii: "["): isInClass = true
            case UInt8(ascii: "]"): isInClass = false
            case UInt8(ascii: "(") where !isInClass:
                if starts(rest, "?=") || starts(rest, "?!") { return "lookahead" }
                if starts(rest, "?<=") || starts(rest, "?<!") { return "lookbehind" }
                if starts(rest, "?>") { return "atomic groups" }
                if starts(rest, "?#") { return "comments" }
                if starts(rest, "?(") { return "conditions" }
            case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "}"):
                if !isInClass, rest.first == UInt8(ascii: "+") { return "possessive quantifiers" }
            case UInt8(ascii: "+"):
                if !isInClass, rest.first == UInt8(ascii: "+") { return "possessive quantifiers" }
            default: continue
            }
        }
        return nil
    }

    private static func starts(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
        bytes.starts(with: text.utf8)
    }
}
