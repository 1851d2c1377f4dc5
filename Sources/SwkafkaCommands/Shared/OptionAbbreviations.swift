/// Options that were not written to their ends: `--boot` for `--bootstrap-server`.
///
/// Kafka's scripts with subcommands take them, and the perf and verifiable tools; the others refuse them, where they are
/// one mistake less here. The names of Kafka's options come first: what is unique among them does not become ambiguous
/// by an option that only exists here.
struct OptionAbbreviations {
    /// All options that the command takes.
    let table: OptionTable
    /// Those that its help tells of; others are old spellings.
    let shown: OptionTable

    /// Options that no script of Kafka's has.
    static let own: Set<String> = [
        "color", "count", "exit-at-end", "format", "from", "grep", "header", "html", "input", "key", "order", "output",
        "profile", "tail", "tail-total", "until", "watch", "where", "yes",
    ]

    /// The words with every abbreviation in full. Values and what follows `--` stay as they are.
    ///
    /// - Throws: when an abbreviation may mean several options.
    func completing(_ words: [String]) throws(CommandFailure) -> [String] {
        var result: [String] = []
        var index = 0
        while index < words.count, words[index] != "--" {
            var word = words[index]
            index += 1
            guard word.hasPrefix("--") else {
                result.append(word)
                continue
            }
            var name = String(word.dropFirst(2).prefix { $0 != "=" })
            if table.options[name] == nil, let full = try option(for: name) {
                word = "--\(full)" + word.dropFirst(2 + name.count)
                name = full
            }
            result.append(word)
            // An unknown option's value cannot be told from the next option.
            if table.options[name] == .required, !word.contains("="), index < words.count {
                result.append(words[index])
                index += 1
            }
        }
        return result + words[index...]
    }

    /// The one option that begins so; nil when there is none.
    private func option(for beginning: String) throws(CommandFailure) -> String? {
        guard !beginning.isEmpty else { return nil }
        let all = table.options.keys.filter { $0.hasPrefix(beginning) }
        let candidates = [
            all.filter { shown.options[$0] != nil && !Self.own.contains($0) }, all.filter { !Self.own.contains($0) },
            all,
        ].first { !$0.isEmpty }
        guard let candidates else { return nil }
        guard candidates.count == 1 else {
            let names = candidates.sorted().map { "--\($0)" }.joined(separator: ", ")
            throw CommandFailure("Option '--\(beginning)' is ambiguous; it may mean \(names).", status: .usage)
        }
        return candidates[0]
    }
}
