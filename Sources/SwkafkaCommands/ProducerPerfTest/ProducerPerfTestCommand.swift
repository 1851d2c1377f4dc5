import ArgumentParser

/// `swkafka producer-perf-test`: how fast records can be written.
struct ProducerPerfTestCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "producer-perf-test",
        abstract: "Measure how fast records are written.",
        discussion: """
            Sends records as fast as the broker takes them (or --throughput says), and prints a line every five seconds \
            and one at the end. The latency of a record is the time from when it was handed to the producer until the \
            broker's answer; a MB is 1,048,576 bytes of values. On a terminal a histogram of latencies follows on \
            standard error.

            The broker is named by --bootstrap-server, or by bootstrap.servers among the producer's properties, or the profile.

            JSON
              producer-perf-test: {records, failed, bytes, durationMs, recordsPerSecond, megabytesPerSecond, \
            latencyMs: {average, maximum, 50th, 95th, 99th, 99.9th}, latencyHistogram: [{fromMs, toMs, records}], \
            intervals: [{startMs, endMs, records, recordsPerSecond, megabytesPerSecond}]}.

            EXAMPLES
              swkafka producer-perf-test --bootstrap-server localhost:9092 \\
                --topic t --num-records 1000000 --record-size 100
              swkafka producer-perf-test --topic t --num-records 5000 \\
                --record-size 10 --throughput 1000 --producer-props \\
                bootstrap.servers=localhost:9092 acks=1 linger.ms=20
              swkafka producer-perf-test --bootstrap-server localhost:9092 \\
                --topic t --num-records 50000 --record-size 100 \\
                --transactional-id perf --transaction-duration-ms 500

            DIFFERENCES
              The exit status is 1 if any record was not acknowledged; Kafka's script says 0. --throughput may be left \
            out (-1). Records of a batch are taken as handed over evenly between its first and its last one. \
            --print-metrics prints the few metrics that this producer keeps. --throughput 0 is refused: Kafka's script \
            waits for ever.
            """
    )

    static let repeatable: Set<String> = ["command-property", "producer-props"]

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to write to.", valueName: "name"))
    var topic: String

    @Option(parsing: .unconditional, help: ArgumentHelp("How many records to send.", valueName: "count"))
    var numRecords: Int

    @OptionGroup(title: "Values, one of") var payload: PerfPayloadOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Records per second; -1 for no limit.", valueName: "rate")
    )
    var throughput: Double = -1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Records that are sent first and not counted.", valueName: "count")
    )
    var warmupRecords = 0

    @Option(parsing: .unconditional, help: ArgumentHelp("Time between two lines.", valueName: "ms"))
    var reportingInterval: Int64 = 5000

    @OptionGroup(title: "Connection") var connection: PerfConnectionOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Write in transactions under this id.", valueName: "id")
    )
    var transactionalId: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Commit a transaction that is this old. (default: 3000)", valueName: "ms")
    )
    var transactionDurationMs: Int64?

    @Flag(help: "Print the producer's metrics at the end.") var printMetrics = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Also write a page with plots of latency and throughput.", valueName: "file"),
        completion: .file(extensions: ["html"])
    )
    var html: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard numRecords > 0 else { throw ValidationError("--num-records must be at least 1.") }
        guard throughput != 0, throughput.isFinite else {
            throw ValidationError("--throughput must be above 0, or -1 for no limit.")
        }
        guard (0..<numRecords).contains(warmupRecords) else {
            throw ValidationError("--warmup-records must be 0 or more, and less than --num-records.")
        }
        guard reportingInterval > 0 else { throw ValidationError("--reporting-interval must be at least 1 ms.") }
        if let transactionDurationMs, transactionDurationMs <= 0 {
            throw ValidationError("--transaction-duration-ms must be at least 1.")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ProducerPerfTestRunner(command: self, context: context).run()
    }
}

/// What the values are made of.
struct PerfPayloadOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Random letters, so many in each value.", valueName: "bytes")
    )
    var recordSize: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Items of a file, at random.", valueName: "file"),
        completion: .file()
    )
    var payloadFile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What separates its items: a regular expression. (default: a line feed)", valueName: "regex")
    )
    var payloadDelimiter: String?

    @Flag(help: "The numbers 0, 1, 2, …") var payloadMonotonic = false

    func validate() throws {
        let given = (recordSize == nil ? 0 : 1) + (payloadFile == nil ? 0 : 1) + (payloadMonotonic ? 1 : 0)
        guard given == 1 else {
            throw ValidationError("Give one of --record-size, --payload-file and --payload-monotonic.")
        }
        if let recordSize, !(1...1 << 30).contains(recordSize) {
            throw ValidationError("--record-size must be from 1 to \(1 << 30) bytes.")
        }
        guard payloadDelimiter == nil || payloadFile != nil else {
            throw ValidationError("--payload-delimiter needs --payload-file.")
        }
    }
}

/// How a perf test finds its brokers and settings.
struct PerfConnectionOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Brokers to start from.", valueName: "host:port,…"))
    var bootstrapServer: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A Java property file with settings of the client.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var commandConfig: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the client; wins over the file. May be repeated.", valueName: "key=value")
    )
    var commandProperty: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Settings of the producer.", valueName: "key=value"))
    var producerProps: [String] = []

    @Option(name: .customLong("producer.config"), parsing: .unconditional, help: .hidden)
    var producerConfig: String?

    @OptionGroup var settings: ProfileOption

    func validate() throws {
        guard commandConfig == nil || producerConfig == nil else {
            throw ValidationError("Give --command-config or its old spelling --producer.config, not both.")
        }
        for item in producerProps + commandProperty where !item.contains("=") {
            throw ValidationError("'\(item)' is no setting: give key=value.")
        }
    }

    /// The settings, with the brokers under `bootstrap.servers` if they are given.
    func properties(_ defaults: [String: String]) throws(CommandFailure) -> [String: String] {
        var properties = defaults
        if let file = commandConfig ?? producerConfig { properties.merge(try PropertyFiles.read(file)) { $1 } }
        properties.merge(KeyValueOptions.parse(producerProps + commandProperty)) { $1 }
        if let bootstrapServer { properties["bootstrap.servers"] = bootstrapServer }
        return properties
    }
}
