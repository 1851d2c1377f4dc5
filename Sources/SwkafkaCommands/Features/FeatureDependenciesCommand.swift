import ArgumentParser

/// `swkafka features feature-dependencies`: what levels of features need.
struct FeatureDependenciesCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "feature-dependencies",
        abstract: "Print which other features a level of a feature needs.",
        discussion: """
            No cluster is asked.

            EXAMPLES
              swkafka features feature-dependencies --feature kraft.version=1
            """
    )

    static var repeatable: Set<String> { ["feature"] }

    @OptionGroup var connection: UnusedConnection
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A level; may be given several times.", valueName: "name=level")
    )
    var feature: [String] = []

    func validate() throws {
        if feature.isEmpty { throw ValidationError("Missing required option --feature: of which level?") }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try context.output.write(try FeatureLevels.dependenciesText(of: feature))
        return .success
    }
}
