import ArgumentParser
import KafkaBroker

/// `swkafka cluster verify`: whether a cluster keeps its promises while it is being broken.
struct ClusterVerifyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Write and read while things go wrong, and prove that nothing acknowledged was lost.",
        discussion: """
            Producers write numbered records with checksums and keys, with acks=all, some of them in transactions, and \
            readers of all and of committed records read them, while a fault script plays or chance strikes. Then \
            everything is made well again, and for each partition it is checked that

              nothing that was acknowledged is lost, nothing is there twice, and each producer's records are in their order;
              whatever a reader saw is still there, and it was given everything, in order;
              of a transaction all or nothing is shown to readers of committed records, and of an aborted one nothing;
              all replicas have the same bytes up to the high watermark, which is read from their files.

            The cluster must run; the topic is made for this and kept. Ends with status 1 at a violation, which is shown \
            with what repeats the run: the faults come again in the same way, the threads of the machine may not.

            JSON
              verify: {topic, seed, duration_ms, steps, written, acknowledged, committed, aborted, uncertain, read, \
            batches_compared, longest_silence_ms, whole_after_ms, errors: {…}, violations: [{kind, text}], replay}

            EXAMPLES
              swkafka cluster verify
              swkafka cluster verify --random kill,pause,cut,slow --duration 1m
              swkafka cluster verify --play night.faults --seed 7 --output json
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @Option(help: ArgumentHelp("A fault script, as for cluster play.", valueName: "file"), completion: .file())
    var play: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("What may happen: kill, restart, pause, cut, slow, disk-full.", valueName: "kind,…")
    )
    var random: String?
    @Option(help: ArgumentHelp("What chance brings. (default: a new one)", valueName: "n")) var seed: UInt64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long things go wrong. (default: 30s, or as the script says)", valueName: "time")
    )
    var duration: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("The topic to make. (default: a new name)", valueName: "name"))
    var topic: String?
    @Option(help: ArgumentHelp("Partitions of the topic.", valueName: "n")) var partitions: Int32 = 3
    @Option(help: ArgumentHelp("Replicas of each. (default: 3, or as many as there are brokers)", valueName: "n"))
    var replicationFactor: Int16?
    @Option(help: ArgumentHelp("Its min.insync.replicas. (default: 2, or 1 with one replica)", valueName: "n"))
    var minInsyncReplicas: Int?
    @Option(help: ArgumentHelp("Producers; every third writes in transactions.", valueName: "n")) var producers = 6
    @Option(help: ArgumentHelp("Records a second, of all producers together.", valueName: "n")) var rate = 1000

    func validate() throws {
        if play != nil, random != nil { throw ValidationError("Give --play or --random, not both.") }
        guard (1...1000).contains(partitions) else { throw ValidationError("Give 1 to 1000 --partitions.") }
        guard (1...100).contains(producers) else { throw ValidationError("Give 1 to 100 --producers.") }
        guard (1...100_000).contains(rate) else { throw ValidationError("Give a --rate of 1 to 100000.") }
        do throws(FaultSyntaxError) {
            _ = try kinds()
            _ = try lengthMs()
        } catch {
            throw ValidationError("\(error).")
        }
    }

    func kinds() throws(FaultSyntaxError) -> [FaultScript.Kind] {
        guard let random else { return [] }
        return try FaultScript.kinds(random)
    }

    /// nil when it was not given.
    func lengthMs() throws(FaultSyntaxError) -> Int64? {
        guard let duration else { return nil }
        return try FaultScript.time(duration)
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ClusterVerifyRunner(command: self, context: context).run()
    }
}
