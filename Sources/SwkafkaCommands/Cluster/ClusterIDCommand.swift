import ArgumentParser
import KafkaClient

/// `swkafka cluster cluster-id`: Kafka's own.
struct ClusterIDCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster-id",
        abstract: "Print the id of a cluster.",
        discussion: """
            EXAMPLES
              swkafka cluster cluster-id --bootstrap-server localhost:9092
            """
    )

    @OptionGroup var connection: ClusterConnection

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await connection.session().administer(context) { admin in
            if connection.usesControllers {
                let clusterID = try await admin.describeEndpoints(controllers: true).clusterID
                try context.output.write("Cluster ID: \(clusterID)\n")
                return .success
            }
            guard let clusterID = try await admin.describeCluster().clusterID else {
                try context.output.write("No cluster ID found. The Kafka version is probably too old.\n")
                return .success
            }
            try context.output.write("Cluster ID: \(clusterID)\n")
            return .success
        }
    }
}
