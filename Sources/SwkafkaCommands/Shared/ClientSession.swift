import KafkaClient

/// A command's connection to a cluster: settings from options and files, and what to do with them.
struct ClientSession {
    /// The addresses to start from.
    var servers: String
    /// Settings under Kafka's names.
    var properties: [String: String]

    /// The settings of a command without properties of its own.
    init(_ options: ConnectionOptions, clientID: String = "swkafka") throws(CommandFailure) {
        servers = options.servers
        properties = ["client.id": clientID]
        if let file = options.commandConfig { properties.merge(try PropertyFiles.read(file)) { $1 } }
    }

    /// Settings that were gathered elsewhere.
    init(servers: String, properties: [String: String]) {
        self.servers = servers
        self.properties = properties
    }

    /// Opens the cluster, runs the work, and closes it again.
    /// - Parameter configure: takes what else it understands from the properties.
    func run<Settings, Result>(
        _ context: CommandContext,
        configure: (inout PropertySet) throws -> Settings,
        _ work: (KafkaCluster, Settings) async throws -> Result
    ) async throws -> Result {
        var set = PropertySet(properties)
        let addresses = try ServerAddress.parseList(servers)
        let configuration = try ClientConfiguration(properties: &set, bootstrapServers: addresses)
        let settings = try configure(&set)
        let unknown = set.unknownNames
        if !unknown.isEmpty {
            context.complain("Settings that are not known here are ignored: \(unknown.joined(separator: ", ")).\n")
        }
        return try await KafkaCluster.withCluster(configuration) { cluster in try await work(cluster, settings) }
    }

    /// The same for administrative work.
    func administer<Result>(
        _ context: CommandContext,
        _ work: (KafkaAdmin) async throws -> Result
    ) async throws -> Result {
        try await run(context, configure: { _ in }) { cluster, _ in try await work(KafkaAdmin(cluster: cluster)) }
    }
}
