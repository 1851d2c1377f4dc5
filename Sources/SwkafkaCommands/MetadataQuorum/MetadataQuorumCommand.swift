import ArgumentParser

/// `swkafka metadata-quorum`: the group of commands about the controllers that keep the cluster's metadata.
struct MetadataQuorumCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metadata-quorum",
        abstract: "Describe and change the quorum that keeps the cluster's metadata.",
        discussion: """
            Options may stand before the name of the subcommand, as Kafka's script wants them, or after it.

            EXAMPLES
              swkafka metadata-quorum describe --bootstrap-server localhost:9092 --status
              swkafka metadata-quorum describe --bootstrap-server localhost:9092 --replication \\
                --human-readable
              swkafka metadata-quorum describe --bootstrap-controller localhost:9093 --status
            """,
        subcommands: [
            DescribeQuorumCommand.self, AddControllerCommand.self, RemoveControllerCommand.self,
        ]
    )

    static let clientID = "swkafka-metadata-quorum"
}
