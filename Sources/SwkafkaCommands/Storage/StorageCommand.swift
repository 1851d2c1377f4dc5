import ArgumentParser

/// `swkafka storage`: the group of commands that prepare data directories.
struct StorageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "Prepare data directories, and tell what they are.",
        discussion: """
            Works on directories, not on a running broker. The bundled broker needs no format step: it makes what is \
            missing when it starts.

            EXAMPLES
              swkafka storage random-uuid
              swkafka storage info --config server.properties
            """,
        subcommands: [
            StorageInfoCommand.self, StorageFormatCommand.self, StorageVersionMappingCommand.self,
            StorageFeatureDependenciesCommand.self, StorageRandomUUIDCommand.self,
        ]
    )
}
