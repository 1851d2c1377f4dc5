import ArgumentParser

/// `swkafka features disable`: turns features off.
struct DisableFeaturesCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Turn features off: the same as lowering them to 0.",
        discussion: """
            EXAMPLES
              swkafka features disable --bootstrap-server localhost:9092 --feature group.version
            """
    )

    static var repeatable: Set<String> { ["feature"] }

    @OptionGroup(title: "Connection") var connection: ClusterConnection
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A feature; may be given several times.", valueName: "name")
    )
    var feature: [String] = []
    @Flag(name: .customLong("unsafe"), help: "Even if metadata are lost by it.") var allowsLoss = false
    @Flag(help: "Only tell what would be done.") var dryRun = false

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        var levels: [(name: String, level: Int16)] = []
        for name in feature {
            guard !levels.contains(where: { $0.name == name }) else {
                throw CommandFailure("Feature \(name) was specified more than once.")
            }
            levels.append((name, 0))
        }
        return try await FeatureChange(verb: .disable, levels: levels, isUnsafe: allowsLoss, isDryRun: dryRun)
            .run(connection, context)
    }
}
