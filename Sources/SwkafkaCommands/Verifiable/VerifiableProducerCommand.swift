import ArgumentParser

/// `swkafka verifiable-producer`: numbers to a topic, and what became of each.
struct VerifiableProducerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "verifiable-producer",
        abstract: "Write numbers to a topic and tell what became of each.",
        discussion: """
            Sends 0, 1, 2, … and prints a JSON object a line: startup_complete, producer_send_success or \
            producer_send_error for each record, shutdown_complete, and tool_data with the counts. Ends after \
            --max-messages, or at SIGINT or SIGTERM, when the last two lines are still printed.

            EXAMPLES
              swkafka verifiable-producer --bootstrap-server localhost:9092 \\
                --topic t --max-messages 1000 --throughput 100

            DIFFERENCES
              The exit status is 1 if any record was not acknowledged; Kafka's script says 0. An error's field \
            "exception" holds this client's own name for it.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to write to.", valueName: "name")) var topic: String
    @Option(parsing: .unconditional, help: ArgumentHelp("How many records; -1 for no end.", valueName: "count"))
    var maxMessages = -1
    @Option(parsing: .unconditional, help: ArgumentHelp("Records per second; -1 for no limit.", valueName: "rate"))
    var throughput = -1
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("-1 (every replica in sync), 1 (the leader) or 0 (nobody).", valueName: "acks")
    )
    var acks = -1
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The first record's time in ms since 1970; -1 for now.", valueName: "ms")
    )
    var messageCreateTime: Int64 = -1
    @Option(parsing: .unconditional, help: ArgumentHelp("Values are this, a dot and the number.", valueName: "number"))
    var valuePrefix: Int?
    @Option(parsing: .unconditional, help: ArgumentHelp("Keys 0 to count − 1 in turn.", valueName: "count"))
    var repeatingKeys: Int?
    @Option(name: .customLong("producer.config"), parsing: .unconditional, help: .hidden) var producerConfig: String?

    func validate() throws {
        guard [-1, 0, 1].contains(acks) else { throw ValidationError("--acks must be -1, 0 or 1.") }
        guard throughput != 0 else { throw ValidationError("--throughput must be above 0, or -1 for no limit.") }
        if let repeatingKeys, repeatingKeys < 1 { throw ValidationError("--repeating-keys must be at least 1.") }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await VerifiableProducerRunner(command: self, context: context).run()
    }
}
