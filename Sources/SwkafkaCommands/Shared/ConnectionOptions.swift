import ArgumentParser

/// How brokers are named, the same in every command that talks to a cluster.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: .customLong("bootstrap-server"),
        parsing: .unconditional,
        help: ArgumentHelp("Brokers to start from.", valueName: "host:port,…")
    )
    var bootstrapServer: String?

    @Option(
        name: .customLong("command-config"),
        parsing: .unconditional,
        help: ArgumentHelp("A Java property file with client settings.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var commandConfig: String?

    @Option(name: .customLong("broker-list"), parsing: .unconditional, help: .hidden)
    var brokerList: String?

    @Option(name: .customLong("zookeeper"), parsing: .unconditional, help: .hidden)
    var zookeeper: String?

    @Option(name: .customLong("zk-tls-config-file"), parsing: .unconditional, help: .hidden)
    var zookeeperTLS: String?

    func validate() throws {
        if zookeeper != nil || zookeeperTLS != nil {
            throw ValidationError(
                "ZooKeeper is no longer part of Kafka (since 4.0): give a broker's address with --bootstrap-server."
            )
        }
        if brokerList != nil, bootstrapServer != nil {
            throw ValidationError("Give --bootstrap-server or its old spelling --broker-list, not both.")
        }
        guard let servers = bootstrapServer ?? brokerList else {
            throw ValidationError("Missing required option --bootstrap-server: where is a broker (host:port)?")
        }
        try Self.check(servers)
    }

    /// The addresses as given, checked by `validate()`.
    var servers: String { bootstrapServer ?? brokerList ?? "" }

    /// Every entry needs a host and a port; brackets hold an IPv6 address.
    private static func check(_ servers: String) throws {
        for entry in servers.split(separator: ",", omittingEmptySubsequences: false) {
            let entry = KeyValueOptions.trimmed(entry)
            let colon = entry.lastIndex(of: ":")
            let port = colon.flatMap { UInt16(entry[entry.index(after: $0)...]) }
            let host = colon.map { entry[..<$0] } ?? ""
            let isBareIPv6 = host.contains(":") && !(host.hasPrefix("[") && host.hasSuffix("]"))
            guard !host.isEmpty, !isBareIPv6, let port, port > 0 else {
                throw ValidationError(
                    "'\(entry)' is no broker address: give host:port, as in localhost:9092 or [::1]:9092."
                )
            }
        }
    }
}
