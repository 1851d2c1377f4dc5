import Glibc
import KafkaBroker
import KafkaClient

/// Carries out `cluster verify`.
struct ClusterVerifyRunner {
    var command: ClusterVerifyCommand
    var context: CommandContext

    private static let defaultLengthMs: Int64 = 30_000
    /// How long the cluster may take to be whole, and readers to come to the end.
    private static let patience = Duration.seconds(120)

    func run() async throws -> ExitStatus {
        let home = try command.home.home(context)
        let plan = try home.plan()
        let script = try script()
        let seed = command.seed ?? script.seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let schedule = FaultSchedule(
            script,
            seed: seed,
            brokers: plan.brokers.map(\.id),
            lengthMs: try command.lengthMs() ?? (script.hasEnd ? nil : Self.defaultLengthMs)
        )
        try schedule.check(plan, home)
        var report = VerifyReport(setup: setup(plan, home, seed), schedule: schedule)
        context.interruptions.start(watching: nil)
        let control = ClusterControl(home: home, context: context)
        let session = ClientSession(
            servers: ClusterOutput.servers(plan),
            properties: ["client.id": "verify", "request.timeout.ms": "5000", "default.api.timeout.ms": "60000"]
        )
        let status = try await session.administer(context) { admin in
            try await makeTopic(report.setup, admin)
            context.complain(
                "Topic \(report.setup.topic), seed \(seed). Things go wrong for \(schedule.lengthMs / 1000) s.\n"
            )
            let referee = VerifyReferee(home: home, setup: report.setup, admin: admin)
            let ledger = VerifyLedger()
            try await work(report.setup, schedule, ledger, control, referee, &report)
            if let interruption = context.interruptions.first { return interruption.status }
            report.take(ledger)
            return report.violations.isEmpty ? ExitStatus.success : .failure
        }
        guard context.interruptions.first == nil else { return status }
        let (text, value) = (report.text, report.value)
        try context.print(command.output.format, text: { text }, table: { _ in text }, value: { value })
        return status
    }

    // MARK: Beforehand

    private func script() throws -> FaultScript {
        if let file = command.play { return try FaultScript(file: file) }
        var script = FaultScript()
        let kinds = try command.kinds()
        if !kinds.isEmpty { script.storms = [.init(everyMs: 3000, kinds: kinds, forMs: 500...4000)] }
        return script
    }

    private func setup(_ plan: ClusterPlan, _ home: ClusterHome, _ seed: UInt64) -> VerifyReport.Setup {
        let replicas = command.replicationFactor ?? Int16(clamping: min(3, plan.brokers.count))
        return VerifyReport.Setup(
            directory: home.path,
            topic: command.topic ?? "verify-" + String(UInt32.random(in: 0...(.max)), radix: 36),
            partitions: command.partitions,
            replicationFactor: replicas,
            minimumInSync: command.minInsyncReplicas ?? min(2, Int(replicas)),
            producers: command.producers,
            rate: command.rate,
            seed: seed,
            play: command.play,
            random: command.random
        )
    }

    private func makeTopic(_ setup: VerifyReport.Setup, _ admin: KafkaAdmin) async throws {
        let topic = NewTopic(
            setup.topic,
            partitions: setup.partitions,
            replicationFactor: setup.replicationFactor,
            configs: [
                "min.insync.replicas": "\(setup.minimumInSync)", "unclean.leader.election.enable": "false",
                "retention.ms": "-1",
            ]
        )
        guard let result = try await admin.createTopics([topic])[setup.topic] else { return }
        do throws(KafkaClientError) {
            _ = try result.get()
        } catch {
            throw CommandFailure(
                "swkafka cluster verify: topic \(setup.topic) cannot be made: \(error.message)",
                hint: "It must be a new one, so that everything in it is known."
            )
        }
    }

    // MARK: The work

    /// Writes and reads while things go wrong, and gathers what is there afterwards.
    private func work(
        _ setup: VerifyReport.Setup,
        _ schedule: FaultSchedule,
        _ ledger: VerifyLedger,
        _ control: ClusterControl,
        _ referee: VerifyReferee,
        _ report: inout VerifyReport
    ) async throws {
        let workload = VerifyWorkload(
            servers: ClusterOutput.servers(try control.home.plan()),
            topic: setup.topic,
            partitions: setup.partitions,
            rate: max(1, setup.rate / setup.producers),
            ledger: ledger
        )
        var healed = Duration.zero
        try await withThrowingTaskGroup(of: Void.self) { readers in
            for (name, readsCommitted) in [
                ("the reader of all records", false), ("the reader of committed records", true),
            ] {
                let reader = VerifyReader(name: name, readsCommitted: readsCommitted, workload: workload)
                readers.addTask { try await reader.run() }
            }
            try await withThrowingTaskGroup(of: Void.self) { producers in
                Self.addProducers(workload, setup, to: &producers)
                try await warmUp(ledger, setup.producers)
                try await FaultPlayer(control: control, schedule: schedule, report: tell).play()
                let end = ContinuousClock.now
                try await heal(control, referee)
                healed = ContinuousClock.now - end
                workload.isOver.set()
                try await producers.waitForAll()
            }
            guard context.interruptions.first == nil else { return readers.cancelAll() }
            let ends = try await referee.settle(ledger, patience: Self.patience)
            workload.ends.set(ends, patience: Self.patience)
            try await readers.waitForAll()
            try await referee.takeStock(ledger, workload, ends, patience: Self.patience)
        }
        report.healed = healed
    }

    private static func addProducers(
        _ workload: VerifyWorkload,
        _ setup: VerifyReport.Setup,
        to group: inout ThrowingTaskGroup<Void, any Error>
    ) {
        for worker in 0..<setup.producers {
            if setup.writesInTransactions(worker) {
                let producer = VerifyTransactions(
                    worker: worker,
                    workload: workload,
                    seed: setup.seed &+ UInt64(worker)
                )
                group.addTask { try await producer.run() }
            } else {
                let producer = VerifyProducer(worker: worker, workload: workload)
                group.addTask { try await producer.run() }
            }
        }
    }

    /// Nothing goes wrong before everybody is at work.
    private func warmUp(_ ledger: VerifyLedger, _ producers: Int) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while ledger.begunCount < producers, context.interruptions.first == nil {
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "swkafka cluster verify: only \(ledger.begunCount) of \(producers) producers get anything acknowledged.",
                    hint: "Does 'swkafka cluster status' show enough members?"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func tell(_ step: FaultSchedule.Step) { context.complain("\(step)\n") }

    /// Ends everything that is wrong, and waits until all replicas are in sync.
    private func heal(_ control: ClusterControl, _ referee: VerifyReferee) async throws {
        guard context.interruptions.first == nil else { return }
        var plan = try control.home.plan()
        try await ClusterFaults(home: control.home).clear()
        for node in plan.nodes {
            let folder = control.home.folder(node.id)
            if case .paused = folder.state { _ = folder.send(SIGCONT) }
        }
        let lock = try control.home.lock()
        _ = try await control.start(plan.nodes.map(\.id), &plan)
        withExtendedLifetime(lock) {}
        try await control.awaitMembers(plan.brokers.map(\.id), plan)
        try await referee.awaitWhole(patience: Self.patience)
    }
}
