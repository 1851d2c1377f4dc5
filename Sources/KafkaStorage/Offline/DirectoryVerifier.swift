import KafkaWire
import Synchronization

/// Checks a data directory, the folder of a partition, or one file, without changing anything.
///
/// May run beside the broker that has the directory open; what is being written then is said to be so, not called damage.
package struct DirectoryVerifier: Sendable {
    package struct Options: Sendable {
        /// Decode the records of every batch, not only its header and checksum.
        package var readsRecords = true
        /// Missing offsets are no fault: the log was compacted.
        package var allowsGaps = false
        package var threads = 2

        package init() {}
    }

    package let path: String
    private let options: Options
    private let fileSystem: any FileSystem

    package init(path: String, options: Options = Options(), fileSystem: any FileSystem = PosixFileSystem()) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.options = options
        self.fileSystem = fileSystem
    }

    /// Throws only when there is nothing at the path, or nothing that can be checked.
    package func run() throws(StorageError) -> VerificationReport {
        guard let status = try fileSystem.status(path) else {
            throw StorageError.system(2, operation: "check", path: path)
        }
        guard status.isDirectory else { return try verifyFile() }
        let names = try fileSystem.list(path)
        if names.contains(where: { LogFileName.parse($0) != nil }) || names.contains(PartitionMetadataFile.name) {
            var verifier = PartitionVerifier(directory: path, context: context(of: path, in: parentDirectory(of: path)))
            verifier.run()
            return verifier.report
        }
        return try verifyDirectory(names.sorted())
    }

    // MARK: One file

    private func verifyFile() throws(StorageError) -> VerificationReport {
        let name = String(baseName(of: path))
        let folder = parentDirectory(of: path)
        if name.hasSuffix(MetadataSnapshotName.suffix) {
            var verifier = MetadataSnapshotVerifier(path: path, context: VerificationContext(fileSystem: fileSystem))
            verifier.run()
            return verifier.report
        }
        if let file = LogFileName.parse(name), LogFileName.segmentSuffixes.contains(String(file.suffix)) {
            let context = context(of: folder, in: parentDirectory(of: folder))
            var verifier = PartitionVerifier(directory: folder, context: context, onlySegment: file.offset)
            verifier.run()
            return verifier.report
        }
        var report = VerificationReport()
        let files = StateFileVerifier(directory: folder, fileSystem: fileSystem)
        guard files.verify(name, &report) else {
            throw StorageError(
                kind: .invalidArgument,
                operation: "check",
                path: path,
                reason: "its name is not that of a file of a log or data directory"
            )
        }
        return report
    }

    // MARK: A directory of partitions

    private func verifyDirectory(_ names: [String]) throws(StorageError) -> VerificationReport {
        var report = VerificationReport()
        let files = StateFileVerifier(directory: path, fileSystem: fileSystem)
        var folders: [String] = []
        for name in names {
            guard let status = try fileSystem.status("\(path)/\(name)") else { continue }
            if !status.isDirectory {
                if name == "bootstrap.checkpoint" {
                    var snapshot = MetadataSnapshotVerifier(
                        path: "\(path)/\(name)",
                        context: VerificationContext(fileSystem: fileSystem)
                    )
                    snapshot.run()
                    report.merge(snapshot.report)
                } else if !files.verify(name, &report) {
                    note("not a file of a data directory; not checked", name, &report)
                }
            } else if name.hasSuffix("-delete") {
                note("a deleted partition, which waits for its removal; not checked", name, &report)
            } else if Self.partition(of: name) != nil {
                folders.append(name)
            } else {
                note("not the folder of a partition; not checked", name, &report)
            }
        }
        guard !folders.isEmpty || names.contains(MetaProperties.fileName) else {
            throw StorageError(
                kind: .invalidArgument,
                operation: "check",
                path: path,
                reason: "it holds neither partitions nor \(MetaProperties.fileName)",
                remedy: "give a data directory (log.dirs), the folder of a partition, or a file of it"
            )
        }
        let results = Mutex<[String: PartitionVerifier]>([:])
        let facts = DirectoryFacts(path: path, fileSystem: fileSystem)
        forEachInParallel(folders, threads: options.threads) { name in
            var verifier = PartitionVerifier(directory: "\(path)/\(name)", context: context(facts, name))
            verifier.run()
            results.withLock { [verifier] in $0[name] = verifier }
        }
        var ends: [TopicPartition: Range<Int64>] = [:]
        for (name, verifier) in results.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            report.merge(verifier.report)
            if let partition = TopicPartition(directoryName: name) { ends[partition] = verifier.range }
        }
        if facts.isLive {
            note("a broker has the directory open: what it is writing is left out", ".lock", &report)
        } else {
            files.compareCheckpoints(with: ends, &report)
        }
        return report
    }

    private func note(_ message: String, _ name: String, _ report: inout VerificationReport) {
        report.add(Finding(.file, isFault: false, path: "\(path)/\(name)", message))
    }

    /// The partition that a folder belongs to, also when it is being moved or has been left behind.
    private static func partition(of name: String) -> TopicPartition? {
        if let partition = TopicPartition(directoryName: name) { return partition }
        guard name.hasSuffix("-future") || name.hasSuffix("-stray"), let dot = name.lastIndex(of: ".") else {
            return nil
        }
        return TopicPartition(directoryName: String(name[..<dot]))
    }

    // MARK: What is known of a partition

    private func context(of folder: String, in directory: String) -> VerificationContext {
        context(DirectoryFacts(path: directory, fileSystem: fileSystem), String(baseName(of: folder)))
    }

    private func context(_ facts: DirectoryFacts, _ name: String) -> VerificationContext {
        var context = VerificationContext(fileSystem: fileSystem)
        context.isLive = facts.isLive
        context.wasClosedCleanly = facts.wasClosedCleanly
        context.readsRecords = options.readsRecords
        guard let partition = Self.partition(of: name) else {
            if options.allowsGaps { context.cleanedBelow = .max }
            return context
        }
        context.logStartOffset = facts.logStarts[partition]
        context.cleanedBelow =
            options.allowsGaps || DirectoryFacts.compactedTopics.contains(partition.topic)
            ? .max : facts.cleanedBelow[partition] ?? 0
        return context
    }
}
