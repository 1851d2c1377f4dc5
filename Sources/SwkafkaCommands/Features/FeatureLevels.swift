/// What is known of features without asking a cluster: levels that go with releases, and what levels need.
enum FeatureLevels {
    static let metadata = "metadata.version"
    private static let kraft = "kraft.version"

    /// The levels that are known here of each feature.
    private static let known: [String: ClosedRange<Int16>] = [
        metadata: 1...MetadataVersion.last.level, kraft: 0...1, "transaction.version": 0...2, "group.version": 0...1,
    ]

    /// All features at a release, in the order in which Kafka tells them.
    static func levels(of version: MetadataVersion) -> [(name: String, level: Int16)] {
        [
            (metadata, version.level), (kraft, version.kraftVersion),
            ("transaction.version", version.transactionVersion), ("group.version", version.groupVersion),
        ]
    }

    /// A level as people read it.
    static func text(_ name: String, _ level: Int16) -> String {
        guard name == metadata else { return "\(level)" }
        return MetadataVersion(level: level)?.name ?? "UNKNOWN \(level)"
    }

    /// Level and, for `metadata.version`, release.
    static func longText(_ name: String, _ level: Int16) -> String {
        name == metadata ? "\(name)=\(level) (\(text(name, level)))" : "\(name)=\(level)"
    }

    /// What `name` needs at `level`.
    static func dependencies(of name: String, _ level: Int16) throws(CommandFailure) -> [(name: String, level: Int16)] {
        guard let range = known[name] else { throw CommandFailure("Unknown feature: \(name)") }
        guard range.contains(level) else {
            throw CommandFailure("No feature: \(name) with feature level \(level)")
        }
        return name == kraft && level >= 1 ? [(name: metadata, level: Int16(21))] : []
    }

    /// What the levels in `name=level` pairs need, for people.
    static func dependenciesText(of words: [String]) throws(CommandFailure) -> String {
        var text = ""
        for (name, level) in try parse(words) {
            let needed = try dependencies(of: name, level)
            let title = longText(name, level)
            text += needed.isEmpty ? "\(title) has no dependencies.\n" : "\(title) requires:\n"
            for (name, level) in needed { text += "    \(longText(name, level))\n" }
        }
        return text
    }

    /// The release that a word names.
    static func release(_ word: String) throws(CommandFailure) -> MetadataVersion {
        let (oldest, last) = (MetadataVersion.oldest, MetadataVersion.last)
        guard let version = MetadataVersion(word), version.level >= oldest.level else {
            throw CommandFailure(
                "Unknown release version '\(word)'. Supported versions are: \(oldest.name) to \(last.name)"
            )
        }
        return version
    }

    /// `name=level` pairs, each feature once.
    static func parse(_ words: [String]) throws(CommandFailure) -> [(name: String, level: Int16)] {
        var levels: [(name: String, level: Int16)] = []
        for word in words {
            guard let equals = word.firstIndex(of: "=") else {
                throw CommandFailure("Can't parse feature=level string \(word): equals sign not found.")
            }
            let (name, text) = (String(word[..<equals]), word[word.index(after: equals)...])
            guard let level = Int16(text) else {
                throw CommandFailure("Can't parse feature=level string \(word): unable to parse \(text) as a short.")
            }
            guard !levels.contains(where: { $0.name == name }) else {
                throw CommandFailure("Feature \(name) was specified more than once.")
            }
            levels.append((name, level))
        }
        return levels
    }
}
