import ArgumentParser

/// `swkafka delete-records`: removes the oldest records of partitions.
struct DeleteRecordsCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-records",
        abstract: "Delete the records of partitions before given offsets.",
        discussion: """
            The file is JSON: {"partitions":[{"topic":"orders","partition":0,"offset":10}],"version":1}. Records with \
            smaller offsets are deleted; offset -1 deletes all records that are there now.

            EXAMPLES
              swkafka delete-records --bootstrap-server localhost:9092 --offset-json-file cut.json

            DIFFERENCES
              The exit status is 1 if any partition failed; Kafka's script says 0. An unknown topic or partition is \
            reported at once, not after a minute of retries. Lines are sorted by topic and partition.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The JSON file with topics, partitions and offsets.", valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var offsetJsonFile: String

    @Flag(help: "Delete without a question, which is asked on a terminal only.") var yes = false

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let targets = try DeleteRecordsTarget.read(
            try FileReading.bytes(of: offsetJsonFile, purpose: "offset file")
        )
        let count = Set(targets.map(\.topic)).count
        try Confirmation.ask(
            "Delete records of \(Confirmation.count(targets.count, "partition")) of \(Confirmation.count(count, "topic"))",
            isGiven: yes,
            context
        )
        return try await DeleteRecordsRunner(command: self, context: context).run(targets)
    }
}

/// One line of the offset file: delete the records of a partition before an offset.
struct DeleteRecordsTarget: Equatable {
    var topic: String
    var partition: Int32
    /// -1 for the end of the partition.
    var offset: Int64

    /// Reads the JSON file, sorted by topic and partition. Keys that are not known are passed over.
    static func read(_ bytes: [UInt8]) throws(CommandFailure) -> [DeleteRecordsTarget] {
        let document: JSONDocument
        do throws(JSONParserError) {
            document = try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure("The offset file is not valid JSON: \(error.reason) at byte \(error.position).")
        }
        guard case .object(let members) = document else {
            throw CommandFailure("The offset file must hold a JSON object.")
        }
        if let version = members["version"], version != .number("1") {
            throw CommandFailure("The offset file has a version that is not supported; only 1 is.")
        }
        guard case .array(let items) = members["partitions"] else {
            throw CommandFailure("The offset file has no list \"partitions\".")
        }
        var targets: [DeleteRecordsTarget] = []
        for (index, item) in items.enumerated() {
            targets.append(try DeleteRecordsTarget(item, index: index))
        }
        targets.sort { ($0.topic, $0.partition) < ($1.topic, $1.partition) }
        for (first, second) in zip(targets, targets.dropFirst())
        where first.topic == second.topic && first.partition == second.partition {
            throw CommandFailure("The offset file names \(first.topic)-\(first.partition) more than once.")
        }
        return targets
    }

    private init(_ item: JSONDocument, index: Int) throws(CommandFailure) {
        guard case .object(let members) = item else {
            throw CommandFailure("Item \(index) of \"partitions\" is no JSON object.")
        }
        guard case .string(let topic) = members["topic"] else {
            throw CommandFailure("Item \(index) of \"partitions\" has no text \"topic\".")
        }
        guard case .number(let partition) = members["partition"], let partition = Int32(partition) else {
            throw CommandFailure("Item \(index) of \"partitions\" has no whole number \"partition\".")
        }
        guard case .number(let offset) = members["offset"], let offset = Int64(offset) else {
            throw CommandFailure("Item \(index) of \"partitions\" has no whole number \"offset\".")
        }
        self.init(topic: topic, partition: partition, offset: offset)
    }

    init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}
