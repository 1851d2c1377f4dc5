import ArgumentParser

/// `swkafka features version-mapping`: the levels of features that go with a release.
struct FeatureMappingCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "version-mapping",
        abstract: "Print the levels of features that go with a release.",
        discussion: """
            No cluster is asked.

            EXAMPLES
              swkafka features version-mapping --release-version 3.9-IV0
            """
    )

    @OptionGroup var connection: UnusedConnection
    @Option(parsing: .unconditional, help: ArgumentHelp("The release; the newest without this.", valueName: "version"))
    var releaseVersion: String?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let version = try FeatureLevels.release(releaseVersion ?? MetadataVersion.last.name)
        for (name, level) in FeatureLevels.levels(of: version) {
            try context.output.write("\(FeatureLevels.longText(name, level))\n")
        }
        return .success
    }
}

/// Kafka's script wants to know of a cluster that it does not ask.
struct UnusedConnection: ParsableArguments {
    @Option(name: .customLong("bootstrap-server"), parsing: .unconditional, help: .hidden) var bootstrapServer: String?
    @Option(name: .customLong("bootstrap-controller"), parsing: .unconditional, help: .hidden)
    var bootstrapController: String?
    @Option(name: .customLong("command-config"), parsing: .unconditional, help: .hidden) var commandConfig: String?
}
