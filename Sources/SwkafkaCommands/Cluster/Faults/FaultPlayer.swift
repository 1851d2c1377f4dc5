import Glibc
import KafkaBroker

/// Does to a cluster what a schedule says, each thing at its time.
///
/// Nothing waits for its effect: a node that is started may be killed again before it is ready, as in real life. Only what
/// has to come first is waited for, beside the schedule: a node is started again when its old process has ended.
struct FaultPlayer {
    let control: ClusterControl
    let schedule: FaultSchedule
    /// Told of each step as it happens.
    let report: (FaultSchedule.Step) throws -> Void

    private static let glance = Duration.milliseconds(20)
    /// How long an orderly end may take.
    private static let patience = Duration.seconds(60)

    /// Returns when the schedule is through, or at once when somebody interrupts.
    func play() async throws {
        let plan = try control.home.plan()
        let launcher = try NodeLauncher()
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for step in schedule.steps {
                guard try await wait(until: begin + .milliseconds(step.atMs)) else { break }
                try report(step)
                try await perform(step.action, plan, launcher, &group)
                NodeLauncher.reap()
            }
            _ = try await wait(until: begin + .milliseconds(schedule.lengthMs))
            try await group.waitForAll()
        }
    }

    /// False when somebody interrupts.
    private func wait(until time: ContinuousClock.Instant) async throws -> Bool {
        while ContinuousClock.now < time {
            if control.context.interruptions.first != nil { return false }
            try await Task.sleep(until: min(time, ContinuousClock.now + Self.glance))
        }
        return control.context.interruptions.first == nil
    }

    private func perform(
        _ action: ClusterAction,
        _ plan: ClusterPlan,
        _ launcher: NodeLauncher,
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws {
        let home = control.home
        switch action {
        case .kill(let id): _ = home.folder(id).send(SIGKILL)
        case .pause(let id): _ = home.folder(id).send(SIGSTOP)
        case .resume(let id): _ = home.folder(id).send(SIGCONT)
        case .stop(let id): try Self.stop(home.folder(id))
        case .start(let id): try await start(id, plan, launcher, &group)
        case .restart(let id):
            try Self.stop(home.folder(id))
            try await start(id, plan, launcher, &group)
        case .fault(let fault): try await ClusterFaults(home: home).change { $0.add(fault) }
        case .end(let fault): try await ClusterFaults(home: home).change { $0.remove(fault) }
        case .clear(let nodes):
            try await ClusterFaults(home: home).change { faults in
                if nodes.isEmpty { faults = FaultSet() } else { faults.remove(touching: nodes) }
            }
        }
    }

    private static func stop(_ folder: NodeFolder) throws {
        try folder.noteUnwanted()
        // One that is paused would not hear.
        _ = folder.send(SIGCONT)
        _ = folder.send(SIGTERM)
    }

    private func start(
        _ id: Int32,
        _ plan: ClusterPlan,
        _ launcher: NodeLauncher,
        _ group: inout ThrowingTaskGroup<Void, any Error>
    ) async throws {
        let home = control.home
        let folder = home.folder(id)
        NodeLauncher.reap()
        guard folder.pid != nil else { return try Self.launch(id, home, plan, launcher) }
        // It runs, and is to run on, or is about to end.
        guard !folder.isWanted else { return }
        group.addTask {
            let deadline = ContinuousClock.now + Self.patience
            while folder.pid != nil {
                guard ContinuousClock.now < deadline else {
                    throw CommandFailure("Node \(id) was stopped and has not ended after a minute.")
                }
                try await Task.sleep(for: Self.glance)
                NodeLauncher.reap()
            }
            try Self.launch(id, home, plan, launcher)
        }
    }

    private static func launch(
        _ id: Int32,
        _ home: ClusterHome,
        _ plan: ClusterPlan,
        _ launcher: NodeLauncher
    ) throws {
        let lock = try home.lock()
        defer { withExtendedLifetime(lock) {} }
        guard home.folder(id).pid == nil else { return }
        try home.launch(id, launcher, plan)
    }
}
