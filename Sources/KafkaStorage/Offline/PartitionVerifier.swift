import KafkaWire

/// Checks the folder of a partition: its segments in order, and the files beside them.
struct PartitionVerifier {
    let directory: String
    let context: VerificationContext
    /// Only the segment with this base offset; nil for all.
    let onlySegment: Int64?

    /// What was found.
    private(set) var report = VerificationReport()
    /// Where the log begins and ends; nil if it has no segment.
    private(set) var range: Range<Int64>?
    private(set) var topicID: KafkaUUID?

    init(directory: String, context: VerificationContext, onlySegment: Int64? = nil) {
        self.directory = directory
        self.context = context
        self.onlySegment = onlySegment
    }

    mutating func run() {
        report.partitions = 1
        do throws(StorageError) {
            try verify()
        } catch {
            // Retention and deletion take files away under a check that runs beside a broker.
            let isExcused = context.isLive && error.isNotFound
            report.add(
                Finding(
                    .file,
                    isFault: !isExcused,
                    path: error.path,
                    isExcused ? "it went away while it was being checked" : "it cannot be checked: \(error.reason)"
                )
            )
        }
    }

    private mutating func verify() throws(StorageError) {
        let names = try context.fileSystem.list(directory).sorted()
        var bases = names.compactMap { LogFileName.parse($0) }.filter { $0.suffix == LogFileName.log }.map(\.offset)
        let epochs = try readEpochs(names)
        if onlySegment == nil {
            try readTopicID(names)
            noteOthers(names, bases: Set(bases))
        }
        if let onlySegment { bases = bases.filter { $0 == onlySegment } }
        guard let first = bases.first, let last = bases.last else { return }
        var inner = context
        inner.logStartOffset = max(context.logStartOffset ?? first, first)
        var log = LogVerifier(
            context: inner,
            epochs: epochs,
            holdsMetadata: baseName(of: directory).hasPrefix("__cluster_metadata-")
        )
        var snapshots = onlySegment == nil ? snapshotOffsets(names)[...] : []
        if first > 0 {
            let start = snapshots.first { $0 == first }
            log.startLate(with: try start.flatMap { (offset) throws(StorageError) in try readSnapshot(offset, &log) })
            snapshots = snapshots.filter { $0 > first }[...]
        }
        log.willCompare(with: snapshots.map { (offset: $0, path: Segment.path(directory, $0, LogFileName.snapshot)) })
        for base in bases {
            try SegmentVerifier(
                directory: directory,
                baseOffset: base,
                isLast: base == last,
                names: Set(names),
                context: inner
            ).run(&log)
        }
        let end = log.finish()
        range = first..<max(first, end)
        if let latest = epochs?.latest, onlySegment == nil, latest.startOffset > end, !context.isLive {
            report.add(
                Finding(
                    .epoch,
                    path: "\(directory)/\(LeaderEpochCache.fileName)",
                    offset: latest.startOffset,
                    "epoch \(latest.epoch) begins at offset \(latest.startOffset), but the log ends at \(end)"
                )
            )
        }
        report.merge(log.report)
    }

    // MARK: Files beside the segments

    private mutating func readEpochs(_ names: [String]) throws(StorageError) -> LeaderEpochCache? {
        guard names.contains(LeaderEpochCache.fileName) else {
            let path = "\(directory)/\(LeaderEpochCache.fileName)"
            report.add(Finding(.epoch, isFault: false, path: path, "it is missing: leader epochs cannot be compared"))
            return nil
        }
        let path = "\(directory)/\(LeaderEpochCache.fileName)"
        let bytes = try context.fileSystem.readAll(path)
        do throws(StorageError) {
            return try LeaderEpochCache.decode(bytes, path: path)
        } catch {
            report.add(Finding(.epoch, path: path, error.reason))
            return nil
        }
    }

    private mutating func readTopicID(_ names: [String]) throws(StorageError) {
        guard names.contains(PartitionMetadataFile.name) else { return }
        let path = "\(directory)/\(PartitionMetadataFile.name)"
        let bytes = try context.fileSystem.readAll(path, limit: 1 << 16)
        do throws(StorageError) {
            topicID = try PartitionMetadataFile.decode(bytes, path: path)
        } catch {
            report.add(Finding(.file, path: path, error.reason))
        }
    }

    private func snapshotOffsets(_ names: [String]) -> [Int64] {
        names.compactMap { LogFileName.parse($0) }.filter { $0.suffix == LogFileName.snapshot }.map(\.offset)
    }

    private func readSnapshot(
        _ offset: Int64,
        _ log: inout LogVerifier
    ) throws(StorageError) -> [(producerID: Int64, state: ProducerState)]? {
        let path = Segment.path(directory, offset, LogFileName.snapshot)
        let bytes = try context.fileSystem.readAll(path)
        do throws(StorageError) {
            return try ProducerSnapshot.entries(bytes, path: path)
        } catch {
            log.add(Finding(.snapshot, path: path, offset: offset, error.reason))
            return nil
        }
    }

    /// Files that an interrupted change has left, and those that do not belong here.
    private mutating func noteOthers(_ names: [String], bases: Set<Int64>) {
        let known: Set<String> = [LeaderEpochCache.fileName, PartitionMetadataFile.name, QuorumState.fileName]
        for name in names where !known.contains(name) {
            let path = "\(directory)/\(name)"
            let note: String? =
                if name.hasSuffix(LogFileName.deleted) {
                    "waits for its removal; not checked"
                } else if name.hasSuffix(LogFileName.cleaned) {
                    "left by a cleaning that did not end; the next start of a broker removes it"
                } else if name.hasSuffix(LogFileName.swap) {
                    "a finished replacement of segments; the next start of a broker puts it in their place"
                } else if name.hasSuffix(MetadataSnapshotName.partSuffix) || name.hasSuffix(".tmp") {
                    "left by a write that did not end"
                } else if MetadataSnapshotName(fileName: name) != nil {
                    nil
                } else if let file = LogFileName.parse(name) {
                    isIndex(file.suffix) && !bases.contains(file.offset) ? "an index without a segment" : nil
                } else {
                    "not a file of a log; not checked"
                }
            if let note { report.add(Finding(.file, isFault: false, path: path, note)) }
        }
        for name in names where name == QuorumState.fileName { verifyQuorumState("\(directory)/\(name)") }
        for name in names {
            guard MetadataSnapshotName(fileName: name) != nil else { continue }
            var snapshot = MetadataSnapshotVerifier(path: "\(directory)/\(name)", context: context)
            snapshot.run()
            report.merge(snapshot.report)
        }
    }

    private func isIndex(_ suffix: Substring) -> Bool {
        [LogFileName.offsetIndex, LogFileName.timeIndex, LogFileName.transactionIndex].contains(String(suffix))
    }

    private mutating func verifyQuorumState(_ path: String) {
        do throws(StorageError) {
            let bytes = try context.fileSystem.readAll(path, limit: 1 << 20)
            if !bytes.isEmpty { _ = try QuorumState.decode(bytes, path: path) }
        } catch {
            report.add(Finding(.file, path: path, error.reason))
        }
    }
}

/// The last part of a path.
func baseName(of path: String) -> Substring { path.split(separator: "/").last ?? "" }
