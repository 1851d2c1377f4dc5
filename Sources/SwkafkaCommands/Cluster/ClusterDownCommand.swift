import ArgumentParser
import Glibc
import KafkaStorage

/// `swkafka cluster down`: the end of a cluster.
struct ClusterDownCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop all nodes, and with --wipe remove everything they have written.",
        discussion: """
            Without --wipe 'swkafka cluster start' brings the cluster back as it was. --wipe asks first on a terminal, and \
            needs --yes elsewhere.

            EXAMPLES
              swkafka cluster down
              swkafka cluster down --wipe --yes
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @Flag(help: "Remove the cluster's directories: all data are gone.") var wipe = false
    @Flag(help: "Wipe without a question.") var yes = false

    func validate() throws {
        guard wipe || !yes else { throw ValidationError("--yes makes sense with --wipe only.") }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        let plan = try home.plan()
        if wipe { try Confirmation.require("Remove all data in \(home.path)", isGiven: yes, context) }
        context.interruptions.start(watching: nil)
        let lock = try home.lock()
        defer { withExtendedLifetime(lock) {} }
        let stopped = try await ClusterControl(home: home, context: context).stop(plan.nodes.map(\.id), plan)
        context.complain(
            "Stopped: \(stopped.isEmpty ? "nothing ran" : stopped.map(String.init).joined(separator: ", ")).\n"
        )
        guard wipe else { return .success }
        try home.wipe(plan)
        context.complain("Removed what was in \(home.path).\n")
        return .success
    }
}

extension ClusterHome {
    /// Removes what belongs to the cluster, and the directory if nothing else is in it.
    func wipe(_ plan: ClusterPlan) throws(CommandFailure) {
        for node in plan.nodes { try Self.removeTree(folder(node.id).path) }
        for name in [ClusterPlan.fileName, "supervisor.log", ".lock", "faults", "faults.lock"] {
            unlink(path + "/" + name)
        }
        rmdir(path)
    }

    private static func removeTree(_ path: String) throws(CommandFailure) {
        let files = PosixFileSystem()
        do throws(StorageError) {
            guard try files.status(path) != nil else { return }
            try files.removeTree(path)
        } catch {
            throw CommandFailure(error.description)
        }
    }
}
