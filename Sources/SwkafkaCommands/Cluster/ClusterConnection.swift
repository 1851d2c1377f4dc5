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

    @OptionGroup var settings: ProfileOption

    func validate() throws {
        if bootstrapServer != nil, bootstrapController != nil {
            throw ValidationError("Give --bootstrap-server or --bootstrap-controller, not both.")
        }
    }

    var usesControllers: Bool { bootstrapController != nil }

    func session(clientID: String = "swkafka-cluster") throws(CommandFailure) -> ClientSession {
        var properties = ["client.id": clientID]
        if let config { properties.merge(try PropertyFiles.read(config)) { $1 } }
        let servers = bootstrapController.map { .controllers($0) } ?? ServerChoice(bootstrapServer)
        return ClientSession(servers: servers, properties: properties, profile: settings.profile)
    }
}
