import ArgumentParser
import KafkaClient

/// How Kafka's `kafka-cluster.sh` is told where a cluster is.
struct ClusterConnection: ParsableArguments {
    @Option(
        name: [.customShort("b"), .customLong("bootstrap-server")],
        parsing: .unconditional,
        help: ArgumentHelp("Brokers to start from.", valueName: "host:port,…")
    )
    var bootstrapServer: String?

    @Option(
        name: [.customShort("C"), .customLong("bootstrap-controller")],
        parsing: .unconditional,
        help: ArgumentHelp("Controllers to start from.", valueName: "host:port,…")
    )
    var bootstrapController: String?

    @Option(
        name: [.customShort("c"), .customLong("config"), .customLong("command-config")],
        parsing: .unconditional,
        help: ArgumentHelp("A Java property file with client settings.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var config: String?

    func validate() throws {
        switch (bootstrapServer, bootstrapController) {
        case (nil, nil):
            throw ValidationError(
                "Give --bootstrap-server or --bootstrap-controller: where is the cluster (host:port)?"
            )
        case (_?, _?): throw ValidationError("Give --bootstrap-server or --bootstrap-controller, not both.")
        default: break
        }
    }

    var usesControllers: Bool { bootstrapController != nil }

    func session(clientID: String = "swkafka-cluster") throws(CommandFailure) -> ClientSession {
        var properties = ["client.id": clientID]
        if let config { properties.merge(try PropertyFiles.read(config)) { $1 } }
        return ClientSession(servers: bootstrapServer ?? bootstrapController ?? "", properties: properties)
    }
}
