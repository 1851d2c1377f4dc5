import ArgumentParser

/// `swkafka console-consumer`: topics to standard output.
struct ConsoleConsumerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "console-consumer",
        abstract: "Read topics and print their records.",
        discussion: """
            Reads from the end unless --from-beginning is given, and goes on until --max-messages records were read, no \
            record came for --timeout-ms, or Ctrl-C. The number of records read is told on standard error at the end.

            Readers with the same --group share the partitions, and go on where the group stopped: every five seconds and \
            at the end the group stores how far was written to standard output, and no further, and of partitions that \
            nothing came of where reading began. Without --group a group is made up (console-consumer-12345) that stores \
            nothing. --partition reads without a group.

            Formatter properties (--formatter-property): print.timestamp, print.partition, print.offset, print.epoch, \
            print.headers, print.key, print.value (true or false), key.separator (between columns, a tab), \
            line.separator, headers.separator, null.literal, key.deserializer, value.deserializer, headers.deserializer.

            EXAMPLES
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders \\
                --from-beginning --max-messages 10
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders \\
                --formatter-property print.key=true --formatter-property key.separator=:
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders \\
                --group billing --consumer-property group.protocol=consumer
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders \\
                --partition 0 --offset 42 --timeout-ms 2000
              swkafka console-consumer --bootstrap-server localhost:9092 --include 'orders|pay.*'
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders \\
                --from -2h --exit-at-end
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders --tail 5
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders \
                --from-beginning --where '.customer.id=7' --format '%p:%o %k %s\\n'
              swkafka console-consumer --bootstrap-server localhost:9092 --topic orders \\
                --from-beginning --exit-at-end --output json |
                swkafka console-producer --bootstrap-server other:9092 --topic orders --input json

            READING WITH AN END
              --from and --until name an offset (42), a time in ISO 8601 (2026-01-31T12:00:00Z, UTC unless it says \
            otherwise), ms since 1970 (@1700000000000), or a time before now (-90s, -5m, -2h, -3d); --until is the first \
            record that is not wanted. --tail prints the last records of each partition, --tail-total those of all \
            partitions together, by their timestamps. With --until, --tail or --exit-at-end the command ends where the \
            partitions end now, as the reader may see them. Reading so needs no group and stores nothing; with --group, \
            --exit-at-end leaves the group when every partition that it was given is at that end. --order time merges \
            partitions by the timestamps of their records; records of one partition keep their order.

            WHICH RECORDS
              --grep takes records whose value holds a match of an extended regular expression of POSIX, matched byte by \
            byte; --key those with exactly this key; --header those with this header, and this value if one follows. \
            --where tests a field of values that are JSON: .user.id=7, .items[0].price>9.5, .tags[]=new (any item), \
            .name~^A (a regular expression), .error (there, and neither null nor false); the comparisons are =, !=, <, \
            <=, >, >=, ~ and !~. A word compares with numbers as a number and with strings as a string; in double \
            quotes it is a string. What is not there fails every comparison but != and !~, which are the opposites of \
            = and ~. All tests must hold. --max-messages and --count count what passed them, --tail what stands before \
            them.

            FORMAT
              --format takes %t (topic), %p (partition), %o (offset), %T (timestamp in ms), %k and %K (key and its \
            length), %s and %S (value and its length), %R (that length as four bytes, big-endian), %h (headers as \
            name=value,…) and %%; \\n, \\r, \\t and \\xHH. Null has the length -1. As in kcat no line feed follows \
            by itself.

            JSON
              --output json prints each record as a line with topic, partition, offset, timestamp (null if there is none), \
            timestampType, leaderEpoch, key, value and headers. Null is null; bytes that are not UTF-8 are \
            {"base64": "…"}. console-producer --input json takes exactly that.

            TABS
              --output tsv prints a line with names, and each record as a line of topic, partition, offset, timestamp, \
            key, value and headers (name=value,…); see swkafka-formats(7) for null and escapes.

            DIFFERENCES
              The time that it takes to join the group, up to ten seconds, does not count for --timeout-ms. The exit \
            status is 1 when reading failed (Kafka's script says 0), 0 when --timeout-ms passed, 130 or 143 after a \
            signal. A reader that goes away (| head -1) ends the command at once and silently. Null data are printed as \
            the null literal whatever the deserializer, ByteArrayDeserializer prints the bytes, and print.epoch prints \
            the leader epoch of the batch.
            """
    )

    static let repeatable: Set<String> = [
        "formatter-property", "property", "command-property", "consumer-property", "grep", "header", "where",
    ]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "What to read") var reading: ConsumerReadingOptions
    @OptionGroup(title: "Reading with an end") var bounds: ConsumerBoundsOptions
    @OptionGroup(title: "Which records") var filtering: ConsumerFilterOptions
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
    @Flag(help: .hidden) var newConsumer = false
    @Flag(help: .hidden) var enableSystestEvents = false

    func validate() throws {
        try reading.check()
        guard commandProperty.isEmpty || consumerProperty.isEmpty else {
            throw ValidationError("Give --command-property or its old spelling --consumer-property, not both.")
        }
        let files = [connection.commandConfig, consumerConfig, consumerConfigDashed].compactMap { $0 }
        guard files.count <= 1 else {
            throw ValidationError("Give --command-config or its old spelling --consumer.config, not both.")
        }
        try printing.check()
        try filtering.check()
        guard bounds.isUsed else { return }
        guard reading.group == nil || !bounds.isRange else {
            throw ValidationError(
                "--group cannot be used with \(bounds.names): a group begins where it stopped. --exit-at-end can."
            )
        }
        guard reading.offset == nil || bounds.from == nil else {
            throw ValidationError("Give --from or --offset, not both.")
        }
        guard !reading.fromBeginning || (bounds.from == nil && bounds.tail == nil && bounds.tailTotal == nil) else {
            throw ValidationError("--from-beginning cannot be used with --from, --tail and --tail-total.")
        }
        try bounds.check()
    }

    /// The file with consumer properties, under any of its names.
    var configFile: String? { connection.commandConfig ?? consumerConfig ?? consumerConfigDashed }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ConsoleConsumerRunner(command: self, context: context).run()
    }
}

/// Which records are read.
struct ConsumerReadingOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to read.", valueName: "name"))
    var topic: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Topics to read: a regular expression for whole names.", valueName: "regex")
    )
    var include: String?
    @Option(parsing: .unconditional, help: .hidden) var whitelist: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Only this partition of --topic.", valueName: "number"))
    var partition: Int32?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where to start in --partition: earliest, latest or an offset.", valueName: "offset")
    )
    var offset: String?
    @Flag(help: "Start with the first record.") var fromBeginning = false
    @Option(parsing: .unconditional, help: ArgumentHelp("The group of consumers to read with.", valueName: "id"))
    var group: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Stop after this many records.", valueName: "count"))
    var maxMessages: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Stop when no record came for this long.", valueName: "ms")
    )
    var timeoutMs: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("read_uncommitted (default) or read_committed.", valueName: "level")
    )
    var isolationLevel: String?

    func check() throws {
        guard include == nil || whitelist == nil else {
            throw ValidationError("Give --include or its old spelling --whitelist, not both.")
        }
        guard (topic == nil) != (include ?? whitelist == nil) else {
            throw ValidationError("Give exactly one of --topic and --include.")
        }
        if partition != nil, topic == nil { throw ValidationError("--partition needs --topic.") }
        if let partition, partition < 0 { throw ValidationError("--partition must not be negative.") }
        if partition != nil, group != nil { throw ValidationError("--partition cannot be used with --group.") }
        if offset != nil {
            guard partition != nil else { throw ValidationError("--offset needs --partition.") }
            guard !fromBeginning else { throw ValidationError("--offset cannot be used with --from-beginning.") }
            guard start != nil else {
                throw ValidationError(
                    "'\(offset ?? "")' is no offset: give earliest, latest or a number that is not negative."
                )
            }
        }
        if let isolationLevel, !["read_committed", "read_uncommitted"].contains(isolationLevel) {
            throw ValidationError("'\(isolationLevel)' is no isolation level: give read_uncommitted or read_committed.")
        }
    }

    /// Where a partition starts when the options say so.
    enum Start: Equatable {
        case earliest
        case latest
        case offset(Int64)
    }

    /// nil when `--offset` is absent or wrong and `--from-beginning` is not given.
    var start: Start? {
        if fromBeginning { return .earliest }
        switch offset?.lowercased() {
        case "earliest": return .earliest
        case "latest": return .latest
        case let text?:
            guard let number = Int64(text), number >= 0 else { return nil }
            return .offset(number)
        case nil: return nil
        }
    }

    /// The regular expression of `--include`, under either name.
    var pattern: String? { include ?? whitelist }
}

/// How a record is printed.
enum RecordOutput: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case tsv
}

/// How records are printed.
struct ConsumerPrintingOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("DefaultMessageFormatter, NoOpMessageFormatter, …", valueName: "class")
    )
    var formatter: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of the formatter; may be repeated.", valueName: "key=value")
    )
    var formatterProperty: [String] = []
    @Option(name: .customLong("property"), parsing: .unconditionalSingleValue, help: .hidden)
    var property: [String] = []
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A file with settings of the formatter.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var formatterConfig: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("How to read keys.", valueName: "class"))
    var keyDeserializer: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("How to read values.", valueName: "class"))
    var valueDeserializer: String?
    @Flag(help: "Pass over records that the formatter cannot print.") var skipMessageOnError = false
    @Option(
        help: ArgumentHelp(
            "Kafka's own text, or a line of JSON or tab-separated values for each record.",
            valueName: "format"
        )
    )
    var output: RecordOutput = .text
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Print each record by a format string with kcat's tokens.", valueName: "string")
    )
    var format: String?
    @Flag(help: "Print how many records there are, and nothing else.") var count = false

    /// The format string, if there is one.
    func template() throws(CommandFailure) -> RecordTemplate? { try format.map(RecordTemplate.init) }

    func check() throws {
        guard format == nil || (output == .text && formatter == nil) else {
            throw ValidationError("Give one of --format, --formatter and --output.")
        }
        do throws(CommandFailure) {
            _ = try template()
        } catch {
            throw ValidationError(error.message)
        }
        guard output == .text || formatter == nil else {
            throw ValidationError(
                "--output \(output.rawValue) and --formatter contradict each other: give one of them."
            )
        }
        guard property.isEmpty || formatterProperty.isEmpty else {
            throw ValidationError("Give --formatter-property or its old spelling --property, not both.")
        }
        if let formatter, FormatterKind(className: formatter) == nil {
            let nearest = NearestWord.of(formatter, in: FormatterKind.allCases.map(\.rawValue))
            let question = nearest.map { " Did you mean \($0)?" } ?? ""
            throw ValidationError("There is no formatter '\(formatter)'.\(question)")
        }
    }

    /// The formatter's properties: options win over `--formatter-property`'s file.
    func properties() throws(CommandFailure) -> [String: String] {
        var properties: [String: String] = [:]
        if let keyDeserializer { properties["key.deserializer"] = keyDeserializer }
        if let valueDeserializer { properties["value.deserializer"] = valueDeserializer }
        if let formatterConfig { properties.merge(try PropertyFiles.read(formatterConfig)) { $1 } }
        properties.merge(KeyValueOptions.parse(formatterProperty + property)) { $1 }
        return properties
    }
}
