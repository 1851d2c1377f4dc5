import ArgumentParser
import KafkaClient

/// `swkafka expect`: waits until a topic holds what a test wants to see.
struct ExpectCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "expect",
        abstract: "Wait until a topic holds a record that passes tests.",
        discussion: """
            Reads what the topic holds, then waits for what comes, until as many records as wanted have passed all tests, \
            and prints them. The exit status is 0 then, and 1 when the time is up first; with --never the other way round. \
            A topic that does not exist yet is waited for.

            Tests are those of swkafka-console-consumer(1): --match for the value, --key, --header, and --where for a field \
            of JSON. Records of open and aborted transactions do not count.

            JSON
              expect: a record for each line, as swkafka-console-consumer(1) prints it.

            EXAMPLES
              swkafka expect orders --match 'paid' --within 10s \\
                --bootstrap-server localhost:9092
              swkafka expect orders --where '.user.id=7' --count 2 --output json \\
                --bootstrap-server localhost:9092
              swkafka expect errors --never --within 2s --bootstrap-server localhost:9092
            """
    )

    static let repeatable: Set<String> = ["match", "header", "where"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Argument(help: ArgumentHelp("The topic.", valueName: "topic")) var topic: String
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The value matches; may be repeated.", valueName: "regex")
    )
    var match: [String] = []
    @Option(parsing: .unconditional, help: ArgumentHelp("This is the key.", valueName: "key")) var key: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("This header is there; may be repeated.", valueName: "name[=value]")
    )
    var header: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A field of the JSON value passes; may be repeated.", valueName: "test")
    )
    var `where`: [String] = []
    @Option(help: ArgumentHelp("How many records must pass.", valueName: "number")) var count: Int = 1
    @Option(help: ArgumentHelp("How long to wait for what is not there: 500ms, 10s, 2m.", valueName: "time"))
    var within = "10s"
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where to begin: an offset, a time, or -2h. (default: the beginning)", valueName: "place")
    )
    var from: String?
    @Flag(help: "Succeed when no such record comes.") var never = false
    @Option(
        help: ArgumentHelp("How to print records: text is the value, json and tsv everything.", valueName: "format")
    )
    var output: RecordOutput = .text

    func validate() throws {
        guard count > 0 else { throw ValidationError("Give a --count from 1.") }
        guard let time = ShortDuration.milliseconds(within), time <= 86_400_000 else {
            throw ValidationError("'\(within)' is no time for --within: give 500ms, 10s or 2m, a day at most.")
        }
        guard !never || count == 1 else { throw ValidationError("--count cannot be used with --never.") }
        do throws(CommandFailure) {
            _ = try filter()
            if let from { _ = try ReadingBounds.Place(from, nowMs: 0) }
        } catch {
            throw ValidationError(error.message)
        }
    }

    func filter() throws(CommandFailure) -> RecordFilter {
        try RecordFilter(greps: match, key: key, headers: header, fields: `where`)
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        var bounds = ReadingBounds()
        bounds.fromBeginning = true
        if let from { bounds.from = try ReadingBounds.Place(from, nowMs: context.nowMs()) }
        let printer = BatchPrinter(
            kind: .standard,
            output: output,
            filter: try filter(),
            properties: FormatterProperties([:]),
            skipsErrors: false,
            limit: count,
            complain: context.complain
        )
        if output == .tsv { try context.output.write(TSVRecordFormatter.header) }
        let expectation = Expectation(
            topic: topic,
            bounds: bounds,
            time: within,
            patience: .milliseconds(ShortDuration.milliseconds(within) ?? 0),
            count: count,
            isOfNothing: never
        )
        return try await expectation.run(ClientSession(connection), context, printer)
    }
}
