import ArgumentParser
import KafkaClient

/// `swkafka cluster unregister`: Kafka's own.
struct ClusterUnregisterCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "unregister",
        abstract: "Make a cluster forget a broker that will not come back.",
        discussion: """
            Its replicas stay in the lists of partitions until they are moved.

            EXAMPLES
              swkafka cluster unregister --bootstrap-server localhost:9092 --id 3
            """
    )

    @OptionGroup var connection: ClusterConnection
    @Option(name: .shortAndLong, help: ArgumentHelp("The broker.", valueName: "id")) var id: Int32

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await connection.session().administer(context) { admin in
            do throws(KafkaClientError) {
                try await admin.unregisterBroker(id)
            } catch {
                guard error.code == .unsupportedByBroker else { throw error }
                try context.output.write("The target cluster does not support the broker unregistration API.\n")
                return .success
            }
            try context.output.write("Broker \(id) is no longer registered.\n")
            return .success
        }
    }
}
