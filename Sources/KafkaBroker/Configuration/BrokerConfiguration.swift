import KafkaCoordination
import KafkaTransport

/// How a broker listens, where it keeps its data, and every Kafka broker config that differs from its default.
///
/// Values come in by Kafka's own names, as in `server.properties`; they are checked when the configuration is made, so
/// that a `Broker` never starts with half of them. Everything has a default: a broker without any configuration
/// listens on 127.0.0.1:9092 and keeps its data in `kafka-logs` under the temporary directory.
public struct BrokerConfiguration: Sendable {
    /// Where the broker listens.
    public struct Listener: Sendable, Equatable {
        /// A name or address; empty means all interfaces.
        public var host: String
        /// 0 takes a free port.
        public var port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// Number of this broker in its cluster; from 0. Without `node.id` it is 1, or that of the data directory.
    public internal(set) var nodeID: Int32
    /// The number was given, and must be that of the data directory.
    let hasNodeID: Bool
    public var listener: Listener
    /// What clients are told to connect to; nil is the address that is listened on.
    public var advertised: Listener?
    /// `log.dirs`. A new partition goes to the one that has the fewest. Empty takes a new temporary directory, which needs
    /// `isEphemeral`.
    public var dataDirectories: [String]
    /// `metadata.log.dir`: where the cluster's metadata are; nil is the first of `dataDirectories`.
    public var metadataDirectory: String?
    /// The data directories are new, and removed when the broker stops.
    public var isEphemeral: Bool
    /// A clock that can be set, for everything that time brings about in the broker; nil is real time.
    package var clock: ClockSetting?
    /// Rack or zone; nil when not set.
    public let rack: String?
    /// What this process is in its cluster.
    enum Role: Sendable, Equatable {
        /// Controller and broker in one.
        case combined
        /// A controller without a broker; the only voter of its quorum.
        case controller
        /// A broker whose controllers are elsewhere.
        case broker(controllers: [PeerAddress])
    }

    let role: Role
    /// A controller without a broker.
    package var isController: Bool { role == .controller }
    /// The name of the listener, such as `PLAINTEXT` or `CONTROLLER`.
    let listenerName: String
    /// The cluster that a new data directory becomes part of; nil makes up a new one.
    package var clusterID: String?
    /// What was set, by name; names without an effect here included.
    public let properties: [String: String]
    /// Names in `properties` that mean nothing here.
    public let ignoredProperties: [String]

    /// - Parameters:
    ///   - properties: configs by Kafka's names.
    ///   - isEphemeral: keep the data only while the broker runs. Without `log.dirs` they go to a temporary directory.
    /// - Throws: when a value has the wrong type, is out of its limits, or asks for what this broker cannot do.
    public init(
        properties: [String: String] = [:],
        isEphemeral: Bool = false
    ) throws(BrokerConfigurationError) {
        self.properties = properties
        self.isEphemeral = isEphemeral
        ignoredProperties = properties.keys.filter { BrokerConfigs.byName[$0] == nil }.sorted()
        for (name, value) in properties.sorted(by: { $0.key < $1.key }) {
            do {
                _ = try BrokerConfigs.byName[name]?.parse(value)
            } catch {
                throw BrokerConfigurationError(error.description)
            }
        }
        let resolver = ConfigResolver(staticValues: properties)
        let text = { (name: String) in resolver.brokerValue(name)?.trimmingBlanks() }
        let number = (properties["node.id"] ?? properties["broker.id"]).flatMap { Int32($0.trimmingBlanks()) }
        hasNodeID = number != nil
        nodeID = number ?? 1
        rack = text("broker.rack").flatMap { $0.isEmpty ? nil : $0 }
        role = try Self.role(properties)
        let controllerNames = Set(Self.items(text("controller.listener.names")))
        var ignoredNames = controllerNames
        var listeners = text("listeners") ?? ""
        if role == .controller {
            // Whatever else it lists is for brokers, which this process is none of.
            ignoredNames = []
            listeners = try ListenerAddress.keeping(controllerNames, in: listeners)
        }
        (listenerName, listener) = try ListenerAddress.only(in: listeners, config: "listeners", ignoring: ignoredNames)
        advertised = nil
        if var advertisedText = text("advertised.listeners"), !advertisedText.isEmpty {
            if role == .controller { advertisedText = try ListenerAddress.keeping(controllerNames, in: advertisedText) }
            if role != .controller || !advertisedText.isEmpty {
                advertised =
                    try ListenerAddress.only(
                        in: advertisedText,
                        config: "advertised.listeners",
                        ignoring: ignoredNames
                    )
                    .address
            }
        }
        dataDirectories = try Self.dataDirectories(properties, isEphemeral: isEphemeral)
        metadataDirectory = Self.items(properties["metadata.log.dir"]).first.map(Self.withoutLastSlash)
    }

    private static func role(_ properties: [String: String]) throws(BrokerConfigurationError) -> Role {
        let roles = Set(items(properties["process.roles"]))
        if roles == ["controller"] { return .controller }
        guard roles == ["broker"] else { return .combined }
        let controllers = try ControllerAddresses.parse(properties)
        guard !controllers.isEmpty else {
            throw BrokerConfigurationError(
                "process.roles is broker, so that controller.quorum.bootstrap.servers has to name a controller as "
                    + "host:port; leave process.roles out for broker and controller in one process"
            )
        }
        return .broker(controllers: controllers)
    }

    /// Reads a properties file; `overrides` win over what it says.
    public init(
        propertiesFile path: String,
        overrides: [String: String] = [:],
        isEphemeral: Bool = false
    ) throws(BrokerConfigurationError) {
        let file: JavaProperties
        do {
            file = try JavaProperties(contentsOf: path)
        } catch {
            throw BrokerConfigurationError("configuration file \(path): \(error.description)")
        }
        try self.init(properties: file.values.merging(overrides) { $1 }, isEphemeral: isEphemeral)
    }

    private static func dataDirectories(
        _ properties: [String: String],
        isEphemeral: Bool
    ) throws(BrokerConfigurationError) -> [String] {
        guard let text = properties["log.dirs"] ?? properties["log.dir"] else {
            return isEphemeral ? [] : [TemporaryDirectory.parent + "/kafka-logs"]
        }
        let directories = items(text).map(withoutLastSlash)
        guard !directories.isEmpty else {
            throw BrokerConfigurationError("log.dirs is empty; give a directory for the data")
        }
        guard Set(directories).count == directories.count else {
            throw BrokerConfigurationError("log.dirs names a directory twice: \(text)")
        }
        return directories
    }

    private static func withoutLastSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private static func items(_ list: String?) -> [String] {
        (list ?? "").split(separator: ",").map { String($0).trimmingBlanks() }.filter { !$0.isEmpty }
    }
}

/// What is wrong with a broker's configuration, and how to put it right.
public struct BrokerConfigurationError: Error, Equatable, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) { self.description = description }
}
