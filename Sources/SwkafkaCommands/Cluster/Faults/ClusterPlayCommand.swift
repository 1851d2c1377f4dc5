import ArgumentParser
import KafkaBroker

/// `swkafka cluster play`: what shall happen to a cluster, from a file.
struct ClusterPlayCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "play",
        abstract: "Do to a running cluster what a fault script says.",
        discussion: """
            Each step is printed with its time when it happens. The same script and seed lead to the same steps. What the \
            script leaves broken stays so: see 'swkafka cluster fault clear', 'start' and 'resume'.

            SCRIPT
            One line for each step: a time after the beginning, an action, the nodes; # begins a remark. Actions are kill, \
            stop, start, restart, pause and resume with one or several nodes, the faults of swkafka-cluster-fault(1), clear, \
            and end with one fault. Further lines:
              every TIME random KIND,… for TIME[-TIME]
                                 something happens to some broker again and again, and ends after the second time, or one between the two. Kinds: \
            kill and restart (started again in the end), pause, cut, slow, disk-full.
              until TIME         when the script is over; else with its last step
              seed N             decides what chance brings; --seed wins

            EXAMPLES
              seed 7
              5s  kill 1002
              8s  start 1002
              10s cut 1001|1002,controller
              12s clear
              every 3s random kill,pause,cut,slow for 500ms-2s
              until 1m

              swkafka cluster play night.faults --seed 8
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @Option(help: ArgumentHelp("What chance brings. (default: that of the script, else a new one)", valueName: "n"))
    var seed: UInt64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long, such as 30s; steps after that are left out. (default: as the script says)",
            valueName: "time"
        )
    )
    var duration: String?
    @Argument(help: ArgumentHelp("The script.", valueName: "file"), completion: .file()) var file: String

    func validate() throws { _ = try lengthMs() }

    private func lengthMs() throws -> Int64? {
        do throws(FaultSyntaxError) {
            guard let duration else { return nil }
            return try FaultScript.time(duration)
        } catch {
            throw ValidationError("--duration: \(error).")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        let plan = try home.plan()
        let script = try FaultScript(file: file)
        let seed = seed ?? script.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let schedule = FaultSchedule(script, seed: seed, brokers: plan.brokers.map(\.id), lengthMs: try lengthMs())
        try schedule.check(plan, home)
        guard schedule.lengthMs > 0 || script.hasEnd else {
            throw CommandFailure(
                "\(file) says what happens again and again, but not until when.",
                hint: "Add a line such as 'until 30s', or give --duration.",
                status: .usage
            )
        }
        context.interruptions.start(watching: nil)
        context.complain("Seed \(seed).\n")
        let player = FaultPlayer(control: ClusterControl(home: home, context: context), schedule: schedule) { step in
            try context.output.write("\(step)\n")
            try context.output.flush()
        }
        try await player.play()
        return context.interruptions.first?.status ?? .success
    }
}

extension FaultScript {
    init(file: String) throws(CommandFailure) {
        let bytes = try FileReading.bytes(of: file, purpose: "fault script")
        do throws(FaultSyntaxError) {
            self = try FaultScript(text: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw CommandFailure(
                "\(file): \(error).",
                hint: "See 'swkafka cluster play --help' for what a script may say.",
                status: .usage
            )
        }
    }
}

extension FaultSchedule {
    /// - Throws: when a step names a node that there is not.
    func check(_ plan: ClusterPlan, _ home: ClusterHome) throws(CommandFailure) {
        for step in steps {
            for node in step.action.nodes { _ = try home.folder(node, in: plan) }
        }
    }
}
