import ArgumentParser
import KafkaClient

/// `swkafka cluster list-endpoints`: Kafka's own.
struct ClusterListEndpointsCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-endpoints",
        abstract: "List brokers or controllers with their addresses.",
        discussion: """
            EXAMPLES
              swkafka cluster list-endpoints --bootstrap-server localhost:9092
              swkafka cluster list-endpoints --bootstrap-server localhost:9092 --include-fenced-brokers
            """
    )

    @OptionGroup var connection: ClusterConnection
    @Flag(help: "List brokers as well that take no part at the moment.") var includeFencedBrokers = false

    func validate() throws {
        if includeFencedBrokers, connection.usesControllers {
            throw ValidationError("The option --include-fenced-brokers is only for --bootstrap-server.")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await connection.session().administer(context) { admin in
            let found = try await admin.describeEndpoints(
                controllers: connection.usesControllers,
                includesFenced: includeFencedBrokers
            )
            try context.output.write(Self.text(found.endpoints, ofControllers: connection.usesControllers))
            return .success
        }
    }

    /// Kafka's own columns: padded, the last one too.
    static func text(_ endpoints: [ClusterEndpoint], ofControllers: Bool) -> String {
        let hostWidth = max(4, endpoints.map(\.node.host.count).max() ?? 0)
        let rackWidth = max(4, endpoints.map { $0.node.rack?.count ?? 4 }.max() ?? 0)
        var widths = [10, hostWidth, 10, rackWidth, 10, 15]
        var rows = [["ID", "HOST", "PORT", "RACK", "STATE", "ENDPOINT_TYPE"]]
        rows += endpoints.map { endpoint in
            [
                "\(endpoint.node.id)", endpoint.node.host, "\(endpoint.node.port)", endpoint.node.rack ?? "null",
                endpoint.isFenced ? "fenced" : "unfenced", ofControllers ? "controller" : "broker",
            ]
        }
        if ofControllers {
            widths.remove(at: 4)
            for index in rows.indices { rows[index].remove(at: 4) }
        }
        return rows.map { row in
            zip(row, widths).map { $0.padded(to: $1) }.joined(separator: " ") + "\n"
        }
        .joined()
    }
}
