import ArgumentParser
import KafkaClient

/// `swkafka streams-application-reset`: lets an application of Kafka Streams begin anew.
struct StreamsApplicationResetCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "streams-application-reset",
        abstract: "Let a Kafka Streams application begin anew.",
        discussion: """
            Sets the application's offsets in its input topics, by default to the beginning, and those in intermediate \
            topics to the end, then deletes the topics that Kafka Streams made for the application: those whose names \
            begin with its id and a dash and end as such topics do. What the instances have stored locally is not touched: \
            call KafkaStreams#cleanUp() in each of them.

            EXAMPLES
              swkafka streams-application-reset --bootstrap-server localhost:9092 \\
                --application-id app --input-topics orders,payments --dry-run
              swkafka streams-application-reset --bootstrap-server localhost:9092 \\
                --application-id app --input-topics orders --to-datetime 2026-01-31T00:00:00.000

            DIFFERENCES
              Errors and warnings stand on standard error. --intermediate-topics is warned of only where it is used. A \
            topic that could not be deleted makes the exit status 1.
            """
    )

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Brokers to start from. (default: as configured, or localhost:9092)",
            valueName: "host:port,…"
        )
    )
    var bootstrapServer: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A Java property file with client settings.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var commandConfig: String?
    @Option(parsing: .unconditional, help: .hidden) var bootstrapServers: String?
    @Option(parsing: .unconditional, help: .hidden) var configFile: String?
    @OptionGroup var settings: ProfileOption

    @Option(parsing: .unconditional, help: ArgumentHelp("The application: its group's id.", valueName: "id"))
    var applicationID: String
    @Option(parsing: .unconditional, help: ArgumentHelp("Topics that it reads.", valueName: "topic,…"))
    var inputTopics: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Topics that it writes and reads again; out of use in Kafka.", valueName: "topic,…")
    )
    var intermediateTopics: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Delete only these of its own topics. (default: all)", valueName: "topic,…")
    )
    var internalTopics: String?
    @Flag(help: "Remove members that are still there first.") var force = false
    @Flag(help: "Only show what would be done.") var dryRun = false
    @Flag(help: "Do it without a question, which is asked on a terminal only.") var yes = false

    @OptionGroup(title: "Where the inputs go to") var target: StreamsTargetOptions

    /// Words of a list between commas.
    static func names(_ list: String?) -> [String] {
        (list ?? "").split(separator: ",").map { KeyValueOptions.trimmed($0) }.filter { !$0.isEmpty }
    }

    func validate() throws {
        guard bootstrapServer == nil || bootstrapServers == nil else {
            throw ValidationError("Give --bootstrap-server or its old spelling --bootstrap-servers, not both.")
        }
        guard commandConfig == nil || configFile == nil else {
            throw ValidationError("Give --command-config or its old spelling --config-file, not both.")
        }
        guard !applicationID.isEmpty else { throw ValidationError("The --application-id is empty.") }
        try target.check()
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        var properties = ["client.id": "swkafka"]
        if let file = commandConfig ?? configFile { properties.merge(try PropertyFiles.read(file)) { $1 } }
        let session = ClientSession(
            servers: try servers(properties, context),
            properties: properties,
            profile: settings.profile
        )
        return try await session.administer(context) { admin in
            try await StreamsApplicationResetter(command: self, context: context, admin: admin).run()
        }
    }
}

extension StreamsApplicationResetCommand {
    /// Kafka's script asks the broker of this machine when it is told nothing.
    private func servers(
        _ properties: [String: String],
        _ context: CommandContext
    ) throws(CommandFailure) -> ServerChoice {
        if let given = bootstrapServer ?? bootstrapServers { return .servers(given) }
        let configured = try SettingsStore(context).settings(profile: settings.profile).values["bootstrap.servers"]
        let isConfigured = properties["bootstrap.servers"] != nil || configured != nil
        return isConfigured ? .configured : .servers("localhost:9092")
    }
}

/// Where `streams-application-reset` sets the offsets in input topics to.
struct StreamsTargetOptions: ParsableArguments {
    @Flag(help: "The beginning (the default).") var toEarliest = false
    @Flag(help: "The end.") var toLatest = false
    @Option(parsing: .unconditional, help: ArgumentHelp("An offset.", valueName: "number")) var toOffset: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The first record at or after a time.", valueName: "YYYY-MM-DDThh:mm:ss.sss")
    )
    var toDatetime: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The first record of this long ago: P7DT3H.", valueName: "duration")
    )
    var byDuration: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("So many records from where it is.", valueName: "number"))
    var shiftBy: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("As a file of lines topic,partition,offset says.", valueName: "file"),
        completion: .file(extensions: ["csv"])
    )
    var fromFile: String?

    func check() throws(ValidationError) {
        let given = [
            toEarliest, toLatest, toOffset != nil, toDatetime != nil, byDuration != nil, shiftBy != nil,
            fromFile != nil,
        ]
        guard given.count(where: { $0 }) <= 1 else {
            throw ValidationError(
                "Give one of --to-earliest, --to-latest, --to-offset, --to-datetime, --by-duration, --shift-by and "
                    + "--from-file."
            )
        }
        do throws(CommandFailure) {
            if let toDatetime { _ = try DateTimeText.parse(toDatetime) }
            if let byDuration { _ = try DurationText.parse(byDuration) }
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// - Parameter nowMs: what a duration is counted back from.
    func scenario(group: String, nowMs: Int64) throws(CommandFailure) -> ResetScenario {
        if toLatest { return .latest }
        if let toOffset { return .offset(toOffset) }
        if let toDatetime { return .time(try DateTimeText.parse(toDatetime)) }
        if let byDuration { return try .ago(byDuration, nowMs: nowMs) }
        if let shiftBy { return .shift(shiftBy) }
        guard let fromFile else { return .earliest }
        let bytes = try FileReading.bytes(of: fromFile, purpose: "reset plan")
        return .plan(try ResetPlan(csv: String(decoding: bytes, as: UTF8.self), onlyGroup: group))
    }
}
