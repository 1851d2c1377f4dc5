import ArgumentParser
import KafkaStorage

/// `swkafka log verify`: checks a data directory offline.
struct LogVerifyCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a data directory, and name every fault.",
        discussion: """
            Reads a whole data directory, the folder of one partition, or one file, of this broker or of Apache Kafka. \
            Checked are: the checksum and layout of every batch and record, the order of offsets, the entries of offset, \
            time and transaction indexes, leader epochs against leader-epoch-checkpoint, the sequences of producers, \
            producer and metadata snapshots, checkpoints and meta.properties. Nothing is changed. A broker may have the \
            directory open; what it is writing is then left out, and said so.

            Each fault is named with its file, byte and offset; status 1 says that there is one. Lines that begin with \
            "note:" tell of things that may be as they are, such as files that wait for their removal.

            JSON
              verify: {path, clean, partitions, segments, batches, records, bytes, faultCount, omitted, faults: \
            [{file, position, offset, kind, message}], notes: [{file, position, offset, kind, message}]}.

            EXAMPLES
              swkafka log verify ~/.local/share/swkafka
              swkafka log verify /var/lib/kafka/orders-0 --output json
              swkafka log verify data/orders-0/00000000000000000000.log --shallow
            """
    )

    @Argument(
        help: ArgumentHelp("A data directory, the folder of a partition, or a file.", valueName: "path"),
        completion: .directory
    )
    var path: String

    @Flag(help: "Check batches by header and checksum, and do not decode their records.") var shallow = false

    @Flag(help: "Missing offsets are no fault. Not needed where cleaner-offset-checkpoint tells of the compaction.")
    var allowGaps = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        var options = DirectoryVerifier.Options()
        options.readsRecords = !shallow
        options.allowsGaps = allowGaps
        options.threads = processorCount()
        let start = context.nowMs()
        let report: VerificationReport
        do throws(StorageError) {
            report = try DirectoryVerifier(path: path, options: options).run()
        } catch {
            throw CommandFailure("swkafka log verify: \(error).")
        }
        try context.print(
            output.format,
            text: { LogVerifyOutput.text(report) },
            table: { LogVerifyOutput.table(report, colour: $0) },
            value: { LogVerifyOutput.value(report, path: path) }
        )
        try context.output.flush()
        context.complain(LogVerifyOutput.speed(report, elapsedMs: context.nowMs() - start))
        return report.isClean ? .success : .failure
    }
}
