import ArgumentParser

/// `swkafka console-producer`: lines of standard input to a topic.
struct ConsoleProducerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "console-producer",
        abstract: "Write lines of standard input to a topic.",
        discussion: """
            Each line is a record. On a terminal lines can be edited and recalled (GNU readline) after the prompt ">".

            Reader properties (--reader-property): parse.key, key.separator (a tab), parse.headers, headers.delimiter (a \
            tab), headers.separator (a comma), headers.key.separator (a colon), null.marker, ignore.error. With all of \
            them a line is: h1:v1,h2:v2 TAB key TAB value.

            EXAMPLES
              printf 'hello\\nworld\\n' |
                swkafka console-producer --bootstrap-server localhost:9092 --topic t
              swkafka console-producer --bootstrap-server localhost:9092 --topic t \\
                --reader-property parse.key=true --reader-property key.separator=:
              swkafka console-producer --bootstrap-server localhost:9092 --topic t \\
                --compression-codec zstd --command-property linger.ms=50 < big.txt
              echo '{"key":"k","value":null,"headers":[{"key":"h","value":"v"}]}' |
                swkafka console-producer --bootstrap-server localhost:9092 --topic t --input json

            JSON
              --input json takes a JSON object a line, as console-consumer --output json prints it: key, value and \
            headers, where null is null and {"base64": "…"} stands for any bytes; partition and timestamp if they are \
            given. Where the record was before (topic, offset, timestampType, leaderEpoch) does not matter.

            DIFFERENCES
              The exit status is 1 and the number of lost records stands on standard error if any record was not \
            acknowledged; Kafka's script says 0. compression.type from a file or --command-property counts when \
            --compression-codec is absent. A record above the broker's limit fails alone. Lines above 64 MiB are an error. \
            Batches, retries and request timeouts follow the producer's own defaults, not the script's (16384 bytes, 3, \
            1500 ms), with which a busy machine loses records.
            """
    )

    static let repeatable: Set<String> = [
        "reader-property", "property", "command-property", "producer-property",
    ]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to write to.", valueName: "name"))
    var topic: String

    @OptionGroup(title: "How lines are read") var reading: ProducerReadingOptions
    @OptionGroup(title: "How records are sent") var sending: ProducerSendingOptions

    func validate() throws {
        try reading.check()
        try sending.check(commandConfig: connection.commandConfig)
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ConsoleProducerRunner(command: self, context: context).run()
    }
}

/// What a line is.
enum LineFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// How a line becomes a record.
struct ProducerReadingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What lines are: text, or a record as JSON.", valueName: "format"))
    var input: LineFormat = .text
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("How to take a line apart; may be repeated.", valueName: "key=value")
    )
    var readerProperty: [String] = []
    @Option(name: .customLong("property"), parsing: .unconditionalSingleValue, help: .hidden)
    var property: [String] = []
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A file with reader properties.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var readerConfig: String?
    @Option(parsing: .unconditional, help: .hidden) var lineReader: String?

    func check() throws {
        guard input == .text || (property.isEmpty && readerProperty.isEmpty && readerConfig == nil) else {
            throw ValidationError("--input json leaves nothing to take apart: leave --reader-property out.")
        }
        guard property.isEmpty || readerProperty.isEmpty else {
            throw ValidationError("Give --reader-property or its old spelling --property, not both.")
        }
        if let lineReader {
            let bare = lineReader.split(whereSeparator: { $0 == "." || $0 == "$" }).last
            guard bare == "LineMessageReader" else {
                throw ValidationError("There is no line reader '\(lineReader)': only LineMessageReader is known.")
            }
        }
    }

    func properties() throws(CommandFailure) -> [String: String] {
        var properties: [String: String] = [:]
        if let readerConfig { properties = try PropertyFiles.read(readerConfig) }
        properties.merge(KeyValueOptions.parse(readerProperty + property)) { $1 }
        return properties
    }
}

/// How records travel.
struct ProducerSendingOptions: ParsableArguments {
    @Flag(help: "Wait for each record; the first that fails ends the command.") var sync = false

    @Option(
        name: .customLong("compression-codec"),
        defaultAsFlag: "gzip",
        parsing: .next,
        help: ArgumentHelp("none, gzip, snappy, lz4 or zstd; gzip without a value.", valueName: "codec")
    )
    var compressionCodec: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("-1 or all (every replica in sync), 1 (the leader), 0 (nobody).", valueName: "acks")
    )
    var requestRequiredAcks: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Bytes of a batch. (default: what suits the link)", valueName: "bytes")
    )
    var batchSize: Int?
    @Option(parsing: .unconditional, help: .hidden) var maxPartitionMemoryBytes: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a batch may wait for more records. (default: 1000)", valueName: "ms")
    )
    var timeout: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How often a record is sent again. (default: for 2 minutes)", valueName: "count")
    )
    var messageSendMaxRetries: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to wait before that. (default: 100)", valueName: "ms")
    )
    var retryBackoffMs: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a broker may take to answer. (default: 30000)", valueName: "ms")
    )
    var requestTimeoutMs: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How old metadata may get. (default: 300000)", valueName: "ms")
    )
    var metadataExpiryMs: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to wait for metadata or memory. (default: 60000)", valueName: "ms")
    )
    var maxBlockMs: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Memory for records that wait. (default: 33554432)", valueName: "bytes")
    )
    var maxMemoryBytes: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Size of the socket's send buffer. (default: the system's)", valueName: "bytes")
    )
    var socketBufferSize: Int?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the producer; wins over --command-config.", valueName: "key=value")
    )
    var commandProperty: [String] = []
    @Option(parsing: .unconditionalSingleValue, help: .hidden) var producerProperty: [String] = []
    @Option(name: .customLong("producer.config"), parsing: .unconditional, help: .hidden)
    var producerConfig: String?
    @Option(name: .customLong("producer-config"), parsing: .unconditional, help: .hidden)
    var producerConfigDashed: String?

    // Options of releases before 1.0 without effect today.
    @Flag(help: .hidden) var newProducer = false
    @Flag(help: .hidden) var oldProducer = false
    @Option(parsing: .unconditional, help: .hidden) var queueSize: String?
    @Option(parsing: .unconditional, help: .hidden) var queueEnqueuetimeoutMs: String?
    @Option(parsing: .unconditional, help: .hidden) var keySerializer: String?
    @Option(parsing: .unconditional, help: .hidden) var valueSerializer: String?

    func check(commandConfig: String?) throws {
        guard commandProperty.isEmpty || producerProperty.isEmpty else {
            throw ValidationError("Give --command-property or its old spelling --producer-property, not both.")
        }
        guard [commandConfig, producerConfig, producerConfigDashed].compactMap({ $0 }).count <= 1 else {
            throw ValidationError("Give --command-config or its old spelling --producer.config, not both.")
        }
        if let compressionCodec, !["none", "gzip", "snappy", "lz4", "zstd"].contains(compressionCodec) {
            throw ValidationError("'\(compressionCodec)' is no codec: give none, gzip, snappy, lz4 or zstd.")
        }
        if let requestRequiredAcks, !["all", "-1", "0", "1"].contains(requestRequiredAcks) {
            throw ValidationError(
                "'\(requestRequiredAcks)' is no value for --request-required-acks: give all, -1, 0 or 1."
            )
        }
    }

    /// The producer's properties. An option that is given wins over `--command-property`, that over the file, and that
    /// over what Kafka's script sets when the option is absent.
    func properties(commandConfig: String?) throws(CommandFailure) -> [String: String] {
        // Kafka's script sets linger.ms even when --timeout is absent; its other defaults are the producer's own, or
        // such (three retries, 1.5 s for an answer, batches of 16 KiB) that lose records on a busy machine.
        var properties = ["client.id": "console-producer", "linger.ms": "1000"]
        if let file = commandConfig ?? producerConfig ?? producerConfigDashed {
            properties.merge(try PropertyFiles.read(file)) { $1 }
        }
        properties.merge(KeyValueOptions.parse(commandProperty + producerProperty)) { $1 }
        for (name, value) in options {
            if let value { properties[name] = value }
        }
        return properties
    }

    private var options: KeyValuePairs<String, String?> {
        [
            "compression.type": compressionCodec,
            "acks": requestRequiredAcks,
            "batch.size": (maxPartitionMemoryBytes ?? batchSize).map { String($0) },
            "linger.ms": timeout.map { String($0) },
            "retries": messageSendMaxRetries.map { String($0) },
            "retry.backoff.ms": retryBackoffMs.map { String($0) },
            "request.timeout.ms": requestTimeoutMs.map { String($0) },
            "metadata.max.age.ms": metadataExpiryMs.map { String($0) },
            "max.block.ms": maxBlockMs.map { String($0) },
            "buffer.memory": maxMemoryBytes.map { String($0) },
            "send.buffer.bytes": socketBufferSize.map { String($0) },
        ]
    }
}
