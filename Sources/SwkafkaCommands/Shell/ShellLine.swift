/// What a line at the prompt asks for.
enum ShellLine: Equatable {
    case nothing
    /// A line for the system's shell.
    case system(String)
    /// nil forgets the topic.
    case use(String?)
    case help
    case exit
    /// A command of swkafka: its words as they were typed, those that were added, and what follows (pipes, redirections).
    case command(text: String, added: [String], rest: String)
    /// No such command.
    case unknown(String)

    /// - Parameters:
    ///   - commands: the names of swkafka's commands.
    ///   - topic: the one in use.
    init(_ line: String, commands: [String], topic: String?) {
        let trimmed = KeyValueOptions.trimmed(line)
        if trimmed.isEmpty || trimmed.hasPrefix("#") {
            self = .nothing
            return
        }
        if trimmed.hasPrefix("!") {
            self = .system(KeyValueOptions.trimmed(trimmed.dropFirst()))
            return
        }
        let parts = ShellWords(trimmed)
        var words = parts.words
        if words.last == "" { words.removeLast() }
        var text = String(parts.text)
        // What one types everywhere else.
        if words.first == "swkafka", words.count > 1 {
            words.removeFirst()
            text = KeyValueOptions.trimmed(text.dropFirst("swkafka".count))
        }
        switch words.first ?? "" {
        case "exit", "quit": self = .exit
        case "help" where words.count == 1: self = .help
        case "use": self = .use(words.count > 1 ? words[1] : nil)
        case let name where commands.contains(name) || name.hasPrefix("-") || name == "help":
            self = .command(text: text, added: Self.added(words, topic), rest: String(parts.rest))
        case let name: self = .unknown(name)
        }
    }

    private static let withTopic: Set<String> = [
        "console-producer", "console-consumer", "console-share-consumer", "get-offsets", "producer-perf-test",
        "consumer-perf-test", "describe",
    ]

    /// Options that say what topic is meant.
    private static let naming = ["--topic", "--include", "--whitelist", "--topic-id", "--topic-partitions", "--broker"]

    /// `--topic` for commands that read or write one, never for those that change or delete.
    private static func added(_ words: [String], _ topic: String?) -> [String] {
        guard let topic, let command = words.first else { return [] }
        let isNamed = words.contains { word in naming.contains { word == $0 || word.hasPrefix($0 + "=") } }
        let isHelp = words.contains("--help") || words.contains("-h")
        let takesTopic = withTopic.contains(command) || (command == "topics" && words.contains("--describe"))
        return takesTopic && !isNamed && !isHelp ? ["--topic", topic] : []
    }
}
