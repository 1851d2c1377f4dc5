import KafkaBroker

/// How a cluster on this machine is shown.
enum ClusterOutput {
    struct Node: Equatable {
        var node: ClusterPlan.Node
        var isController: Bool
        var state: NodeFolder.State
        /// What the cluster says of a broker; nil when nobody could be asked.
        var isMember: Bool?
    }

    /// The addresses to start from.
    static func servers(_ plan: ClusterPlan) -> String {
        plan.brokers.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    }

    static func text(
        _ nodes: [Node],
        _ plan: ClusterPlan,
        _ faults: FaultSet,
        _ path: String,
        colour: Bool
    ) -> String {
        var table = TextTable([
            .right("NODE"), .left("ROLE"), .left("STATE"), .left("MEMBER"), .right("PID"), .left("ADDRESS"),
            .left("RACK"),
        ])
        for node in nodes {
            table.add([
                .init("\(node.node.id)"), .init(node.isController ? "controller" : "broker"),
                .init(state(node), paint(node.state)), .init(member(node)), .init(pid(node).map { "\($0)" } ?? "-"),
                .init(node.node.port > 0 ? "127.0.0.1:\(node.node.port)" : "-"), .init(node.node.rack ?? "-"),
            ])
        }
        return """
            Cluster: \(path)
            Session timeout: \(plan.sessionMs) ms
            Bootstrap servers: \(servers(plan))

            """ + faults.faults.map { "Fault: \($0)\n" }.joined() + table.text(colour: colour)
    }

    static func value(_ nodes: [Node], _ plan: ClusterPlan, _ faults: FaultSet, _ path: String) -> DataValue {
        .members([
            "directory": .string(path), "session_timeout_ms": .number(plan.sessionMs),
            "bootstrap_servers": .string(servers(plan)), "faults": faults.value,
            "nodes": .array(
                nodes.map { node in
                    .members([
                        "id": .number(node.node.id), "role": .string(node.isController ? "controller" : "broker"),
                        "state": .string(state(node)), "member": node.isMember.map { .bool($0) } ?? .null,
                        "pid": .optional(pid(node)), "port": .number(node.node.port),
                        "rack": .optional(node.node.rack),
                    ])
                }
            ),
        ])
    }

    /// Lines for a shell's `eval`.
    static func exports(_ plan: ClusterPlan, _ path: String) -> String {
        var lines = [
            "export KAFKA_BOOTSTRAP_SERVERS=\(servers(plan))", "export BOOTSTRAP_SERVERS=\(servers(plan))",
            "export \(ClusterHome.variable)=\(quoted(path))",
        ]
        for broker in plan.brokers { lines.append("export BROKER_\(broker.id)=127.0.0.1:\(broker.port)") }
        return lines.map { $0 + "\n" }.joined()
    }

    /// As one word of a POSIX shell.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

    private static func state(_ node: Node) -> String {
        switch node.state {
        case .running: "running"
        case .paused: "paused"
        case .stopped: "stopped"
        case .crashed: "crashed"
        }
    }

    private static func paint(_ state: NodeFolder.State) -> Paint? {
        switch state {
        case .running: .green
        case .paused: .yellow
        case .stopped: .dim
        case .crashed: .red
        }
    }

    private static func member(_ node: Node) -> String {
        if node.isController { return "-" }
        return switch node.isMember {
        case true?: "active"
        case false?: "fenced"
        case nil: "unknown"
        }
    }

    private static func pid(_ node: Node) -> Int32? {
        switch node.state {
        case .running(let pid), .paused(let pid): pid
        case .stopped, .crashed: nil
        }
    }
}
