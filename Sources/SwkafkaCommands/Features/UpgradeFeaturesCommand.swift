import ArgumentParser

/// `swkafka features upgrade`: raises the levels of features.
struct UpgradeFeaturesCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade",
        abstract: "Raise the levels of features.",
        discussion: """
            EXAMPLES
              swkafka features upgrade --bootstrap-server localhost:9092 --feature group.version=1
            """
    )

    static var repeatable: Set<String> { ["feature"] }

    @OptionGroup(title: "Connection") var connection: ClusterConnection
    @OptionGroup var options: FeatureLevelOptions

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await FeatureChange(
            verb: .upgrade,
            levels: options.levels(isUpgrade: true, context),
            isUnsafe: false,
            isDryRun: options.dryRun
        )
        .run(connection, context)
    }
}
