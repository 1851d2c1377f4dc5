/// What a verification has found, for people and for programs.
struct VerifyReport: Equatable {
    /// What was done.
    struct Setup: Equatable, Sendable {
        var directory: String
        var topic: String
        var partitions: Int32
        var replicationFactor: Int16
        var minimumInSync: Int
        var producers: Int
        var rate: Int
        var seed: UInt64
        var play: String?
        var random: String?

        /// Every third producer does.
        func writesInTransactions(_ worker: Int) -> Bool { worker % 3 == 2 }

        var transactionalProducers: Int { (0..<producers).count { writesInTransactions($0) } }
    }

    /// Figures of the work.
    struct Figures: Equatable {
        var written = 0
        var acknowledged = 0
        var committed = 0
        var aborted = 0
        var uncertain = 0
        var read = 0
        var batches = 0
    }

    var setup: Setup
    let schedule: FaultSchedule
    var figures = Figures()
    /// From the end of the faults until all replicas were in sync.
    var healed = Duration.zero
    /// The longest time without an acknowledgement for anybody.
    var silence = Duration.zero
    /// What applications were told, and how often.
    var errors: [String: Int] = [:]
    /// The gravest first.
    var violations: [VerifyViolation] = []

    init(setup: Setup, schedule: FaultSchedule) {
        self.setup = setup
        self.schedule = schedule
    }

    mutating func take(_ ledger: VerifyLedger) {
        let history = ledger.history
        figures = Figures(
            written: history.writtenCount,
            acknowledged: history.acknowledgedCount,
            committed: history.count(of: .committed),
            aborted: history.count(of: .aborted),
            uncertain: history.count(of: .uncertain),
            read: history.readCount,
            batches: history.batchCount
        )
        silence = ledger.longestSilence
        errors = ledger.errors
        violations = VerifyChecker.check(history, topic: setup.topic)
    }

    /// The command that does it again.
    var replay: String {
        var words = ["swkafka cluster verify --data-dir \(ClusterOutput.quoted(setup.directory))"]
        if let play = setup.play { words.append("--play \(ClusterOutput.quoted(play))") }
        if let random = setup.random { words.append("--random \(random)") }
        words.append("--seed \(setup.seed) --duration \(schedule.lengthMs)ms --partitions \(setup.partitions)")
        words.append("--replication-factor \(setup.replicationFactor) --min-insync-replicas \(setup.minimumInSync)")
        words.append("--producers \(setup.producers) --rate \(setup.rate)")
        return words.joined(separator: " ")
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    // MARK: Text

    var text: String {
        let ours = setup.transactionalProducers
        var lines = [
            "Topic \(setup.topic): \(setup.partitions) partitions, \(setup.replicationFactor) replicas, "
                + "min.insync.replicas \(setup.minimumInSync)",
            "\(schedule.steps.count) steps of faults in \(schedule.lengthMs) ms, seed \(setup.seed)",
            "Written       \(figures.written) records by \(setup.producers) producers, \(ours) of them in transactions",
            "Acknowledged  \(figures.acknowledged)",
            "Transactions  \(figures.committed) committed, \(figures.aborted) aborted, \(figures.uncertain) uncertain",
            "Read          \(figures.read) records while it went on",
            "Compared      \(figures.batches) batches in the replicas' files",
            "Silence       at most \(Self.milliseconds(silence)) ms without an acknowledgement for anybody",
            "Whole again   \(Self.milliseconds(healed)) ms after the faults",
        ]
        for (error, count) in errors.sorted(by: { $0.key < $1.key }) {
            lines.append("Told          \(count) × \(error)")
        }
        guard let first = violations.first else {
            lines.append(
                "No violation: nothing that was acknowledged is lost, nothing is there twice or in another order, nothing that "
                    + "was seen has vanished, and the replicas are equal."
            )
            return lines.map { $0 + "\n" }.joined()
        }
        lines.append("VIOLATION     \(first)")
        for violation in violations.dropFirst().prefix(9) { lines.append("              \(violation)") }
        if violations.count > 10 { lines.append("              and \(violations.count - 10) more") }
        lines.append("Again with    \(replay)")
        return lines.map { $0 + "\n" }.joined()
    }

    var value: DataValue {
        .members([
            "topic": .string(setup.topic), "seed": .string("\(setup.seed)"), "duration_ms": .int(schedule.lengthMs),
            "steps": .strings(schedule.steps.map(\.description)), "written": .number(figures.written),
            "acknowledged": .number(figures.acknowledged), "committed": .number(figures.committed),
            "aborted": .number(figures.aborted), "uncertain": .number(figures.uncertain),
            "read": .number(figures.read), "batches_compared": .number(figures.batches),
            "longest_silence_ms": .int(Self.milliseconds(silence)), "whole_after_ms": .int(Self.milliseconds(healed)),
            "errors": .object(errors.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .number($0.value)) }),
            "violations": .array(
                violations.map { .members(["kind": .string($0.kind.rawValue), "text": .string($0.text)]) }
            ),
            "replay": .string(replay),
        ])
    }
}
