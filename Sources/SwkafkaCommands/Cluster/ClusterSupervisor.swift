import Glibc

/// Stays with a running cluster: until the user has enough of it, or until none of its nodes is meant to run any more.
struct ClusterSupervisor {
    let control: ClusterControl
    /// Starts nodes again that ended without being told to.
    let restarts: Bool

    private static let glance = Duration.milliseconds(200)

    /// Ends the cluster when a signal comes.
    func runUntilInterrupted() async throws -> ExitStatus {
        try await watch()
        guard let interruption = control.context.interruptions.first else {
            control.context.complain("The cluster was stopped.\n")
            return .success
        }
        control.context.complain("Stopping.\n")
        let plan = try control.home.plan()
        _ = try await ClusterControl(home: control.home, context: control.context.deaf).stop(plan.nodes.map(\.id), plan)
        if case .signal(let number) = interruption, number == SIGTERM { return .success }
        return .success
    }

    /// Returns at a signal, or when nothing is left to watch.
    func watch() async throws {
        while control.context.interruptions.first == nil {
            NodeLauncher.reap()
            guard var plan = try control.home.findPlan() else { return }
            let states = plan.nodes.map { (id: $0.id, state: control.home.folder($0.id).state) }
            if states.allSatisfy({ $0.state == .stopped }) { return }
            let crashed = states.filter { $0.state == .crashed }.map(\.id)
            if restarts, !crashed.isEmpty {
                let lock = try control.home.lock()
                for id in crashed { control.context.complain("Node \(id) has crashed; it is started again.\n") }
                _ = try await control.start(crashed.filter { control.home.folder($0).state == .crashed }, &plan)
                withExtendedLifetime(lock) {}
            }
            try await Task.sleep(for: Self.glance)
        }
    }
}

extension CommandContext {
    /// The same for work that a first interruption has begun and must not end.
    var deaf: CommandContext {
        var context = self
        context.interruptions = NoInterruptions()
        return context
    }
}

extension NodeLauncher {
    /// Starts a supervisor that lives on by itself.
    func superviseDetached(_ home: ClusterHome) throws(CommandFailure) {
        _ = try spawn(
            [executable, "cluster", "supervise", "--data-dir", home.path],
            log: home.path + "/supervisor.log"
        )
    }
}
