import ArgumentParser

/// How a command prints what it found.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Kafka's own text.
    case text
    case table
    case json
    case yaml
    /// Tab-separated values; see `TSVText`.
    case tsv
}

/// `--output` and `--color`, the same in every command that lists or describes.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .customLong("output"),
        help: ArgumentHelp("Print Kafka's own text, a table, JSON, YAML or tab-separated values.", valueName: "format")
    )
    var format: OutputFormat = .text

    @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
    var color: ColourChoice = .auto
}
