import ArgumentParser

/// `swkafka get-offsets`: offsets of partitions by time.
struct GetOffsetsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get-offsets",
        abstract: "Show first, last or timed offsets of partitions.",
        discussion: """
            Prints topic:partition:offset for each partition, sorted by topic and partition as text. A partition \
            without such an offset (an empty one with max-timestamp, a time after the last record) is left out.

            --topic-partitions is a list of patterns, [topic][:part]: topic a regular expression for whole names, part \
            one partition (3), a range without its end (0-4, 2-, -4), or nothing for all.

            JSON
              get-offsets: [{topic, partition, offset}].

            EXAMPLES
              swkafka get-offsets --bootstrap-server localhost:9092 --topic orders
              swkafka get-offsets --bootstrap-server localhost:9092 --time earliest
              swkafka get-offsets --bootstrap-server localhost:9092 \\
                --topic-partitions 'orders:0-4,pay.*' --time 1730000000000

            DIFFERENCES
              The exit status is 1 if any partition's offset could not be had; Kafka's script says 0.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Topics: a regular expression for whole names, commas mean \"or\".", valueName: "regex")
    )
    var topic: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Only these partitions.", valueName: "0,1,…"))
    var partitions: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Patterns for topics and partitions.", valueName: "patterns"))
    var topicPartitions: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "latest (-1), earliest (-2), max-timestamp (-3), earliest-local (-4), latest-tiered (-5), or the first "
                + "offset at or after a time in milliseconds since 1970.",
            valueName: "time"
        )
    )
    var time = "latest"

    @Flag(help: "Leave out Kafka's own topics.") var excludeInternalTopics = false

    // Options of old releases without effect today.
    @Option(parsing: .unconditional, help: .hidden) var offsets: Int?
    @Option(parsing: .unconditional, help: .hidden) var maxWaitMs: Int?

    func validate() throws {
        if topicPartitions != nil, topic != nil || partitions != nil {
            throw ValidationError("--topic-partitions cannot be used with --topic or --partitions.")
        }
        do throws(CommandFailure) {
            _ = try filter()
            _ = try OffsetTime(time)
        } catch {
            throw ValidationError(error.message)
        }
    }

    func filter() throws(CommandFailure) -> PartitionFilter {
        if let topicPartitions { return try PartitionFilter(patterns: topicPartitions) }
        return try PartitionFilter(topic: topic, partitions: partitions)
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await GetOffsetsRunner(command: self, context: context).run()
    }
}

/// The time whose offset is asked for, with the protocol's special values.
struct OffsetTime: Equatable {
    var timestamp: Int64

    static let words: KeyValuePairs<String, Int64> = [
        "latest": -1, "earliest": -2, "max-timestamp": -3, "earliest-local": -4, "latest-tiered": -5,
    ]

    init(_ text: String) throws(CommandFailure) {
        if let word = Self.words.first(where: { $0.key == text }) {
            timestamp = word.value
        } else if let number = Int64(text) {
            timestamp = number
        } else {
            throw CommandFailure(
                "'\(text)' is no time: give latest, earliest, max-timestamp, earliest-local, latest-tiered, or "
                    + "milliseconds since 1970.",
                status: .usage
            )
        }
    }
}
