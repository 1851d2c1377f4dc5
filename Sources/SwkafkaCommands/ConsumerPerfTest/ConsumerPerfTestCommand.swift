import ArgumentParser

/// `swkafka consumer-perf-test`: how fast records can be read.
struct ConsumerPerfTestCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "consumer-perf-test",
        abstract: "Measure how fast a group reads a topic.",
        discussion: """
            Joins a group, reads so many records, and prints one line. MB counts keys and values, in units of 1,048,576 \
            bytes; the fetch columns leave out the time until partitions were assigned.

            JSON
              consumer-perf-test: {records, bytes, startMs, endMs, rebalanceMs, fetchMs, recordsPerSecond, \
            megabytesPerSecond, intervals: [{startMs, endMs, records, recordsPerSecond, megabytesPerSecond}]}.

            EXAMPLES
              swkafka consumer-perf-test --bootstrap-server localhost:9092 \\
                --topic t --messages 1000000
              swkafka consumer-perf-test --bootstrap-server localhost:9092 \\
                --topic t --messages 1000000 --show-detailed-stats

            DIFFERENCES
              When no record comes for --timeout, the exit status is 1 and the warning stands on standard error; Kafka's \
            script says 0 and warns on standard output. Checksums are checked. --date-format knows the letters y, M, d, \
            H, k, m, s and S. The whole of a batch that is begun is read, as Kafka's script reads whole polls.
              A line of --show-detailed-stats is also printed for what came after the last whole interval.
            """
    )

    static let repeatable: Set<String> = ["command-property"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to read.", valueName: "name"))
    var topic: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("Topics whose whole names match.", valueName: "regex"))
    var include: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("How many records to read.", valueName: "count"))
    var numRecords: Int?
    @Option(parsing: .unconditional, help: ArgumentHelp("The same, in its old spelling.", valueName: "count"))
    var messages: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The group to join. (default: a new one)", valueName: "name")
    )
    var group: String?

    @Flag(help: "Begin at the end if the group has no offsets.") var fromLatest = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Bytes of a partition in a fetch.", valueName: "bytes"))
    var fetchSize = 1_048_576
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Size of the socket's receive buffer.", valueName: "bytes")
    )
    var socketBufferSize = 2_097_152

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the consumer; wins over the file.", valueName: "key=value")
    )
    var commandProperty: [String] = []
    @Option(name: .customLong("consumer.config"), parsing: .unconditional, help: .hidden)
    var consumerConfig: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("How long to wait for a record.", valueName: "ms"))
    var timeout: Int64 = 10_000
    @Option(parsing: .unconditional, help: ArgumentHelp("Time between two detailed lines.", valueName: "ms"))
    var reportingInterval: Int64 = 5000
    @Flag(help: "Print a line for each interval instead of one for all.") var showDetailedStats = false
    @Option(parsing: .unconditional, help: ArgumentHelp("How times are written.", valueName: "format"))
    var dateFormat = "yyyy-MM-dd HH:mm:ss:SSS"
    @Flag(help: "Leave out the line with the names of the columns.") var hideHeader = false
    @Flag(help: .hidden) var printMetrics = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Also write a page with a plot of the throughput.", valueName: "file"),
        completion: .file(extensions: ["html"])
    )
    var html: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    // Options of old releases without effect today.
    @Option(parsing: .unconditional, help: .hidden) var threads: Int?
    @Option(parsing: .unconditional, help: .hidden) var numFetchThreads: Int?

    func validate() throws {
        guard (topic == nil) != (include == nil) else { throw ValidationError("Give one of --topic and --include.") }
        guard (numRecords == nil) != (messages == nil), count > 0 else {
            throw ValidationError("--num-records is needed, and must be at least 1.")
        }
        guard reportingInterval > 0 else { throw ValidationError("--reporting-interval must be at least 1 ms.") }
        guard connection.commandConfig == nil || consumerConfig == nil else {
            throw ValidationError("Give --command-config or its old spelling --consumer.config, not both.")
        }
        do throws(CommandFailure) {
            _ = try JavaDateFormat(dateFormat)
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// How many records to read.
    var count: Int { numRecords ?? messages ?? 0 }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ConsumerPerfTestRunner(command: self, context: context).run()
    }
}
