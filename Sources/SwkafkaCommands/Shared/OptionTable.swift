/// Which long options a command has and which of them take a value, read from its help.
struct OptionTable {
    enum Value { case none, optional, required }

    let options: [String: Value]

    init(help: String) {
        var options: [String: Value] = [:]
        let lines = help.split(separator: "\n")
        // What stands above is prose, which may name options, too.
        let list = lines.drop { !$0.hasPrefix("USAGE:") }
        for line in list.isEmpty ? lines[...] : list where line.hasPrefix("  -") {
            // "  -h, --help          Show …", "  --topic <name>      The …"
            let label = line.dropFirst(2).prefix(upTo: OptionTable.endOfLabel(line.dropFirst(2)))
            let value: Value = label.contains("[<") ? .optional : label.contains("<") ? .required : .none
            for word in label.split(whereSeparator: { $0 == " " || $0 == "," }) where word.hasPrefix("--") {
                options[String(word.dropFirst(2).prefix { $0 != "[" })] = value
            }
        }
        self.options = options
    }

    /// The label ends before two blanks.
    private static func endOfLabel(_ line: Substring) -> Substring.Index {
        var index = line.startIndex
        while index < line.endIndex {
            let next = line.index(after: index)
            if line[index] == " ", next < line.endIndex, line[next] == " " { return index }
            index = next
        }
        return line.endIndex
    }

    /// Options that the parsing library answers without listing them in a help text.
    private static let unlisted: Set<String> = [
        "experimental-dump-help", "generate-completion-script", "help", "help-hidden", "version",
    ]

    /// Refuses the first long option that the command does not have, with the nearest one that it has.
    func checkNames(in words: [String]) throws(CommandFailure) {
        var index = 0
        while index < words.count, words[index] != "--" {
            let word = words[index]
            index += 1
            guard word.hasPrefix("--") else { continue }
            let name = String(word.dropFirst(2).prefix { $0 != "=" })
            guard let value = options[name] else {
                if Self.unlisted.contains(name) { return }
                let nearest = NearestWord.of(name, in: options.keys.sorted()).map { " Did you mean '--\($0)'?" }
                throw CommandFailure("There is no option '--\(name)'.\(nearest ?? "")", status: .usage)
            }
            if value == .required, !word.contains("=") { index += 1 }
        }
    }

    /// The options and their values, and apart from them the words that belong to no option.
    func withoutStrayWords(_ words: [String]) -> (kept: [String], stray: [String]) {
        var kept: [String] = []
        var stray: [String] = []
        var index = 0
        while index < words.count, words[index] != "--" {
            let word = words[index]
            index += 1
            guard word.hasPrefix("-") else {
                stray.append(word)
                continue
            }
            kept.append(word)
            guard !word.contains("="), index < words.count else { continue }
            let value = options[String(word.drop { $0 == "-" })] ?? .none
            if value == .required || (value == .optional && !words[index].hasPrefix("-")) {
                kept.append(words[index])
                index += 1
            }
        }
        return (kept, stray + words[index...].dropFirst())
    }

    /// Writes `-name` as `--name` and refuses options given twice.
    ///
    /// - Parameter respelled: options that other words stand for.
    func normalise(
        _ words: [String],
        repeatable: Set<String>,
        respelled: [String: [String]] = [:]
    ) throws(CommandFailure) -> [String] {
        var result: [String] = []
        var seen: Set<String> = []
        var index = 0
        while index < words.count {
            var word = words[index]
            index += 1
            if word == "--" {
                result.append(contentsOf: words[(index - 1)...])
                return result
            }
            let dashes = word.prefix { $0 == "-" }.count
            let name = String(word.dropFirst(dashes).prefix { $0 != "=" })
            guard dashes == 1 || dashes == 2, let value = options[name] else {
                result.append(word)
                continue
            }
            if dashes == 1, name.count > 1 { word = "-" + word }
            if value != .none, !repeatable.contains(name), !seen.insert(name).inserted {
                throw CommandFailure("Option --\(name) was given more than once.", status: .usage)
            }
            if let others = respelled[name] {
                result += others
                continue
            }
            result.append(word)
            let hasOwnValue = word.contains("=")
            guard !hasOwnValue, index < words.count else { continue }
            if value == .required || (value == .optional && !words[index].hasPrefix("-")) {
                result.append(words[index])
                index += 1
            }
        }
        return result
    }
}
