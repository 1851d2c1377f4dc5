import Glibc
import KafkaStorage

/// Carries out `dump-log`.
struct DumpLogRunner {
    let command: DumpLogCommand
    let context: CommandContext
    let fileSystem: any FileSystem = PosixFileSystem()

    /// What does not fit, by file; told after everything has been printed.
    private var indexMismatches: [(path: String, pairs: [(Int64, Int64)])] = []
    private var timeFindings: [(path: String, findings: IndexDump.TimeFindings)] = []
    private var gaps: [(path: String, pairs: [(Int64, Int64)])] = []

    init(command: DumpLogCommand, context: CommandContext) {
        self.command = command
        self.context = context
    }

    func run() throws -> ExitStatus {
        var runner = self
        for path in command.paths {
            try context.output.write("Dumping \(path)\n")
            do {
                try runner.dump(path)
            } catch let error as StorageError {
                throw CommandFailure("swkafka dump-log: \(error).")
            } catch let failure as CommandFailure {
                throw CommandFailure("swkafka dump-log: \(failure.message)", status: failure.status)
            }
        }
        try context.output.flush()
        runner.tellFindings()
        return .success
    }

    private mutating func dump(_ path: String) throws {
        let name = Self.name(of: path)
        guard let dot = name.lastIndex(of: ".") else {
            throw CommandFailure("\(path) has no suffix that says what it is.")
        }
        switch String(name[dot...]) {
        case LogFileName.log, MetadataSnapshotName.suffix:
            var dump = try SegmentDump(path, command: command, output: context.output)
            defer { if !dump.gaps.isEmpty { gaps.append((path, dump.gaps)) } }
            try dump.run(fileSystem)
        case LogFileName.offsetIndex:
            var dump = try IndexDump(path, command: command, output: context.output, fileSystem: fileSystem)
            let mismatches = try dump.dumpOffsets()
            if !mismatches.isEmpty { indexMismatches.append((path, mismatches)) }
        case LogFileName.timeIndex:
            var dump = try IndexDump(path, command: command, output: context.output, fileSystem: fileSystem)
            timeFindings.append((path, try dump.dumpTimes()))
        case LogFileName.snapshot: try dumpProducers(path)
        case LogFileName.transactionIndex: try dumpTransactions(path)
        default: context.complain("Ignoring unknown file \(path)\n")
        }
    }

    private func dumpProducers(_ path: String) throws {
        let producers: [(producerID: Int64, state: ProducerState)]
        do throws(StorageError) {
            producers = try ProducerSnapshot.entries(try fileSystem.readAll(path), path: path)
        } catch {
            guard error.kind == .corrupt else { throw error }
            return context.complain("Snapshot \(path) is damaged: \(error.reason).\n")
        }
        for (id, state) in producers {
            let open = state.transactionFirstOffset.map { "OptionalLong[\($0)]" } ?? "OptionalLong.empty"
            var text =
                "producerId: \(id) producerEpoch: \(state.epoch) coordinatorEpoch: \(state.coordinatorEpoch) "
                + "currentTxnFirstOffset: \(open) lastTimestamp: \(state.lastTimestamp) "
            if let batch = state.batches.last {
                text +=
                    "firstSequence: \(batch.firstSequence) lastSequence: \(batch.lastSequence) "
                    + "lastOffset: \(batch.lastOffset) offsetDelta: \(batch.offsetDelta) timestamp: \(batch.timestamp)"
            }
            try context.output.write(text + "\n")
        }
    }

    private func dumpTransactions(_ path: String) throws {
        var index = try IndexScanner<AbortedTransaction>(path: path, fileSystem: fileSystem)
        while let entry = try index.next() {
            guard entry.version == 0 else {
                throw CommandFailure("\(path) has an entry of the unknown version \(entry.version).")
            }
            try context.output.write(
                "version: \(entry.version) producerId: \(entry.producerID) firstOffset: \(entry.firstOffset) "
                    + "lastOffset: \(entry.lastOffset) lastStableOffset: \(entry.lastStableOffset)\n"
            )
        }
    }

    // MARK: What does not fit

    private func tellFindings() {
        for (path, pairs) in indexMismatches {
            tell("Mismatches in :\(Self.absolute(path))", pairs) { "  Index offset: \($0), log offset: \($1)" }
        }
        for (path, found) in timeFindings where !found.mismatches.isEmpty {
            tell("Found timestamp mismatch in :\(Self.absolute(path))", found.mismatches) {
                "  Index timestamp: \($0), log timestamp: \($1)"
            }
        }
        for (path, found) in timeFindings where !found.unordered.isEmpty {
            tell("Found out of order timestamp in :\(Self.absolute(path))", found.unordered) {
                "  Index timestamp: \($0), Previously indexed timestamp: \($1)"
            }
        }
        for (_, found) in timeFindings where !found.missing.isEmpty {
            tell("The following indexed offsets are not found in the log.", found.missing) {
                "Indexed offset: \($0), found log offset: \($1)"
            }
        }
        for (path, pairs) in gaps {
            tell("Non-consecutive offsets in \(Self.absolute(path))", pairs) { "  \($0) is followed by \($1)" }
        }
    }

    private func tell(_ title: String, _ pairs: [(Int64, Int64)], _ line: (Int64, Int64) -> String) {
        context.complain(title + "\n" + pairs.map { line($0.0, $0.1) + "\n" }.joined())
    }

    // MARK: Paths

    static func name(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The offset in the name of a segment's file.
    static func offset(of path: String) throws(CommandFailure) -> Int64 {
        let digits = name(of: path).prefix { $0 != "." }
        guard let offset = Int64(digits), offset >= 0 else {
            throw CommandFailure("\(path) is not named like a file of a segment: its first offset must stand in front.")
        }
        return offset
    }

    /// Another file of the same segment.
    static func sibling(of path: String, suffix: String) -> String {
        let name = name(of: path)
        return String(path.dropLast(name.count)) + name.prefix { $0 != "." } + suffix
    }

    private static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}
