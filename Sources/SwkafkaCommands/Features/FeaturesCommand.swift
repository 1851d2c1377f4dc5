import ArgumentParser

/// `swkafka features`: the group of commands about the features of a cluster.
struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features",
        abstract: "Describe and change the features of a cluster.",
        discussion: """
            A feature has a level on which all brokers agree, so that they can be upgraded one by one. Options may stand \
            before the name of the subcommand, as Kafka's script wants them, or after it.

            EXAMPLES
              swkafka features describe --bootstrap-server localhost:9092
              swkafka features upgrade --bootstrap-server localhost:9092 --feature group.version=1
              swkafka features upgrade --bootstrap-server localhost:9092 --release-version 4.1-IV1 \\
                --dry-run
            """,
        subcommands: [
            DescribeFeaturesCommand.self, UpgradeFeaturesCommand.self, DowngradeFeaturesCommand.self,
            DisableFeaturesCommand.self, FeatureMappingCommand.self, FeatureDependenciesCommand.self,
        ]
    )

    static let clientID = "swkafka-features"
}
