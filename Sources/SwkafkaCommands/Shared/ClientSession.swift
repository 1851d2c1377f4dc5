import KafkaClient

/// A command's connection to a cluster: settings from options and files, and what to do with them.
struct ClientSession {
    /// The addresses to start from.
    var servers: ServerChoice
    /// Settings under Kafka's names; they win over those of profiles and other settings files.
    var properties: [String: String]
    /// The profile that the command line asks for.
    var profile: String?
    /// What counts when neither properties nor settings files say anything.
    private var defaults: [String: String] = [:]

    /// The settings of a command without properties of its own.
    ///
    /// - Parameter controllers: the addresses after `--bootstrap-controller`, in commands that have it.
    init(
        _ options: ConnectionOptions,
        controllers: String? = nil,
        clientID: String = "swkafka"
    ) throws(CommandFailure) {
        servers = controllers.map { .controllers($0) } ?? options.servers
        profile = options.profile
        properties = [:]
        defaults = ["client.id": clientID]
        if let file = options.commandConfig { properties = try PropertyFiles.read(file) }
    }

    /// Settings that were gathered elsewhere.
    init(servers: ServerChoice, properties: [String: String], profile: String? = nil) {
        self.servers = servers
        self.properties = properties
        self.profile = profile
    }

    /// The same with addresses that are known.
    init(servers: String, properties: [String: String]) {
        self.init(servers: .servers(servers), properties: properties)
    }

    /// Opens the cluster, runs the work, and closes it again.
    /// - Parameter configure: takes what else it understands from the properties.
    func run<Settings, Result>(
        _ context: CommandContext,
        configure: (inout PropertySet) throws -> Settings,
        _ work: (KafkaCluster, Settings) async throws -> Result
    ) async throws -> Result {
        let (addresses, values) = try await resolved(context)
        var set = PropertySet(values)
        var configuration = try ClientConfiguration(properties: &set, bootstrapServers: addresses)
        if case .controllers = servers { configuration.bootstrapsFromControllers = true }
        let chosen = try configure(&set)
        let unknown = set.unknownNames
        if !unknown.isEmpty {
            context.complain("Settings that are not known here are ignored: \(unknown.joined(separator: ", ")).\n")
        }
        return try await KafkaCluster.withCluster(configuration) { cluster in try await work(cluster, chosen) }
    }

    /// The same for administrative work.
    func administer<Result>(
        _ context: CommandContext,
        _ work: (KafkaAdmin) async throws -> Result
    ) async throws -> Result {
        try await run(context, configure: { _ in }) { cluster, _ in try await work(KafkaAdmin(cluster: cluster)) }
    }

    // MARK: Where the brokers are

    /// The addresses to start from and all settings, from options, profiles and files.
    func resolved(
        _ context: CommandContext
    ) async throws -> (addresses: [ServerAddress], properties: [String: String]) {
        let settings = try SettingsStore(context).settings(profile: profile)
        for warning in settings.warnings { context.complain(warning + "\n") }
        var values = defaults.merging(settings.kafkaProperties) { $1 }.merging(properties) { $1 }
        values["bootstrap.servers"] = nil
        let addresses = try ServerAddress.parseList(try await addresses(settings, values, context))
        values.merge(
            try PasswordSource(settings: settings, environment: context.environment).credentials(over: properties)
        ) { $1 }
        return (addresses, values)
    }

    private func addresses(
        _ settings: UserSettings,
        _ values: [String: String],
        _ context: CommandContext
    ) async throws -> String {
        switch servers {
        case .servers(let list), .controllers(let list): return list
        case .zookeeper(let text):
            let lookup = ZooKeeperLookup(
                address: try ZooKeeperAddress(text),
                securityProtocol: values["security.protocol"] ?? "PLAINTEXT"
            )
            switch try await onOwnThread({ try lookup.find() }) {
            case .brokers(let list):
                let list = list.joined(separator: ",")
                context.complain("--zookeeper: the brokers registered there are \(list).\n")
                return list
            case .broker(let address):
                context.complain(
                    "--zookeeper: there is a Kafka broker at \(address), not a ZooKeeper; going on with it. "
                        + "Its option is --bootstrap-server.\n"
                )
                return address
            }
        case .configured:
            if let list = properties["bootstrap.servers"] ?? settings.values["bootstrap.servers"]?.text { return list }
            throw CommandFailure(
                "Missing required option --bootstrap-server: where is a broker (host:port)?",
                hint: "It may be left out once it is set: swkafka profile set default bootstrap.servers=host:port",
                status: .usage
            )
        }
    }
}
