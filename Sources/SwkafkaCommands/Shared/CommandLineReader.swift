import ArgumentParser

/// Turns words into a command, with the habits of Kafka's scripts that the parsing library does not have: `-list` for
/// `--list`, and an error for an option given twice.
enum CommandLineReader {
    static func parse(_ words: [String]) throws -> any ParsableCommand {
        guard let name = words.first, !name.hasPrefix("-"), name != "help" else {
            return try Swkafka.parseAsRoot(words)
        }
        let words = optionsBehindSubcommand(words)
        let (path, type) = try target(of: words)
        let rest = try normalised(Array(words.dropFirst(path.count)), for: type)
        // Parsed without the tree above it, which takes half the time. Help, version and mistakes need the tree for
        // their words, and get it in a second attempt.
        if let command = try? type.parseAsRoot(rest), command is any SwkafkaCommand { return command }
        // A mistyped option may be the very one that the library would call missing: name it first.
        try optionTable(type).checkNames(in: rest)
        return try Swkafka.parseAsRoot(path + rest)
    }

    /// The help that a command line asks for and nothing else, nil for any other.
    ///
    /// The library would parse such a line twice and lay the help out twice before it prints it.
    static func help(for words: [String]) -> String? {
        guard let last = words.last, last == "--help" || last == "-h" else { return nil }
        let path = commandPath(of: words)
        guard !path.isEmpty, words.count == path.count + 1 else { return nil }
        var type: any ParsableCommand.Type = Swkafka.self
        for word in path {
            let next = type.configuration.subcommands.first { $0.configuration.commandName == word }
            guard let next else { return nil }
            type = next
        }
        return Swkafka.helpMessage(for: type)
    }

    /// Moves options that stand between a group of commands and the command in it behind the command, as in
    /// `transactions --bootstrap-server host:port list`: Kafka's script wants them there.
    private static func optionsBehindSubcommand(_ words: [String]) -> [String] {
        guard words.count > 2, words[1].hasPrefix("--"),
            let group = Swkafka.configuration.subcommands.first(where: { $0.configuration.commandName == words[0] }),
            !group.configuration.subcommands.isEmpty, !(group is any SwkafkaCommand.Type)
        else { return words }
        var index = 1
        while index < words.count, words[index].hasPrefix("--") {
            // The options of a connection take a value, in the same word or the next.
            index += words[index].contains("=") ? 1 : 2
        }
        guard index < words.count else { return [words[0]] }
        return [words[0], words[index]] + words[1..<index] + words[(index + 1)...]
    }

    /// The command that the first words name, in a group of commands also the second; and those words.
    private static func target(of words: [String]) throws(CommandFailure) -> ([String], any ParsableCommand.Type) {
        var path: [String] = []
        var type: any ParsableCommand.Type = Swkafka.self
        for word in words where !type.configuration.subcommands.isEmpty {
            guard !word.hasPrefix("-") else { break }
            let types = type.configuration.subcommands
            guard let next = types.first(where: { $0.configuration.commandName == word }) else {
                throw unknownCommand(word, of: path, among: types.compactMap { $0.configuration.commandName })
            }
            path.append(word)
            type = next
        }
        return (path, type)
    }

    /// The words at the beginning of a command line that name a command, as far as they do.
    static func commandPath(of words: [String]) -> [String] {
        var path: [String] = []
        var types = Swkafka.configuration.subcommands
        for word in words {
            guard let next = types.first(where: { $0.configuration.commandName == word }) else { break }
            path.append(word)
            types = next.configuration.subcommands
        }
        return path
    }

    private static func unknownCommand(_ name: String, of path: [String], among names: [String]) -> CommandFailure {
        let group = (["swkafka"] + path).joined(separator: " ")
        let nearest = NearestWord.of(name, in: names)
        return CommandFailure(
            "\(group): there is no command '\(name)'.",
            hint: nearest.map { "Did you mean '\(group) \($0)'?" } ?? "See '\(group) --help' for all commands.",
            status: .usage
        )
    }

    private static func normalised(_ words: [String], for type: any ParsableCommand.Type) throws -> [String] {
        let repeatable = (type as? any SwkafkaCommand.Type)?.repeatable ?? []
        guard needsTable(words, repeatable: repeatable) else { return words }
        return try optionTable(type).normalise(words, repeatable: repeatable)
    }

    private static func optionTable(_ type: any ParsableCommand.Type) -> OptionTable {
        OptionTable(help: type.helpMessage(includeHidden: true, columns: 10_000))
    }

    /// Whether the words hold anything that the option table is needed for; usually not, which saves its building.
    private static func needsTable(_ words: [String], repeatable: Set<String>) -> Bool {
        var seen: Set<Substring> = []
        for word in words where word.hasPrefix("-") {
            let isLong = word.hasPrefix("--")
            if !isLong, word.count > 2 { return true }
            let name = word.dropFirst(2).prefix { $0 != "=" }
            if isLong, !repeatable.contains(String(name)), !seen.insert(name).inserted { return true }
        }
        return false
    }
}

/// Which long options a command has and which of them take a value, read from its help.
struct OptionTable {
    enum Value { case none, optional, required }

    let options: [String: Value]

    init(help: String) {
        var options: [String: Value] = [:]
        for line in help.split(separator: "\n") where line.hasPrefix("  -") {
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

    /// Writes `-name` as `--name` and refuses options given twice.
    func normalise(_ words: [String], repeatable: Set<String>) throws(CommandFailure) -> [String] {
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
