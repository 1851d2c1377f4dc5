import ArgumentParser
import KafkaClient

/// `swkafka leader-election`: gives partitions the leader that they should have.
struct LeaderElectionCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "leader-election",
        abstract: "Elect leaders of partitions.",
        discussion: """
            preferred makes the first replica of a partition its leader, if it is in sync: to be done after a broker came \
            back. unclean makes a live replica the leader when none in sync is left; records that it lacks are lost, so that on \
            a terminal it asks first.

            JSON
              leader-election: [{topic, partition, outcome, reason}].

            EXAMPLES
              swkafka leader-election --bootstrap-server localhost:9092 \\
                --election-type preferred --all-topic-partitions
              swkafka leader-election --bootstrap-server localhost:9092 \\
                --election-type unclean --topic orders --partition 3

            DIFFERENCES
              Errors stand on standard error, without a Java trace. Where all partitions are asked for, those that already \
            have the right leader are not told.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("preferred or unclean.", valueName: "type"))
    var electionType: String
    @Option(parsing: .unconditional, help: ArgumentHelp("A topic; needs --partition.", valueName: "name"))
    var topic: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Its partition.", valueName: "number")) var partition: Int32?
    @Flag(help: "All partitions that need it.") var allTopicPartitions = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A file: {\"partitions\":[{\"topic\":\"orders\",\"partition\":1}]}.",
            valueName: "file"
        ),
        completion: .file(extensions: ["json"])
    )
    var pathToJsonFile: String?
    @Flag(help: "With unclean: do not ask.") var yes = false
    @Option(name: .customLong("admin.config"), parsing: .unconditional, help: .hidden) var adminConfig: String?

    func validate() throws {
        guard type != nil else {
            throw ValidationError("'\(electionType)' is no election type: give preferred or unclean.")
        }
        guard [topic != nil, allTopicPartitions, pathToJsonFile != nil].filter({ $0 }).count == 1 else {
            throw ValidationError("Give one of --topic, --all-topic-partitions and --path-to-json-file.")
        }
        guard (topic == nil) == (partition == nil) else {
            throw ValidationError("--topic and --partition go together: which partition of which topic?")
        }
        guard adminConfig == nil || connection.commandConfig == nil else {
            throw ValidationError("Give --command-config or its old spelling --admin.config, not both.")
        }
    }

    private var type: ElectionType? {
        switch electionType.lowercased() {
        case "preferred": .preferred
        case "unclean": .unclean
        default: nil
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        var connection = connection
        connection.commandConfig = connection.commandConfig ?? adminConfig
        let type = type ?? .preferred
        let partitions = try partitions()
        if type == .unclean {
            let what = partitions.map { Confirmation.count($0.count, "partition") } ?? "all partitions without one"
            try Confirmation.ask(
                "Elect an unclean leader of \(what), at the risk of losing records",
                isGiven: yes,
                refusal: "Nothing was changed.",
                context
            )
        }
        let results = try await ClientSession(connection).administer(context) { admin in
            try await admin.electLeaders(type, partitions: partitions)
        }
        let report = LeaderElectionReport(type: type, results: results, isOfAll: allTopicPartitions)
        try context.print(
            output.format,
            text: { report.text },
            table: { report.table(colour: $0) },
            value: { report.value }
        )
        if report.failures > 0 { context.complain("\(report.failures) replica(s) could not be elected\n") }
        return report.failures == 0 ? .success : .failure
    }

    /// The partitions named; nil for all.
    private func partitions() throws(CommandFailure) -> [TopicPartition]? {
        if let topic, let partition { return [TopicPartition(topic: topic, partition: partition)] }
        guard let pathToJsonFile else { return nil }
        return try ElectionFile.partitions(pathToJsonFile)
    }
}
