import ArgumentParser

/// `swkafka storage version-mapping`: the features of a release.
struct StorageVersionMappingCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "version-mapping",
        abstract: "Print the levels of features that go with a release.",
        discussion: """
            EXAMPLES
              swkafka storage version-mapping
              swkafka storage version-mapping --release-version 3.9
            """
    )

    @Option(
        name: [.customShort("r"), .customLong("release-version")],
        parsing: .unconditional,
        help: ArgumentHelp("The release; the newest without this.", valueName: "version")
    )
    var releaseVersion: String?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        guard let version = MetadataVersion(releaseVersion ?? MetadataVersion.newest.name) else {
            throw CommandFailure("There is no release '\(releaseVersion ?? "")'.")
        }
        try context.output.write(
            "metadata.version=\(version.level) (\(version.name))\nkraft.version=\(version.kraftVersion)\n"
                + "transaction.version=\(version.transactionVersion)\ngroup.version=\(version.groupVersion)\n"
        )
        return .success
    }
}
