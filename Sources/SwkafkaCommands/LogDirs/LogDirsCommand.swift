import ArgumentParser
import KafkaClient

/// `swkafka log-dirs`: how much each partition takes on each broker's disks.
struct LogDirsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-dirs",
        abstract: "Show the directories of brokers and the sizes of partitions in them.",
        discussion: """
            JSON
              --describe: {brokers: [{broker, logDirs: [{partitions: [{partition, size, offsetLag, isFuture}], error, \
            logDir}]}], version}.

            EXAMPLES
              swkafka log-dirs --bootstrap-server localhost:9092 --describe
              swkafka log-dirs --bootstrap-server localhost:9092 --describe \\
                --topic-list orders --broker-list 1001 --output table

            DIFFERENCES
              Partitions are sorted. "error" is the name of the error's code, not of a Java class. The exit status is 1 \
            if a broker could not be asked.
            """
    )

    // Not the options that other commands share: with them --broker-list is where to connect.
    @Option(parsing: .unconditional, help: ArgumentHelp("Brokers to start from.", valueName: "host:port,…"))
    var bootstrapServer: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A Java property file with client settings.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var commandConfig: String?
    @OptionGroup var settings: ProfileOption
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Flag(help: "Describe the directories (the only action).") var describe = false
    @Option(parsing: .unconditional, help: ArgumentHelp("Only these topics.", valueName: "name,…")) var topicList:
        String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Only these brokers.", valueName: "id,…"))
    var brokerList: String?

    func validate() throws {
        guard describe else { throw ValidationError("Missing required option --describe: it is the only action.") }
        _ = try brokers()
    }

    /// The brokers to ask; nil for all.
    func brokers() throws(ValidationError) -> [Int32]? {
        guard let brokerList, !brokerList.isEmpty else { return nil }
        var ids: [Int32] = []
        for word in brokerList.split(separator: ",") {
            guard let id = Int32(KeyValueOptions.trimmed(word)) else {
                throw ValidationError("'\(word)' in --broker-list is no broker id: give numbers, as in 1,2.")
            }
            ids.append(id)
        }
        return ids
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let wanted = try brokers()
        let topics = topicList.map { Set($0.split(separator: ",").map { KeyValueOptions.trimmed($0) }) }
        var properties = ["client.id": "swkafka"]
        if let commandConfig { properties.merge(try PropertyFiles.read(commandConfig)) { $1 } }
        let session = ClientSession(
            servers: bootstrapServer.map { .servers($0) } ?? .configured,
            properties: properties,
            profile: settings.profile
        )
        return try await session.administer(context) { admin in
            let existing = try await admin.describeCluster().brokers.map(\.id)
            let missing = (wanted ?? []).filter { !existing.contains($0) }
            guard missing.isEmpty else {
                let names = { (ids: [Int32]) in ids.map(String.init).joined(separator: ",") }
                throw CommandFailure(
                    "ERROR: The given brokers do not exist from --broker-list: \(names(missing)). "
                        + "Current existent brokers: \(names(existing))"
                )
            }
            let answers = try await admin.describeLogDirs(brokers: wanted).sorted { $0.key.id < $1.key.id }
            let report = LogDirsOutput(
                answers.map { ($0.key.id, $0.value) },
                topics: topics?.isEmpty == true ? nil : topics
            )
            try context.print(
                output.format,
                text: { report.text },
                table: { report.table(colour: $0) },
                value: { report.value }
            )
            for failure in report.failures { context.complain("\(failure)\n") }
            return report.failures.isEmpty ? .success : .failure
        }
    }
}
