/// Checks the files beside the partitions of a data directory.
struct StateFileVerifier {
    static let cleanerCheckpoint = "cleaner-offset-checkpoint"

    let directory: String
    let fileSystem: any FileSystem

    init(directory: String, fileSystem: any FileSystem) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// Checks one file; false if its name is none that belongs in a data directory or beside a log.
    func verify(_ name: String, _ report: inout VerificationReport) -> Bool {
        switch name {
        case MetaProperties.fileName:
            check(name, .file, &report) { (bytes, path) throws(StorageError) in try verifyProperties(bytes, path) }
        case OffsetCheckpoint.recoveryPoint, OffsetCheckpoint.logStart, OffsetCheckpoint.highWatermark,
            Self.cleanerCheckpoint:
            check(name, .checkpoint, &report) { (bytes, path) throws(StorageError) in
                _ = try OffsetCheckpoint.decode(bytes, path: path)
            }
        case CleanShutdownMarker.fileName:
            check(name, .file, &report) { (bytes, path) throws(StorageError) in
                guard bytes.isEmpty || JSONValue.parse(bytes) != nil else { throw .corrupt(path, "it is not JSON") }
            }
        case LeaderEpochCache.fileName:
            check(name, .epoch, &report) { (bytes, path) throws(StorageError) in
                _ = try LeaderEpochCache.decode(bytes, path: path)
            }
        case PartitionMetadataFile.name:
            check(name, .file, &report) { (bytes, path) throws(StorageError) in
                _ = try PartitionMetadataFile.decode(bytes, path: path)
            }
        case QuorumState.fileName:
            check(name, .file, &report) { (bytes, path) throws(StorageError) in
                if !bytes.isEmpty { _ = try QuorumState.decode(bytes, path: path) }
            }
        case ".lock": break
        default:
            if let file = LogFileName.parse(name), file.suffix == LogFileName.snapshot {
                check(name, .snapshot, &report) { (bytes, path) throws(StorageError) in
                    _ = try ProducerSnapshot.entries(bytes, path: path)
                }
                return true
            }
            return false
        }
        return true
    }

    private func check(
        _ name: String,
        _ kind: Finding.Kind,
        _ report: inout VerificationReport,
        _ decode: ([UInt8], String) throws(StorageError) -> Void
    ) {
        let path = "\(directory)/\(name)"
        do throws(StorageError) {
            try decode(try fileSystem.readAll(path), path)
        } catch {
            report.add(Finding(kind, path: path, error.reason))
        }
    }

    /// Directories of ZooKeeper's time are as good as others to read.
    private func verifyProperties(_ bytes: [UInt8], _ path: String) throws(StorageError) {
        let lines = textLines(bytes) ?? []
        if lines.contains("version=0"), lines.contains(where: { $0.hasPrefix("broker.id=") }) { return }
        _ = try MetaProperties.decode(bytes, path: path)
    }

    /// Offsets in the checkpoints of a directory that nobody writes must lie within the logs.
    func compareCheckpoints(with logs: [TopicPartition: Range<Int64>], _ report: inout VerificationReport) {
        let meanings = [
            (OffsetCheckpoint.recoveryPoint, "is said to be on the disk up to"),
            (OffsetCheckpoint.highWatermark, "is said to have the high watermark"),
            (OffsetCheckpoint.logStart, "is said to begin at"),
            (Self.cleanerCheckpoint, "is said to be compacted up to"),
        ]
        for (name, meaning) in meanings {
            let path = "\(directory)/\(name)"
            guard let bytes = try? fileSystem.readAll(path),
                let offsets = try? OffsetCheckpoint.decode(bytes, path: path)
            else { continue }
            for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
                guard let log = logs[partition] else {
                    let text = "\(partition) is listed and has no folder"
                    report.add(Finding(.checkpoint, isFault: false, path: path, text))
                    continue
                }
                guard offset < 0 || offset > log.upperBound else { continue }
                report.add(
                    Finding(
                        .checkpoint,
                        path: path,
                        offset: offset,
                        "\(partition) \(meaning) \(offset), but its log ends at \(log.upperBound)"
                    )
                )
            }
        }
    }
}
