import ArgumentParser

/// Finds what may follow on a command line.
struct CompletionEngine {
    struct Candidate: Equatable {
        var text: String
        /// Empty for none.
        var meaning: String = ""
    }

    enum Answer: Equatable {
        case candidates([Candidate])
        /// The shell knows best which files there are.
        case files
    }

    /// What a cluster has, asked for only when it matters: the one that the words are about.
    private let snapshot: (_ words: [String]) -> ClusterSnapshot
    /// The names of the user's profiles.
    private let profiles: () -> [String]

    init(cluster: @escaping (_ words: [String]) -> ClusterSnapshot, profiles: @escaping () -> [String]) {
        snapshot = cluster
        self.profiles = profiles
    }

    /// The word that is being typed does not say yet which cluster it is about.
    func cluster(_ words: [String]) -> ClusterSnapshot { snapshot(Array(words.dropLast())) }

    /// - Parameter words: without the program's name; the last one is being typed.
    func complete(_ words: [String]) -> Answer {
        guard let current = words.last else { return .candidates([]) }
        var type: any ParsableCommand.Type = Swkafka.self
        var depth = 0
        for word in words.dropLast() where !type.configuration.subcommands.isEmpty {
            guard let next = type.configuration.subcommands.first(where: { $0.configuration.commandName == word })
            else {
                break
            }
            type = next
            depth += 1
        }
        let rest = Array(words.dropFirst(depth))
        if !type.configuration.subcommands.isEmpty, rest.count == 1, !current.hasPrefix("-") {
            return matching(current, Self.subcommands(type))
        }
        let table = CompletionTable(help: type.helpMessage(columns: 10_000))
        if let equals = current.firstIndex(of: "="), current.hasPrefix("--") {
            let name = String(current[..<equals].dropFirst(2))
            guard table.options[name]?.takesValue == true else { return .candidates([]) }
            return values(of: name, String(current[current.index(after: equals)...]), words, prefix: "--\(name)=")
        }
        if let before = rest.dropLast().last, before.hasPrefix("-"),
            let option = table.options[String(before.drop { $0 == "-" })], option.takesValue, !before.contains("=")
        {
            return values(of: String(before.drop { $0 == "-" }), current, words)
        }
        if !current.hasPrefix("-"), let places = places(type, rest, words) { return matching(current, places) }
        return matching(current, options(table, type, rest))
    }

    private func matching(_ prefix: String, _ candidates: [Candidate]) -> Answer {
        .candidates(candidates.filter { $0.text.hasPrefix(prefix) })
    }

    private static func subcommands(_ type: any ParsableCommand.Type) -> [Candidate] {
        type.configuration.subcommands.filter { $0.configuration.shouldDisplay }.compactMap { subcommand in
            let configuration = subcommand.configuration
            return configuration.commandName.map { Candidate(text: $0, meaning: configuration.abstract) }
        }
    }

    /// Options that are not there yet, or may be there again.
    private func options(
        _ table: CompletionTable,
        _ type: any ParsableCommand.Type,
        _ words: [String]
    ) -> [Candidate] {
        let repeatable = (type as? any SwkafkaCommand.Type)?.repeatable ?? []
        let used = Set(words.dropLast().map { String($0.drop { $0 == "-" }.prefix { $0 != "=" }) })
        return table.names.filter { !used.contains($0) || repeatable.contains($0) }.map { name in
            Candidate(text: "--\(name)", meaning: table.options[name]?.meaning ?? "")
        }
    }

    /// Words that belong to no option, where a command takes some.
    private func places(
        _ type: any ParsableCommand.Type,
        _ rest: [String],
        _ words: [String]
    ) -> [Candidate]? {
        switch type.configuration.commandName {
        case "show" where words.first == "profile", "use" where words.first == "profile",
            "set" where words.first == "profile" && rest.count == 1,
            "unset" where words.first == "profile" && rest.count == 1:
            profiles().map { Candidate(text: $0) }
        case "topics" where rest.dropLast().contains("--describe"): cluster(words).topics.map { Candidate(text: $0) }
        default: nil
        }
    }

    // MARK: Values

    private func values(of option: String, _ current: String, _ words: [String], prefix: String = "") -> Answer {
        let found: [Candidate]
        switch CompletionValues.kind(of: option, words) {
        case .files: return .files
        case .nothing: return .candidates([])
        case .words(let words): found = words.map { Candidate(text: $0) }
        case .profiles: found = profiles().map { Candidate(text: $0) }
        case .topics: found = cluster(words).topics.map { Candidate(text: $0) }
        case .groups: found = cluster(words).groups.map { Candidate(text: $0) }
        case .brokers: found = cluster(words).brokers.map { Candidate(text: $0.id, meaning: $0.address) }
        case .addresses: found = cluster(words).brokers.map { Candidate(text: $0.address) }
        case .configs(let kind, let takesValue):
            found = configs(kind, takesValue: takesValue, current, words)
        }
        return .candidates(
            found.filter { $0.text.hasPrefix(current) }.map { Candidate(text: prefix + $0.text, meaning: $0.meaning) }
        )
    }

    /// The names of settings, and after a name and `=` the values that it may have; several with commas between them.
    private func configs(
        _ kind: ConfigsEntity.Kind,
        takesValue: Bool,
        _ current: String,
        _ words: [String]
    ) -> [Candidate] {
        let settings =
            switch kind {
            case .topics: cluster(words).topicConfigs
            case .brokers: cluster(words).brokerConfigs
            default: CompletionValues.settings(of: kind)
            }
        let before = current.lastIndex(of: ",").map { String(current[...$0]) } ?? ""
        let item = current.dropFirst(before.count)
        guard takesValue, let equals = item.firstIndex(of: "=") else {
            return settings.map { Candidate(text: before + $0 + (takesValue ? "=" : "")) }
        }
        let name = String(item[..<equals])
        return CompletionValues.settingValues(name).map { Candidate(text: "\(before)\(name)=\($0)") }
    }
}

/// The options of a command with what they mean, read from its help.
struct CompletionTable {
    struct Option {
        var takesValue: Bool
        var meaning: String
    }

    private(set) var options: [String: Option] = [:]
    /// In the order of the help.
    private(set) var names: [String] = []

    init(help: String) {
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        // What stands above is prose, which may name options, too.
        let start = lines.firstIndex { $0.hasPrefix("USAGE:") } ?? lines.startIndex
        for (index, line) in lines.enumerated().dropFirst(start) where line.hasPrefix("  -") {
            let text = line.dropFirst(2)
            let end = Self.endOfLabel(text)
            let label = text[..<end]
            let takesValue = label.contains("<") && !label.contains("[<")
            var meaning = String(text[end...].drop { $0 == " " })
            // What an option with a long name means stands on the next line.
            if meaning.isEmpty, index + 1 < lines.count, lines[index + 1].hasPrefix("     ") {
                meaning = String(lines[index + 1].drop { $0 == " " })
            }
            for word in label.split(whereSeparator: { $0 == " " || $0 == "," }) where word.hasPrefix("--") {
                let name = String(word.dropFirst(2).prefix { $0 != "[" })
                options[name] = Option(takesValue: takesValue, meaning: meaning)
                names.append(name)
            }
        }
    }

    /// The label ends before two blanks.
    private static func endOfLabel(_ line: Substring) -> Substring.Index {
        var blanks = 0
        for index in line.indices {
            blanks = line[index] == " " ? blanks + 1 : 0
            if blanks == 2 { return line.index(before: index) }
        }
        return line.endIndex
    }
}
