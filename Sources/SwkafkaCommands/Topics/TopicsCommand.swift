import ArgumentParser

/// `swkafka topics`: create, list, describe, alter and delete topics.
struct TopicsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "Create, list, describe, change and delete topics.",
        discussion: """
            Give exactly one of --list, --describe, --create, --alter and --delete. Except with --create, --topic is a \
            regular expression that must match the whole name; a comma means "or".

            JSON
              --list: [{topic, internal}].

            --describe: [{topic, topicId, partitionCount, replicationFactor, configs: {…}, partitions: [{partition, \
            leader, replicas, isr, elr, lastKnownElr, addingReplicas, removingReplicas}]}].

            EXAMPLES
              swkafka topics --bootstrap-server localhost:9092 --create \\
                --topic orders --partitions 6
              swkafka topics --bootstrap-server localhost:9092 --list
              swkafka topics --bootstrap-server localhost:9092 --describe \\
                --topic 'orders|payments'
              swkafka topics --bootstrap-server localhost:9092 --describe \\
                --under-replicated-partitions
              swkafka topics --bootstrap-server localhost:9092 --alter \\
                --topic orders --partitions 12
              swkafka topics --bootstrap-server localhost:9092 --delete --topic orders

            DIFFERENCES
              Errors and warnings go to standard error, not to standard output. Topics come sorted by name. A word \
            that belongs to no option is the topic of --describe, as old instructions have it (--describe orders), and an \
            error elsewhere.
            """
    )

    static let repeatable: Set<String> = ["config", "delete-config"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions
    @OptionGroup(title: "Action") var actions: TopicsActionOptions
    @OptionGroup(title: "Topic") var topics: TopicsSelectionOptions
    @OptionGroup(title: "Filters for --describe") var filters: TopicsFilterOptions
    @Argument(help: .hidden) var words: [String] = []

    /// `--topic`, or the word that stands for it.
    var topic: String? { topics.topic ?? words.first }

    func validate() throws { try TopicsRules.check(self) }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        if !topics.deleteConfig.isEmpty {
            context.complain("--delete-config has no effect here; use 'swkafka configs --alter --delete-config'.\n")
        }
        return try await TopicsRunner(command: self, context: context).run()
    }
}

/// What to do; exactly one.
struct TopicsActionOptions: ParsableArguments {
    @Flag(help: "List the names of topics.") var list = false
    @Flag(help: "Show partitions, leaders, replicas and settings of topics.") var describe = false
    @Flag(help: "Create a topic.") var create = false
    @Flag(help: "Raise the number of partitions.") var alter = false
    @Flag(help: "Delete topics.") var delete = false
    @Flag(help: "Delete without a question, which is asked on a terminal only.") var yes = false

    var chosen: [TopicsAction] {
        var chosen: [TopicsAction] = []
        if list { chosen.append(.list) }
        if describe { chosen.append(.describe) }
        if create { chosen.append(.create) }
        if alter { chosen.append(.alter) }
        if delete { chosen.append(.delete) }
        return chosen
    }
}

enum TopicsAction: String {
    case list, describe, create, alter, delete
}

/// Which topic, and how it shall be.
struct TopicsSelectionOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The topic to create; else a regular expression for whole names.", valueName: "name")
    )
    var topic: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Describe the topic with this id; wins over --topic.", valueName: "uuid")
    )
    var topicId: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Number of partitions; with --alter the new total.", valueName: "count")
    )
    var partitions: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("Replicas of each partition.", valueName: "count"))
    var replicationFactor: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Broker ids for each partition, the preferred leader first.", valueName: "b1:b2,b1:b2,…")
    )
    var replicaAssignment: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the new topic; may be repeated.", valueName: "key=value")
    )
    var config: [String] = []

    @Option(parsing: .unconditionalSingleValue, help: .hidden)
    var deleteConfig: [String] = []

    @Flag(help: "Do nothing when no topic matches (--describe, --alter, --delete).") var ifExists = false
    @Flag(help: "Do nothing when the topic is there already (--create).") var ifNotExists = false
    @Flag(help: "Leave out Kafka's own topics (--list, --describe).") var excludeInternal = false

    // Options of old releases that ask for what is always so now.
    @Flag(help: .hidden) var force = false
    @Flag(help: .hidden) var disableRackAware = false
}

/// Which partitions `--describe` shows; a partition is shown if any of them matches.
struct TopicsFilterOptions: ParsableArguments {
    @Flag(help: "Partitions with fewer replicas in sync than there are replicas.")
    var underReplicatedPartitions = false
    @Flag(help: "Partitions whose leader is missing or not alive.") var unavailablePartitions = false
    @Flag(help: "Partitions with fewer replicas in sync than min.insync.replicas.")
    var underMinIsrPartitions = false
    @Flag(help: "Partitions with exactly min.insync.replicas replicas in sync.") var atMinIsrPartitions = false
    @Flag(help: "Only topics with settings of their own, without their partitions.")
    var topicsWithOverrides = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Partitions asked for in one request.", valueName: "count")
    )
    var partitionSizeLimitPerResponse: Int32 = 2000
}
