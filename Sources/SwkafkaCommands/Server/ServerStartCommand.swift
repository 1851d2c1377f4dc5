import ArgumentParser

/// `swkafka server-start`: the bundled broker, as Kafka's script starts one.
struct ServerStartCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "server-start",
        abstract: "Run the bundled broker with a property file.",
        discussion: """
            The same as swkafka-broker(1) with --config, for those who are used to Kafka's script.

            EXAMPLES
              swkafka server-start server.properties
              swkafka server-start server.properties --override log.retention.ms=60000

            DIFFERENCES
              There is no -daemon: end the command line with & to go on in the shell.
            """
    )

    static let repeatable: Set<String> = ["override"]

    @Argument(
        help: ArgumentHelp("A property file, as Kafka's server.properties.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var config: String

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting that wins over the file; may be repeated.", valueName: "key=value")
    )
    var override: [String] = []

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let settings = override.flatMap { ["--override", $0] }
        guard
            let broker = try CommandLineReader.parse(["broker", "--config", config] + settings) as? any SwkafkaCommand
        else { return .failure }
        return try await broker.execute(context)
    }
}
