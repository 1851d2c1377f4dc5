import ArgumentParser

/// `swkafka replica-verification`: whether all copies of partitions are the same.
struct ReplicaVerificationCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "replica-verification",
        abstract: "Compare the replicas of partitions.",
        discussion: """
            Reads the copies of each partition from all of its brokers, followers too, and compares the checksums of their \
            batches up to the high watermark, from the present end on unless --time says otherwise. It goes on until \
            Ctrl-C, or with --exit-at-end until everything that was there at the start is compared. Every \
            --report-interval-ms a line tells how far the slowest partition is behind its high watermark.

            Checksums are computed of the bytes that came, so that a copy that was damaged on its disk is found; which one \
            it is stands on standard error. A broker that is down holds up its own partitions, and no others.

            EXAMPLES
              swkafka replica-verification --bootstrap-server localhost:9092 --time -2 --exit-at-end
              swkafka replica-verification --broker-list localhost:9092 \\
                --topics-include 'orders|pay.*' --report-interval-ms 5000

            DIFFERENCES
              Kafka's script compares the checksums that batches bear, and so misses bytes that have changed since. It has \
            neither --exit-at-end nor settings of a client (--command-config). Records that retention deletes meanwhile, \
            topics that are deleted and partitions that move do not confuse it.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Topics to compare: a regular expression for whole names; commas mean or.",
            valueName: "regex"
        )
    )
    var topicsInclude: String?
    @Option(parsing: .unconditional, help: .hidden) var topicWhiteList: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where to begin: -1 is the end, -2 the beginning, else ms since 1970.", valueName: "time")
    )
    var time: Int64 = -1
    @Flag(help: "Stop at what is the end now; the exit status is 1 if copies differ.") var exitAtEnd = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Bytes of a partition in a fetch.", valueName: "bytes"))
    var fetchSize: Int32 = 1_048_576
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a broker may wait for records.", valueName: "ms")
    )
    var maxWaitMs: Int32 = 1000
    @Option(parsing: .unconditional, help: ArgumentHelp("Time between two lines about the lag.", valueName: "ms"))
    var reportIntervalMs: Int64 = 30_000

    func validate() throws {
        guard topicsInclude == nil || topicWhiteList == nil else {
            throw ValidationError("Give --topics-include or its old spelling --topic-white-list, not both.")
        }
        guard time >= -2 else { throw ValidationError("--time is -1 (the end), -2 (the beginning) or ms since 1970.") }
        guard fetchSize > 0 else { throw ValidationError("--fetch-size must be at least 1 byte.") }
        guard maxWaitMs >= 0 else { throw ValidationError("--max-wait-ms must not be negative.") }
        guard reportIntervalMs >= 0 else { throw ValidationError("--report-interval-ms must not be negative.") }
    }

    /// The regular expression for topics, under either name.
    var pattern: String { topicsInclude ?? topicWhiteList ?? ".*" }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ReplicaVerificationRunner(command: self, context: context).run()
    }
}
