import ArgumentParser
import Glibc

/// `swkafka cluster stop`: ends nodes in an orderly way.
struct ClusterStopCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop nodes in an orderly way.",
        discussion: """
            A broker that is stopped gives its leaderships to others first; clients notice nothing but the move. Data stay.

            EXAMPLES
              swkafka cluster stop 1002
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup var nodes: ClusterNodes

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        let plan = try home.plan()
        for id in nodes.ids { _ = try home.folder(id, in: plan) }
        context.interruptions.start(watching: nil)
        let lock = try home.lock()
        defer { withExtendedLifetime(lock) {} }
        let stopped = try await ClusterControl(home: home, context: context).stop(nodes.ids, plan)
        for id in nodes.ids {
            context.complain(stopped.contains(id) ? "Node \(id) is stopped.\n" : "Node \(id) was not running.\n")
        }
        return .success
    }
}

/// `swkafka cluster restart`: stops nodes and starts them again.
struct ClusterRestartCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Stop nodes in an orderly way and start them again, one after the other.",
        discussion: """
            Each is waited for before the next: with replicated topics a rolling restart that clients do not notice.

            EXAMPLES
              swkafka cluster restart 1001 1002 1003
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup var nodes: ClusterNodes

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        var plan = try home.plan()
        for id in nodes.ids { _ = try home.folder(id, in: plan) }
        context.interruptions.start(watching: nil)
        let lock = try home.lock()
        defer { withExtendedLifetime(lock) {} }
        let control = ClusterControl(home: home, context: context)
        for id in nodes.ids {
            _ = try await control.stop([id], plan)
            _ = try await control.start([id], &plan)
            if id != plan.controller.id { try await control.awaitMembers([id], plan) }
            context.complain("Node \(id) runs again.\n")
        }
        return .success
    }
}

/// `swkafka cluster kill`: a crash on purpose.
struct ClusterKillCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "End nodes at once (SIGKILL), as a crash would.",
        discussion: """
            The cluster notices after the broker session timeout (3 s unless set otherwise).

            EXAMPLES
              swkafka cluster kill 1001
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup var nodes: ClusterNodes

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        let plan = try home.plan()
        let control = ClusterControl(home: home, context: context)
        for id in nodes.ids {
            let folder = try home.folder(id, in: plan)
            guard folder.send(SIGKILL) else {
                context.complain("Node \(id) was not running.\n")
                continue
            }
            try await control.awaitEnd(id)
            context.complain("Node \(id) is killed.\n")
        }
        return .success
    }
}

/// `swkafka cluster pause`: a process that hangs.
struct ClusterPauseCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Let nodes stand still (SIGSTOP), as a machine that hangs would.",
        discussion: """
            Connections stay open and nothing is answered. 'swkafka cluster resume' lets them go on.

            EXAMPLES
              swkafka cluster pause 1002
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup var nodes: ClusterNodes

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try ClusterSignals.send(SIGSTOP, to: nodes.ids, try home.home(context), context, done: "stands still")
    }
}

/// `swkafka cluster resume`: the end of a pause.
struct ClusterResumeCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Let paused nodes go on (SIGCONT).",
        discussion: """
            EXAMPLES
              swkafka cluster resume 1002
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup var nodes: ClusterNodes

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try ClusterSignals.send(SIGCONT, to: nodes.ids, try home.home(context), context, done: "goes on")
    }
}

/// Signals that change nothing of what the plan says.
enum ClusterSignals {
    static func send(
        _ signal: Int32,
        to ids: [Int32],
        _ home: ClusterHome,
        _ context: CommandContext,
        done: String
    ) throws(CommandFailure) -> ExitStatus {
        let plan = try home.plan()
        var status = ExitStatus.success
        for id in ids {
            if try home.folder(id, in: plan).send(signal) {
                context.complain("Node \(id) \(done).\n")
            } else {
                context.complain("Node \(id) is not running.\n")
                status = .failure
            }
        }
        return status
    }
}
