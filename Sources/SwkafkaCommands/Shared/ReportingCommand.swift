import ArgumentParser

/// A command with the option `--output`, and those that go with it.
protocol ReportingCommand: SwkafkaCommand {
    var output: OutputOptions { get }
}

/// A command whose report can be asked for again and again.
protocol WatchableCommand: ReportingCommand {
    var watching: WatchOptions { get }
}

/// When output has colours.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// On a terminal, unless `NO_COLOR` is set.
    case auto
    case always
    case never
}

/// `--watch`, the same in every command that describes something that changes.
struct WatchOptions: ParsableArguments {
    @Option(
        defaultAsFlag: 2,
        parsing: .next,
        help: ArgumentHelp("Look again and again, every 2 seconds unless given.", valueName: "seconds")
    )
    var watch: Int?

    func validate() throws {
        if let watch, watch < 1 { throw ValidationError("--watch needs at least 1 second.") }
    }
}
