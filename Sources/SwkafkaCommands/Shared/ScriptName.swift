import ArgumentParser

/// The names of Kafka's scripts: a link to the executable that bears one behaves as that script.
enum ScriptName {
    /// The scripts in Kafka's `bin` folder that begin with `kafka-`, without that and `.sh`, apart from those that only
    /// make sense with a Java machine.
    private static let scripts: Set<String> = [
        "acls", "broker-api-versions", "client-metrics", "cluster", "configs", "console-consumer", "console-producer",
        "console-share-consumer", "consumer-groups", "consumer-perf-test", "delegation-tokens", "delete-records",
        "dump-log", "e2e-latency", "features", "get-offsets", "groups", "leader-election", "log-dirs",
        "metadata-quorum", "producer-perf-test", "reassign-partitions", "replica-verification", "server-start",
        "server-stop", "share-groups", "storage", "streams-application-reset", "streams-groups", "topics",
        "transactions", "verifiable-consumer", "verifiable-producer",
    ]

    /// Scripts that pass over words that belong to no option. The others refuse them, or take some.
    static let passesOverWords: Set<String> = [
        "acls", "broker-api-versions", "client-metrics", "configs", "console-consumer", "console-producer",
        "console-share-consumer", "consumer-groups", "consumer-perf-test", "delegation-tokens", "delete-records",
        "dump-log", "get-offsets", "groups", "leader-election", "log-dirs", "reassign-partitions",
        "replica-verification", "share-groups", "streams-application-reset", "streams-groups", "topics",
    ]

    /// The commands that stand for a script, in the order of the help.
    static var commands: [String] {
        Swkafka.configuration.subcommands.compactMap { $0.configuration.commandName }.filter(scripts.contains)
    }

    /// The command that a program called by this path stands for: `topics` for `/usr/local/bin/kafka-topics.sh`, nil
    /// for any name that is not a script's.
    static func command(calledAs path: String) -> String? {
        var name = path.split(separator: "/").last.map(String.init) ?? ""
        guard name.hasPrefix("kafka-") else { return nil }
        name.removeFirst("kafka-".count)
        if name.hasSuffix(".sh") { name.removeLast(".sh".count) }
        return commands.contains(name) ? name : nil
    }

    /// The file names that a command answers to.
    static func fileNames(of command: String) -> [String] { ["kafka-\(command)", "kafka-\(command).sh"] }
}
