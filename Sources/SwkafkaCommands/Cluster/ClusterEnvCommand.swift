import ArgumentParser

/// `swkafka cluster env`: the cluster's addresses for a shell.
struct ClusterEnvCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "env",
        abstract: "Print the cluster's addresses as exports for a shell.",
        discussion: """
            KAFKA_BOOTSTRAP_SERVERS and BOOTSTRAP_SERVERS have all brokers, BROKER_1001 and so on each of them. With the \
            first, commands need no --bootstrap-server; with SWKAFKA_CLUSTER_DIR, 'swkafka cluster' needs no --data-dir.

            EXAMPLES
              eval "$(swkafka cluster env)"
              swkafka describe
            """
    )

    @OptionGroup var home: ClusterHomeOptions

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        try context.output.write(ClusterOutput.exports(try home.plan(), home.path))
        return .success
    }
}
