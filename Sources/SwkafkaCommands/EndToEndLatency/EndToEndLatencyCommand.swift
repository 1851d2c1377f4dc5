import ArgumentParser

/// `swkafka e2e-latency`: how long a record takes from a producer to a consumer.
struct EndToEndLatencyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "e2e-latency",
        abstract: "Measure the time from a producer to a consumer.",
        discussion: """
            Sends one record at a time, waits until the broker has it and until a consumer gets it back, and compares \
            both. A topic that does not exist is created with one partition.

            Options may be given by name, or as Kafka's older script takes them, by place: brokers, topic, number of \
            records, acks (1 or all), bytes in a value, and a property file.

            JSON
              e2e-latency: {records, averageMs, maximumMs, 50thMs, 99thMs, 99.9thMs, latencyHistogram: [{fromMs, toMs, \
            records}]}.

            EXAMPLES
              swkafka e2e-latency localhost:9092 t 1000 all 100
              swkafka e2e-latency --bootstrap-server localhost:9092 --topic t \\
                --num-records 1000 --producer-acks all --record-size 100 \\
                --num-headers 2 --record-header-key-size 5 --record-header-size 10
            """
    )

    @Argument(help: ArgumentHelp("Brokers, topic, records, acks, bytes, property file.", valueName: "words"))
    var words: [String] = []

    @Option(parsing: .unconditional, help: ArgumentHelp("Brokers to start from.", valueName: "host:port,…"))
    var bootstrapServer: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to use.", valueName: "name")) var topic: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("How many records to send.", valueName: "count"))
    var numRecords: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("1 (the leader has it) or all (every replica in sync).", valueName: "acks")
    )
    var producerAcks: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Bytes in a value.", valueName: "bytes")) var recordSize: Int?
    @Option(parsing: .unconditional, help: ArgumentHelp("Bytes in a key; 0 for none.", valueName: "bytes"))
    var recordKeySize = 0
    @Option(parsing: .unconditional, help: ArgumentHelp("Headers of a record.", valueName: "count")) var numHeaders = 0
    @Option(parsing: .unconditional, help: ArgumentHelp("Bytes in a header's key.", valueName: "bytes"))
    var recordHeaderKeySize = 0
    @Option(parsing: .unconditional, help: ArgumentHelp("Bytes in a header's value; -1 for null.", valueName: "bytes"))
    var recordHeaderSize = 0
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A Java property file with client settings.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var commandConfig: String?
    @OptionGroup var settings: ProfileOption
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Also write a page with a plot of the latencies.", valueName: "file"),
        completion: .file(extensions: ["html"])
    )
    var html: String?
    @OptionGroup(title: "Output") var output: OutputOptions

    /// The options, from whichever form they came in.
    struct Plan: Equatable {
        var servers: ServerChoice
        var topic: String
        var count: Int
        var acks: String
        var size: Int
        var file: String?
    }

    func plan() throws(CommandFailure) -> Plan {
        let places = words
        guard places.isEmpty || (5...6).contains(places.count) else {
            throw CommandFailure(
                "Give brokers, topic, number of records, acks and bytes in a value (and a property file), or options.",
                status: .usage
            )
        }
        func word(_ index: Int, _ option: String?, _ name: String) throws(CommandFailure) -> String {
            if let value = option ?? (places.indices.contains(index) ? places[index] : nil) { return value }
            throw CommandFailure("Missing required option --\(name).", status: .usage)
        }
        func number(_ index: Int, _ option: Int?, _ name: String) throws(CommandFailure) -> Int {
            let text = try word(index, option.map(String.init), name)
            guard let value = Int(text), value > 0 else {
                throw CommandFailure("'\(text)' for --\(name) must be a number above 0.", status: .usage)
            }
            return value
        }
        let acks = try word(3, producerAcks, "producer-acks")
        guard ["1", "all"].contains(acks) else {
            throw CommandFailure(
                "Latency testing requires synchronous acknowledgement. Please use 1 or all",
                status: .usage
            )
        }
        return Plan(
            servers: (bootstrapServer ?? places.first).map { .servers($0) } ?? .configured,
            topic: try word(1, topic, "topic"),
            count: try number(2, numRecords, "num-records"),
            acks: acks,
            size: try number(4, recordSize, "record-size"),
            file: commandConfig ?? (places.count == 6 ? places[5] : nil)
        )
    }

    func validate() throws {
        guard recordKeySize >= 0, numHeaders >= 0, recordHeaderKeySize >= 0, recordHeaderSize >= -1 else {
            throw ValidationError("Sizes and counts cannot be negative (a header's value may: -1 is null).")
        }
        do throws(CommandFailure) {
            _ = try plan()
        } catch {
            throw ValidationError(error.message)
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await EndToEndLatencyRunner(command: self, plan: try plan(), context: context).run()
    }
}
