import ArgumentParser
import Glibc

/// `swkafka server-stop`: asks the brokers of this machine to end.
struct ServerStopCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "server-stop",
        abstract: "Stop the bundled brokers that run on this machine.",
        discussion: """
            Sends SIGTERM to every process that runs 'swkafka broker' or 'swkafka server-start', or only to those with a \
            node id or role: they finish what they have begun, and end. Does not wait for that. The variable SIGNAL names \
            another signal: SIGNAL=KILL.

            EXAMPLES
              swkafka server-stop
              swkafka server-stop --node-id 1001

            DIFFERENCES
              Brokers of Kafka itself are left alone. A process that may not be signalled makes the exit status 1.
            """
    )

    @Option(help: ArgumentHelp("Only nodes with this role: broker or controller.", valueName: "role"))
    var processRole: String?
    @Option(help: ArgumentHelp("Only the node with this id.", valueName: "id")) var nodeID: Int32?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let signal = try Self.signal(context.environment["SIGNAL"])
        let wanted = LocalBroker.all().filter { broker in
            (nodeID == nil || broker.nodeID == nodeID)
                && (processRole == nil || broker.roles.contains(processRole ?? ""))
        }
        guard !wanted.isEmpty else {
            let isFiltered = nodeID != nil || processRole != nil
            context.complain(isFiltered ? "No kafka server of this kind to stop\n" : "No kafka server to stop\n")
            return .failure
        }
        var status = ExitStatus.success
        for broker in wanted where kill(broker.pid, signal) != 0 && errno != ESRCH {
            context.complain("swkafka server-stop: process \(broker.pid): \(systemMessage(errno)).\n")
            status = .failure
        }
        return status
    }

    /// A signal by number or name, with or without SIG; SIGTERM when none is given.
    static func signal(_ text: String?) throws(CommandFailure) -> Int32 {
        guard let text, !text.isEmpty else { return SIGTERM }
        if let number = Int32(text), (1...64).contains(number) { return number }
        let names = [
            "TERM": SIGTERM, "INT": SIGINT, "KILL": SIGKILL, "HUP": SIGHUP, "QUIT": SIGQUIT, "STOP": SIGSTOP,
            "CONT": SIGCONT,
        ]
        let name = text.uppercased()
        guard let number = names[name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name] else {
            throw CommandFailure("The variable SIGNAL holds '\(text)', which is no signal; TERM is one.")
        }
        return number
    }
}
