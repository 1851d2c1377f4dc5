import ArgumentParser

/// `swkafka run`: a broker for the time of another command.
struct RunCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command with a fresh broker of its own.",
        discussion: """
            A broker starts on a free port of this machine, with a data directory of its own; the topics are created, and \
            the command after -- runs with the broker's address in its environment. When the command ends, the broker \
            stops, and swkafka ends as the command did: with its exit status, or 128 + n when signal n ended it; 127 when \
            there is no such command and 126 when it cannot be run. The data go, unless the command failed: then the \
            directory is named on standard error. Several can run at once. With --brokers the brokers and a controller are \
            processes of their own, and the command finds them with SWKAFKA_CLUSTER_DIR: 'swkafka cluster kill 1001' in it \
            kills the first one.

            The command gets the address as KAFKA_BOOTSTRAP_SERVERS, BOOTSTRAP_SERVERS, KAFKA_BROKERS and \
            SPRING_KAFKA_BOOTSTRAP_SERVERS.

            A topic is its name, then, each after a colon, the number of partitions and any configs: orders, orders:6, \
            orders:6:cleanup.policy=compact:retention.ms=-1.

            EXAMPLES
              swkafka run -- pytest tests
              swkafka run --topic orders:6 --topic audit -- make test
              swkafka run --brokers 3 --override default.replication.factor=3 -- ./failover
              swkafka run -- sh -c 'swkafka topics --list --bootstrap-server $KAFKA_BOOTSTRAP_SERVERS'
            """
    )

    static let repeatable: Set<String> = ["topic", "override"]

    @Option(help: ArgumentHelp("Brokers; more than one is a cluster with a controller of its own.", valueName: "n"))
    var brokers: Int = 1

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A topic to create first; may be repeated.", valueName: "name[:partitions][:key=value]…")
    )
    var topic: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the broker; may be repeated.", valueName: "key=value")
    )
    var override: [String] = []

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command and its arguments, after --.", valueName: "command")
    )
    var command: [String] = []

    func validate() throws {
        if command.isEmpty {
            throw ValidationError("Which command? Give it after --, as in 'swkafka run -- make test'.")
        }
        guard (1...100).contains(brokers) else { throw ValidationError("Give 1 to 100 --brokers.") }
        for item in override where !item.contains("=") || item.hasPrefix("=") {
            throw ValidationError("'\(item)' is no setting for --override: give key=value.")
        }
        for item in topic { _ = try TopicOption.parse(item) }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await CommandWithBroker(command: self, context: context).run()
    }
}
