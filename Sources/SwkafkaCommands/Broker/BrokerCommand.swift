import ArgumentParser

/// `swkafka broker`: the bundled broker.
struct BrokerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Run the bundled broker.",
        discussion: """
            One process is controller and broker in one; there is no format step. When it answers requests it says so on \
            standard output, with its address; port 0 picks a free port. Ctrl-C or SIGTERM finishes what is under way, \
            flushes and ends with status 0; a second signal ends at once.

            EXAMPLES
              swkafka broker
              swkafka broker --ephemeral --listen 127.0.0.1:0
              swkafka broker --config server.properties --override log.retention.ms=60000

            DIFFERENCES
            Without --data-dir and log.dirs, data are kept in $XDG_DATA_HOME/swkafka or ~/.local/share/swkafka, not below \
            /tmp, where Kafka's default loses them at the next start of the machine.
            """
    )

    static let repeatable: Set<String> = ["override"]

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A property file, as Kafka's server.properties.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var config: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting that wins over the file; may be repeated.", valueName: "key=value")
    )
    var override: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where to listen. (default: 127.0.0.1:9092)", valueName: "host:port")
    )
    var listen: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where data live. (default: ~/.local/share/swkafka)", valueName: "dir"),
        completion: .directory
    )
    var dataDir: String?

    @Flag(help: "Keep data in a temporary directory and remove it at the end.") var ephemeral = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Whether using an unknown topic creates it: true or false.", valueName: "true|false")
    )
    var autoCreateTopics: Bool?

    func validate() throws {
        if ephemeral, dataDir != nil { throw ValidationError("Give --ephemeral or --data-dir, not both.") }
        for item in override where !item.contains("=") || item.hasPrefix("=") {
            throw ValidationError("'\(item)' is no setting for --override: give key=value.")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await BrokerRunner(command: self, context: context).run()
    }
}
