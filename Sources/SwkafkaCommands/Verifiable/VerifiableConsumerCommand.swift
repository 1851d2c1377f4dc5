import ArgumentParser

/// `swkafka verifiable-consumer`: what a member of a group goes through, as JSON.
struct VerifiableConsumerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "verifiable-consumer",
        abstract: "Read as a member of a group and tell what happens.",
        discussion: """
            Prints a JSON object a line: startup_complete, partitions_assigned, partitions_revoked, record_data (with \
            --verbose), records_consumed, offsets_committed, shutdown_complete. Offsets are committed after each batch, \
            unless --enable-autocommit. Ends after --max-messages, or at SIGINT or SIGTERM.

            EXAMPLES
              swkafka verifiable-consumer --bootstrap-server localhost:9092 \\
                --topic t --group-id g --max-messages 1000

            DIFFERENCES
              records_consumed tells of one batch of one partition, Kafka's script of a whole poll. The exit status is 1 \
            if reading or a commit failed; Kafka's script says 0.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to read.", valueName: "name")) var topic: String
    @Option(parsing: .unconditional, help: ArgumentHelp("The group to join.", valueName: "name")) var groupId: String
    @Option(parsing: .unconditional, help: ArgumentHelp("classic or consumer.", valueName: "protocol"))
    var groupProtocol = "classic"
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The broker's assignor, with --group-protocol consumer.", valueName: "name")
    )
    var groupRemoteAssignor: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Be a static member.", valueName: "id"))
    var groupInstanceId: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("How many records; -1 for no end.", valueName: "count"))
    var maxMessages = -1
    @Option(parsing: .unconditional, help: ArgumentHelp("Session timeout, with classic.", valueName: "ms"))
    var sessionTimeout = 30_000
    @Flag(help: "Print each record.") var verbose = false
    @Flag(help: "Let the consumer commit by itself.") var enableAutocommit = false
    @Option(parsing: .unconditional, help: ArgumentHelp("earliest, latest or none.", valueName: "policy"))
    var resetPolicy = "earliest"
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("range, roundrobin, sticky, cooperative-sticky, or Kafka's class.", valueName: "strategy")
    )
    var assignmentStrategy = "range"
    @Option(name: .customLong("consumer.config"), parsing: .unconditional, help: .hidden) var consumerConfig: String?

    func validate() throws {
        guard ["classic", "consumer"].contains(groupProtocol.lowercased()) else {
            throw ValidationError("--group-protocol must be classic or consumer.")
        }
        guard ["earliest", "latest", "none"].contains(resetPolicy) else {
            throw ValidationError("--reset-policy must be earliest, latest or none.")
        }
        guard !groupId.isEmpty else { throw ValidationError("--group-id must not be empty.") }
    }

    /// The consumer's properties: options win over the file.
    func properties() throws(CommandFailure) -> [String: String] {
        var properties = ["client.id": "verifiable-consumer"]
        if let file = connection.commandConfig ?? consumerConfig {
            properties.merge(try PropertyFiles.read(file)) { $1 }
        }
        properties["group.id"] = groupId
        properties["group.protocol"] = groupProtocol.lowercased()
        properties["auto.offset.reset"] = resetPolicy
        properties["enable.auto.commit"] = String(enableAutocommit)
        if let groupInstanceId { properties["group.instance.id"] = groupInstanceId }
        if groupProtocol.lowercased() == "consumer" {
            if let groupRemoteAssignor { properties["group.remote.assignor"] = groupRemoteAssignor }
        } else {
            properties["session.timeout.ms"] = String(sessionTimeout)
            properties["partition.assignment.strategy"] = assignmentStrategy
        }
        return properties
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await VerifiableConsumerRunner(command: self, context: context).run()
    }
}
