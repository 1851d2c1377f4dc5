/// The text of `--add-config`: `k=v,k=[v,v]`.
enum ConfigsGrammar {
    struct Addition: Equatable {
        var name: String
        var value: String
    }

    /// Splits at commas outside brackets, then at the one `=`; brackets around a value are dropped.
    static func additions(_ text: String) throws(CommandFailure) -> [Addition] {
        var additions: [Addition] = []
        for item in splitOutsideBrackets(text) {
            let halves = split(item)
            guard halves.count == 2 else {
                // Without the value, which may be a password.
                let name = KeyValueOptions.trimmed(halves[0])
                throw CommandFailure(
                    "'\(name)' in --add-config is not of the form key=value; a value with '=' or ',' needs [brackets].",
                    status: .usage
                )
            }
            let name = KeyValueOptions.trimmed(halves[0])
            let value = KeyValueOptions.trimmed(halves[1]).filter { $0 != "[" && $0 != "]" }
            try checkName(name)
            additions.removeAll { $0.name == name }
            additions.append(Addition(name: name, value: value))
        }
        return additions
    }

    static func checkName(_ name: String) throws(CommandFailure) {
        let isLegal = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isLegal else {
            throw CommandFailure(
                "'\(name)' is no name of a setting: only letters, digits, '.', '_' and '-' are allowed.",
                status: .usage
            )
        }
    }

    private static func splitOutsideBrackets(_ text: String) -> [String] {
        var items: [String] = [""]
        var depth = 0
        for character in text {
            if character == "[" { depth += 1 }
            if character == "]" { depth = max(0, depth - 1) }
            if character == ",", depth == 0 {
                items.append("")
            } else {
                items[items.count - 1].append(character)
            }
        }
        return items.map { KeyValueOptions.trimmed($0) }
    }

    /// At every `=` outside brackets.
    private static func split(_ item: String) -> [String] {
        var halves: [String] = [""]
        var depth = 0
        for character in item {
            if character == "[" { depth += 1 }
            if character == "]" { depth = max(0, depth - 1) }
            if character == "=", depth == 0 {
                halves.append("")
            } else {
                halves[halves.count - 1].append(character)
            }
        }
        return halves
    }
}
