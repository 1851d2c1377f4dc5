import ArgumentParser
import KafkaBroker
import KafkaWire

/// `swkafka cluster start`: makes a cluster, or starts what of it does not run.
struct ClusterStartCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start a cluster, or single nodes of it again.",
        discussion: """
            The first start makes the cluster; later ones start what does not run, with the data as they are. With node \
            numbers only those are started. Returns, or says that all is ready, once every broker takes part.

            Without --detach the command stays: Ctrl-C ends the cluster in an orderly way. With it the processes live on \
            until 'swkafka cluster down'.

            The broker session timeout is 3 s, so that the end of a broker is noticed soon; Kafka's own default is 9 s: \
            --override broker.session.timeout.ms=9000.

            EXAMPLES
              swkafka cluster start --brokers 3 --detach
              swkafka cluster start --brokers 2 --ports 0 --data-dir /tmp/c --override min.insync.replicas=2
              swkafka cluster start 1001
            """
    )
    static let repeatable: Set<String> = ["override"]

    @OptionGroup var home: ClusterHomeOptions
    @Option(help: ArgumentHelp("Brokers of a new cluster. (default: 3)", valueName: "n")) var brokers: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Ports of a new cluster's brokers: the first one, or one for each, separated by commas; 0 lets the system "
                + "choose. (default: 9092)",
            valueName: "port,…"
        )
    )
    var ports: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Racks of a new cluster's brokers, in turn, separated by commas.", valueName: "rack,…")
    )
    var rack: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting of every node, under Kafka's name; may be repeated.", valueName: "key=value")
    )
    var override: [String] = []
    @Flag(help: "Return when the cluster is ready, and let it run.") var detach = false
    @Flag(help: "Start a node again that ended without being told to.") var restartOnCrash = false
    @Argument(help: ArgumentHelp("Nodes to start again; none is all.", valueName: "id")) var ids: [Int32] = []

    func validate() throws {
        if let brokers, !(1...100).contains(brokers) { throw ValidationError("Give 1 to 100 --brokers.") }
        for item in override where !item.contains("=") || item.hasPrefix("=") {
            throw ValidationError("'\(item)' is no setting for --override: give key=value.")
        }
        _ = try portList()
        if !ids.isEmpty, brokers != nil || ports != nil || rack != nil || !override.isEmpty || restartOnCrash {
            throw ValidationError("Node numbers start nodes as they are: give no other options with them.")
        }
    }

    /// nil without the option.
    private func portList() throws -> [Int]? {
        guard let ports else { return nil }
        return try ports.split(separator: ",", omittingEmptySubsequences: false).map { item in
            guard let port = Int(KeyValueOptions.trimmed(item)), (0...65535).contains(port) else {
                throw ValidationError("'\(item)' is no port for --ports: give numbers from 0 to 65535.")
            }
            return port
        }
    }

    // MARK: Running

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        context.interruptions.start(watching: nil)
        let control = ClusterControl(home: home, context: context)
        let plan = try await start(control, context)
        guard ids.isEmpty else { return .success }
        let faults = try ClusterFaults(home: control.home).read()
        for fault in faults.faults { context.complain("A fault still holds: \(fault).\n") }
        try context.output.write("The cluster is ready: \(ClusterOutput.servers(plan))\n")
        try context.output.flush()
        if detach {
            if restartOnCrash { try NodeLauncher().superviseDetached(home) }
            return .success
        }
        context.complain("Ctrl-C ends it. More: swkafka cluster --help\n")
        return try await ClusterSupervisor(control: control, restarts: restartOnCrash).runUntilInterrupted()
    }

    private func start(_ control: ClusterControl, _ context: CommandContext) async throws -> ClusterPlan {
        let lock = try control.home.lock()
        defer { withExtendedLifetime(lock) {} }
        var plan: ClusterPlan
        if let known = try control.home.findPlan() {
            try refuseOtherShape(known)
            plan = known
            if !override.isEmpty { plan.overrides.merge(KeyValueOptions.parse(override)) { $1 } }
        } else {
            guard ids.isEmpty else {
                plan = try control.home.plan()
                return plan
            }
            plan = try newPlan()
        }
        for id in ids { _ = try control.home.folder(id, in: plan) }
        try control.home.save(plan)
        let wanted = ids.isEmpty ? plan.nodes.map(\.id) : ids
        let started = try await control.start(wanted, &plan)
        for id in wanted where !started.contains(id) { context.complain("Node \(id) runs already.\n") }
        try await control.awaitMembers(wanted.filter { $0 != plan.controller.id }, plan)
        for id in started {
            let port = plan.node(id)?.port ?? 0
            context.complain("Node \(id) runs on 127.0.0.1:\(port).\n")
        }
        return plan
    }

    private func refuseOtherShape(_ plan: ClusterPlan) throws(CommandFailure) {
        if let brokers, brokers != plan.brokers.count {
            throw CommandFailure(
                "The cluster has \(plan.brokers.count) brokers.",
                hint: "Change that with 'swkafka cluster scale \(brokers)'."
            )
        }
        guard ports == nil, rack == nil else {
            throw CommandFailure("--ports and --rack are for a new cluster; this one exists.")
        }
    }

    private func newPlan() throws -> ClusterPlan {
        let racks = (rack ?? "").split(separator: ",").map { KeyValueOptions.trimmed($0) }
        var plan = ClusterPlan(
            clusterID: "\(KafkaUUID.random())",
            controller: .init(id: ClusterPlan.controllerID, port: 0, hasAnyPort: true, rack: nil),
            brokers: [],
            overrides: KeyValueOptions.parse(override)
        )
        let count = brokers ?? 3
        guard let ports = try portList() else {
            plan.grow(to: count, racks: racks)
            return plan
        }
        for index in 0..<count {
            // One port is where they begin; 0 alone is for all.
            let given = index < ports.count ? ports[index] : ports.count == 1 ? ports[0] : nil
            guard let given else {
                throw CommandFailure("--ports names \(ports.count) ports for \(count) brokers.", status: .usage)
            }
            let port = index < ports.count || given == 0 ? given : given + index
            guard port <= 65535 else { throw CommandFailure("There is no port \(port) for --ports.", status: .usage) }
            plan.brokers.append(
                .init(
                    id: ClusterPlan.firstBrokerID + Int32(index),
                    port: port,
                    hasAnyPort: port == 0,
                    rack: racks.isEmpty ? nil : racks[index % racks.count]
                )
            )
        }
        return plan
    }
}
