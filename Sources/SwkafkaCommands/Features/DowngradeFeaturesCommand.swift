import ArgumentParser

/// `swkafka features downgrade`: lowers the levels of features.
struct DowngradeFeaturesCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "downgrade",
        abstract: "Lower the levels of features.",
        discussion: """
            EXAMPLES
              swkafka features downgrade --bootstrap-server localhost:9092 --feature group.version=0
            """
    )

    static var repeatable: Set<String> { ["feature"] }

    @OptionGroup(title: "Connection") var connection: ClusterConnection
    @OptionGroup var options: FeatureLevelOptions
    @Flag(name: .customLong("unsafe"), help: "Even if metadata are lost by it.") var allowsLoss = false

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await FeatureChange(
            verb: .downgrade,
            levels: options.levels(isUpgrade: false, context),
            isUnsafe: allowsLoss,
            isDryRun: options.dryRun
        )
        .run(connection, context)
    }
}
