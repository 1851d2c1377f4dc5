import ArgumentParser
import KafkaBroker

/// `swkafka broker clock`: sets the clock of a running broker.
struct BrokerClockCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "Show or set the clock of a broker that runs with --clock.",
        discussion: """
            The broker is named by its data directory, in which a socket waits that only the user who started the broker \
            may use. Each action prints the time that the clock then shows and its rate. A jump is answered when the \
            regular work that it made due is done: retention, expiry of producers, checkpoints, removal of deleted \
            files. Periodic work is done once for a jump, however many periods it passes.

            COMMANDS
              show           print what the clock shows and how it runs
              advance SPAN   jump forward, by 8d, 1d12h, 90m, 30s or 500ms
              set TIME       jump forward to an ISO 8601 time, or to @ and milliseconds since 1970
              freeze         stand still
              run [xFACTOR]  run as fast as real time, or so many times as fast

            EXAMPLES
              See the default retention of 7 days at work, in a moment:
                swkafka broker --clock now --data-dir /tmp/data &
                echo hello | swkafka console-producer --bootstrap-server localhost:9092 --topic t
                swkafka broker clock advance 8d --data-dir /tmp/data
                swkafka get-offsets --bootstrap-server localhost:9092 --topic t --time earliest
              Let a day pass in a minute:
                swkafka broker clock run x1440 --data-dir /tmp/data
            """
    )

    enum Action: String, ExpressibleByArgument, CaseIterable {
        case show, advance, set, freeze, run
    }

    @Argument(help: ArgumentHelp("show, advance, set, freeze or run.", valueName: "action")) var action = Action.show

    @Argument(help: ArgumentHelp("The span, the time or the factor.", valueName: "value")) var value: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The broker's data directory. (default: ~/.local/share/swkafka)", valueName: "dir"),
        completion: .directory
    )
    var dataDir: String?

    func validate() throws {
        _ = try request()
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        guard let directory = dataDir ?? DefaultDataDirectory.path(context.environment) else {
            throw CommandFailure("swkafka broker clock: give the broker's --data-dir.", status: .usage)
        }
        let request = try request()
        let answer: ClockAnswer
        do {
            answer = try await BrokerClockControl(dataDirectory: directory).perform(request)
        } catch {
            throw CommandFailure("swkafka broker clock: \(error.description).")
        }
        switch answer {
        case .reading(let nowMs, let rate):
            try context.output.write("\(BrokerTime.format(nowMs)) \(rate)\n")
            return .success
        case .refused(let reason): throw CommandFailure("swkafka broker clock \(action): \(reason).")
        }
    }

    /// What the words mean.
    private func request() throws -> ClockCommand {
        switch action {
        case .show:
            try refuseValue()
            return .show
        case .freeze:
            try refuseValue()
            return .setRate(.frozen)
        case .advance:
            guard let value else { throw ValidationError("advance needs a span, such as 8d or 1h30m.") }
            guard let span = BrokerTime.parseSpan(value) else {
                throw ValidationError("'\(value)' is no span: give one such as 8d, 1d12h, 90m, 30s or 500ms.")
            }
            return .advance(span)
        case .set:
            guard let value else { throw ValidationError("set needs a time, such as 2026-01-31T12:00:00Z.") }
            guard let time = BrokerTime.parse(value) else {
                throw ValidationError(
                    "'\(value)' is no time: give one such as 2026-01-31T12:00:00Z, or @ and milliseconds since 1970."
                )
            }
            return .set(time)
        case .run:
            guard let rate = ClockRate(value ?? "x1"), rate != .frozen else {
                throw ValidationError("'\(value ?? "")' is no factor: give x and a number above 0, such as x60.")
            }
            return .setRate(rate)
        }
    }

    private func refuseValue() throws {
        if let value { throw ValidationError("\(action) takes nothing more: '\(value)' is too much.") }
    }
}
