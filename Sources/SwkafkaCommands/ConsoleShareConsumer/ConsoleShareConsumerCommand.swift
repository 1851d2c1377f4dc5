import ArgumentParser
import KafkaClient

/// `swkafka console-share-consumer`: a topic to standard output, shared with others record by record.
struct ConsoleShareConsumerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "console-share-consumer",
        abstract: "Read a topic as a member of a share group.",
        discussion: """
            Members of a share group (KIP-932) share partitions record by record: each record goes to one of them, is \
            acknowledged by itself, and goes to another if it is not. A record is acknowledged once it was written to \
            standard output: as accepted, or with --release given back, or with --reject never delivered again. What was \
            fetched and not written when the command ends is given back. It goes on until --max-messages records were \
            read, no record came for --timeout-ms, or Ctrl-C.

            Share groups need Apache Kafka 4.1 or newer with the feature share.version at 1; the bundled broker has none. \
            A new group begins at the end of its topics, unless its setting share.auto.offset.reset says earliest: \
            swkafka configs --alter --entity-type groups --entity-name G --add-config share.auto.offset.reset=earliest.

            Formatter properties (--formatter-property), --format and --output are those of console-consumer; \
            print.delivery=true prints how often a record has been delivered.

            EXAMPLES
              swkafka console-share-consumer --bootstrap-server localhost:9092 --topic jobs \\
                --group workers
              swkafka console-share-consumer --bootstrap-server localhost:9092 --topic jobs \\
                --group workers --release --max-messages 10 \\
                --formatter-property print.delivery=true
              swkafka console-share-consumer --bootstrap-server localhost:9092 --topic jobs \\
                --group workers --reject-message-on-error \\
                --value-deserializer org.apache.kafka.common.serialization.LongDeserializer

            JSON
              --output json prints each record as console-consumer does, with deliveryCount after leaderEpoch.

            DIFFERENCES
              The time that it takes to join the group, up to ten seconds, does not count for --timeout-ms. The exit \
            status is 1 when reading failed or an acknowledgement did not arrive (Kafka's script says 0), 0 when \
            --timeout-ms passed, 130 or 143 after a signal. A reader that goes away (| head -1) ends the command at once \
            and silently; what it may not have read is given back. The settings file is read whatever its option is called.
            """
    )

    static let repeatable: Set<String> = ["formatter-property", "property", "command-property", "consumer-property"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to read.", valueName: "name"))
    var topic: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The share group. (default: console-share-consumer)", valueName: "id")
    )
    var group: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Stop after this many records.", valueName: "count"))
    var maxMessages: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Stop when no record came for this long.", valueName: "ms")
    )
    var timeoutMs: Int?

    @Flag(help: "Give each record back after it was written: it is delivered again.") var release = false
    @Flag(help: "Reject each record after it was written: it is not delivered again.") var reject = false
    @Flag(help: "Reject records that the formatter cannot print, and go on.") var rejectMessageOnError = false

    @OptionGroup(title: "How to print it") var printing: ConsumerPrintingOptions

    @Option(
        name: .customLong("command-property"),
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the consumer; wins over --command-config.", valueName: "key=value")
    )
    var commandProperty: [String] = []

    @Option(name: .customLong("consumer-property"), parsing: .unconditionalSingleValue, help: .hidden)
    var consumerProperty: [String] = []
    @Option(name: .customLong("consumer.config"), parsing: .unconditional, help: .hidden)
    var consumerConfig: String?
    @Option(name: .customLong("consumer-config"), parsing: .unconditional, help: .hidden)
    var consumerConfigDashed: String?
    @Flag(help: .hidden) var enableSystestEvents = false

    func validate() throws {
        guard let topic, !topic.isEmpty else { throw ValidationError("--topic is needed.") }
        guard !release || !reject else { throw ValidationError("Give --release or --reject, not both.") }
        guard commandProperty.isEmpty || consumerProperty.isEmpty else {
            throw ValidationError("Give --command-property or its old spelling --consumer-property, not both.")
        }
        guard [connection.commandConfig, consumerConfig, consumerConfigDashed].compactMap({ $0 }).count <= 1 else {
            throw ValidationError("Give --command-config or its old spelling --consumer-config, not both.")
        }
        guard !rejectMessageOnError || !printing.skipMessageOnError else {
            throw ValidationError("Give --reject-message-on-error or --skip-message-on-error, not both.")
        }
        try printing.check()
    }

    /// What becomes of a record that was written.
    var outcome: ShareAcknowledgement { reject ? .reject : release ? .release : .accept }

    /// The consumer's settings: options win over `--command-property`, that over the file.
    func properties() throws(CommandFailure) -> [String: String] {
        let own = KeyValueOptions.parse(commandProperty + consumerProperty)
        var file: [String: String] = [:]
        if let path = connection.commandConfig ?? consumerConfig ?? consumerConfigDashed {
            file = try PropertyFiles.read(path)
        }
        let groups = Set([group, own["group.id"], file["group.id"]].compactMap { $0 })
        guard groups.count <= 1 else {
            throw CommandFailure(
                "Group ids differ: \(groups.sorted().map { "'\($0)'" }.joined(separator: ", ")). Give one.",
                status: .usage
            )
        }
        var properties = file.merging(own) { $1 }
        properties["client.id"] = properties["client.id"] ?? "console-share-consumer"
        properties["group.id"] = groups.first ?? "console-share-consumer"
        return properties
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ConsoleShareConsumerRunner(command: self, context: context).run()
    }
}
