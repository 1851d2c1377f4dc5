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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The profile to use; see swkafka-config(5).", valueName: "name")
    )
    var profile: String?

    @Option(name: .customLong("broker-list"), parsing: .unconditional, help: .hidden)
    var brokerList: String?

    @Option(name: .customLong("zookeeper"), parsing: .unconditional, help: .hidden)
    var zookeeper: String?

    @Option(name: .customLong("zk-tls-config-file"), parsing: .unconditional, help: .hidden)
    var zookeeperTLS: String?

    func validate() throws {
        if zookeeperTLS != nil {
            throw ValidationError(
                "ZooKeeper is no longer part of Kafka (since 4.0), and not asked over TLS: give a broker's address with "
                    + "--bootstrap-server."
            )
        }
        if let zookeeper {
            guard bootstrapServer == nil, brokerList == nil else {
                throw ValidationError("Give --bootstrap-server or the old --zookeeper, not both.")
            }
            do throws(CommandFailure) {
                _ = try ZooKeeperAddress(zookeeper)
            } catch {
                throw ValidationError(error.message)
            }
        }
        if brokerList != nil, bootstrapServer != nil {
            throw ValidationError("Give --bootstrap-server or its old spelling --broker-list, not both.")
        }
        if let servers = bootstrapServer ?? brokerList { try Self.check(servers) }
    }

    /// Where the brokers are, as given and checked by `validate()`.
    var servers: ServerChoice {
        if let servers = bootstrapServer ?? brokerList { return .servers(servers) }
        return zookeeper.map { .zookeeper($0) } ?? .configured
    }

    /// Every entry needs a host and a port; brackets hold an IPv6 address.
    static func check(_ servers: String) throws {
        for entry in servers.split(separator: ",", omittingEmptySubsequences: false) {
            let entry = KeyValueOptions.trimmed(entry)
            let colon = entry.lastIndex(of: ":")
            let port = colon.flatMap { UInt16(entry[entry.index(after: $0)...]) }
            let host = colon.map { entry[..<$0] } ?? ""
            let isBareIPv6 = host.contains(":") && !(host.hasPrefix("[") && host.hasSuffix("]"))
            guard !host.isEmpty, !isBareIPv6, let port, port > 0 else {
                throw ValidationError(
                    "'\(entry)' is no address: give host:port, as in localhost:9092 or [::1]:9092."
                )
            }
        }
    }
}
