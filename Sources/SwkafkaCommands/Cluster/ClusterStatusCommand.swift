import ArgumentParser

/// `swkafka cluster status`: which nodes run.
struct ClusterStatusCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the nodes of a cluster: roles, processes, ports, and who takes part.",
        discussion: """
            STATE is what the process does: running, paused, stopped, or crashed when it ended without being told to. \
            MEMBER is what the cluster thinks: a fenced broker has sent no heartbeat for the session timeout, or has not \
            caught up yet. Faults that hold ('swkafka cluster fault') are listed.

            JSON
              status: {directory, session_timeout_ms, bootstrap_servers, nodes: [{id, role, state, member, pid, port, \
            rack}]}.

            EXAMPLES
              swkafka cluster status
              swkafka cluster status --output json
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        let plan = try home.plan()
        let members = await ClusterControl(home: home, context: context).members(plan)
        let nodes = plan.nodes.map { node in
            ClusterOutput.Node(
                node: node,
                isController: node.id == plan.controller.id,
                state: home.folder(node.id).state,
                isMember: node.id == plan.controller.id ? nil : members.map { $0.contains(node.id) }
            )
        }
        let faults = try ClusterFaults(home: home).read()
        try context.print(
            output.format,
            text: { ClusterOutput.text(nodes, plan, faults, home.path, colour: false) },
            table: { ClusterOutput.text(nodes, plan, faults, home.path, colour: $0) },
            value: { ClusterOutput.value(nodes, plan, faults, home.path) }
        )
        return .success
    }
}
