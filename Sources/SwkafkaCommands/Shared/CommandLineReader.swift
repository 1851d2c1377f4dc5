import ArgumentParser

/// Turns words into a command, with the habits of Kafka's scripts that the parsing library does not have: `-list` for
/// `--list`, and an error for an option given twice.
enum CommandLineReader {
    /// - Parameter ignoring: is told of words that mean nothing and are passed over, as Kafka's scripts do; nil makes
    ///   them mistakes.
    static func parse(
        _ words: [String],
        ignoring: (([String]) -> Void)? = nil
    ) throws -> any ParsableCommand {
        guard let name = words.first, !name.hasPrefix("-"), name != "help" else {
            return try Swkafka.parseAsRoot(words)
        }
        let words = optionsBehindSubcommand(words)
        let (path, type) = try target(of: words)
        let rest = try normalised(Array(words.dropFirst(path.count)), for: type)
        // Parsed without the tree above it, which takes half the time. Help, version and mistakes need the tree for
        // their words, and get it in a second attempt.
        if let command = try? type.parseAsRoot(rest), command is any SwkafkaCommand { return command }
        let full = try completed(rest, for: type)
        if full != rest, let command = try? type.parseAsRoot(full), command is any SwkafkaCommand { return command }
        let table = optionTable(type)
        // A mistyped option may be the very one that the library would call missing: name it first.
        try table.checkNames(in: full)
        if let ignoring, ScriptName.passesOverWords.contains(name) {
            let (kept, stray) = table.withoutStrayWords(full)
            if !stray.isEmpty, let command = try? type.parseAsRoot(kept), command is any SwkafkaCommand {
                ignoring(stray)
                return command
            }
        }
        return try Swkafka.parseAsRoot(path + full)
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
        // Without a command there is nothing that the options could belong to, but for the group's own.
        guard index < words.count else { return [words[0]] + words.filter { $0 == "--help" || $0 == "--version" } }
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
        let command = type as? any SwkafkaCommand.Type
        let (repeatable, respelled) = (command?.repeatable ?? [], command?.respelled ?? [:])
        let isRespelled = !respelled.isEmpty && words.contains { respelled[String($0.dropFirst(2))] != nil }
        guard isRespelled || needsTable(words, repeatable: repeatable) else { return words }
        return try optionTable(type).normalise(words, repeatable: repeatable, respelled: respelled)
    }

    /// The words with abbreviated options in full. Words that parse as they are need not come here.
    private static func completed(_ words: [String], for type: any ParsableCommand.Type) throws -> [String] {
        let table = optionTable(type)
        let full = try OptionAbbreviations(
            table: table,
            shown: OptionTable(help: type.helpMessage(includeHidden: false, columns: 10_000))
        ).completing(words)
        return full == words ? words : try normalised(full, for: type)
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
