import ArgumentParser
import KafkaClient

/// `swkafka features describe`: which features there are, and their levels.
struct DescribeFeaturesCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show the features of a cluster and their levels.",
        discussion: """
            JSON
              describe: {epoch, features: [{name, supportedMin, supportedMax, level}]}

            EXAMPLES
              swkafka features describe --bootstrap-server localhost:9092
              swkafka features describe --bootstrap-server localhost:9092 --output json
            """
    )

    @OptionGroup(title: "Connection") var connection: ClusterConnection
    @OptionGroup(title: "Output") var output: OutputOptions
    @Option(help: ArgumentHelp("The node to ask; anyone without this.", valueName: "id")) var nodeId: Int32?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await connection.session(clientID: FeaturesCommand.clientID).administer(context) { admin in
            let shown = FeaturesOutput(description: try await admin.describeFeatures(node: nodeId))
            try context.print(
                output.format,
                text: { shown.text },
                table: { shown.table(colour: $0) },
                value: { shown.value }
            )
            return .success
        }
    }
}
