import KafkaBroker
import KafkaWire

/// What a cluster on this machine consists of, as `cluster.json` in its directory keeps it.
struct ClusterPlan: Equatable {
    struct Node: Equatable {
        let id: Int32
        /// 0 until the node's first start has picked one.
        var port: Int
        /// The port was left to the system, so that another is as good.
        var hasAnyPort: Bool
        var rack: String?
    }

    static let fileName = "cluster.json"
    static let controllerID = FaultSet.controllerID
    static let firstBrokerID: Int32 = 1001
    static let firstBrokerPort = 9092
    static let defaultSessionMs = 3000
    private static let version: Int64 = 1

    var clusterID: String
    var controller: Node
    /// By id.
    var brokers: [Node]
    /// Settings of every node, under Kafka's names.
    var overrides: [String: String]

    var nodes: [Node] { [controller] + brokers }

    /// Milliseconds without a heartbeat after which a broker counts as gone.
    var sessionMs: Int { overrides["broker.session.timeout.ms"].flatMap { Int($0) } ?? Self.defaultSessionMs }

    func node(_ id: Int32) -> Node? { nodes.first { $0.id == id } }

    mutating func setPort(_ port: Int, of id: Int32) {
        if controller.id == id { controller.port = port }
        for index in brokers.indices where brokers[index].id == id { brokers[index].port = port }
    }

    /// Adds brokers until there are `count`: ids and ports go on from the highest.
    mutating func grow(to count: Int, racks: [String] = []) {
        while brokers.count < count {
            let id = (brokers.map(\.id).max() ?? Self.firstBrokerID - 1) + 1
            let any = brokers.last?.hasAnyPort ?? false
            let port = any ? 0 : (brokers.map(\.port).max() ?? Self.firstBrokerPort - 1) + 1
            let rack = racks.isEmpty ? nil : racks[brokers.count % racks.count]
            brokers.append(Node(id: id, port: port, hasAnyPort: any, rack: rack))
        }
    }

    /// A new cluster whose ports the system picks.
    static func onFreePorts(brokers count: Int, overrides: [String: String]) -> ClusterPlan {
        ClusterPlan(
            clusterID: "\(KafkaUUID.random())",
            controller: Node(id: controllerID, port: 0, hasAnyPort: true, rack: nil),
            brokers: (0..<count).map { Node(id: firstBrokerID + Int32($0), port: 0, hasAnyPort: true, rack: nil) },
            overrides: overrides
        )
    }

    // MARK: Properties of nodes

    /// The settings of one node, as its `server.properties` has them.
    func properties(of node: Node, dataDirectory: String) -> [(name: String, value: String)] {
        var values = [
            "broker.session.timeout.ms": "\(Self.defaultSessionMs)",
            "broker.heartbeat.interval.ms": "500",
        ]
        values.merge(overrides) { $1 }
        values["node.id"] = "\(node.id)"
        values["log.dirs"] = dataDirectory
        values["controller.listener.names"] = "CONTROLLER"
        if node.id == controller.id {
            values["process.roles"] = "controller"
            values["listeners"] = "CONTROLLER://127.0.0.1:\(node.port)"
        } else {
            values["process.roles"] = "broker"
            values["listeners"] = "PLAINTEXT://127.0.0.1:\(node.port)"
            values["controller.quorum.bootstrap.servers"] = "127.0.0.1:\(controller.port)"
            if let rack = node.rack { values["broker.rack"] = rack }
        }
        return values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    // MARK: File

    var json: String {
        let describe = { (node: Node) -> DataValue in
            .members([
                "id": .number(node.id), "port": .number(node.port), "any_port": .bool(node.hasAnyPort),
                "rack": .optional(node.rack),
            ])
        }
        return JSONText.pretty(
            .members([
                "version": .int(Self.version), "cluster_id": .string(clusterID), "controller": describe(controller),
                "brokers": .array(brokers.map(describe)),
                "overrides": .object(
                    overrides.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .string($0.value)) }
                ),
            ])
        )
    }

    /// nil when the text is no such plan.
    init?(json bytes: [UInt8]) {
        guard case .object(let members)? = try? JSONParser.parse(bytes), case .number("1")? = members["version"],
            case .string(let clusterID)? = members["cluster_id"],
            let controller = members["controller"].flatMap(Node.init(json:)),
            case .array(let brokers)? = members["brokers"], case .object(let overrides)? = members["overrides"]
        else { return nil }
        self.clusterID = clusterID
        self.controller = controller
        self.brokers = brokers.compactMap(Node.init(json:))
        self.overrides = overrides.compactMapValues { value in
            guard case .string(let text) = value else { return nil }
            return text
        }
        guard self.brokers.count == brokers.count, Set(nodes.map(\.id)).count == nodes.count else { return nil }
    }

    init(clusterID: String, controller: Node, brokers: [Node], overrides: [String: String]) {
        self.clusterID = clusterID
        self.controller = controller
        self.brokers = brokers
        self.overrides = overrides
    }
}

extension ClusterPlan.Node {
    fileprivate init?(json: JSONDocument) {
        guard case .object(let members) = json, case .number(let id)? = members["id"], let id = Int32(id), id >= 0,
            case .number(let port)? = members["port"], let port = Int(port), (0...65535).contains(port),
            case .bool(let any)? = members["any_port"]
        else { return nil }
        self.init(id: id, port: port, hasAnyPort: any, rack: nil)
        if case .string(let rack)? = members["rack"] { self.rack = rack }
    }
}
