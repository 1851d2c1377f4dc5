import KafkaWire

extension LogDirectory {
    /// The newest metadata snapshot beside a log that is whole and reaches to `offset` at least; nil if there is none.
    /// Damaged ones are passed over.
    package func newestMetadataSnapshot(
        of partition: TopicPartition,
        notBelow offset: Int64
    ) throws(StorageError) -> MetadataSnapshotName? {
        let names = try fileSystem.list("\(path)/\(partition)").compactMap { MetadataSnapshotName(fileName: $0) }
        for name in names.sorted(by: >) where name.endOffset >= max(1, offset) {
            var verifier = MetadataSnapshotVerifier(
                path: "\(path)/\(partition)/\(name.fileName)",
                context: VerificationContext(fileSystem: fileSystem)
            )
            verifier.run()
            if verifier.report.isClean { return name }
        }
        return nil
    }

    /// Walks the batches of a metadata snapshot.
    package func scanner(
        of snapshot: MetadataSnapshotName,
        of partition: TopicPartition
    ) throws(StorageError) -> BatchScanner {
        try BatchScanner(path: "\(path)/\(partition)/\(snapshot.fileName)", fileSystem: fileSystem)
    }

    /// Writes a snapshot so that after a crash it is there as a whole or not at all: under a name of its own, made
    /// durable, renamed.
    package func writeMetadataSnapshot(
        _ snapshot: MetadataSnapshotName,
        _ bytes: [UInt8],
        of partition: TopicPartition
    ) throws(StorageError) {
        let folder = "\(path)/\(partition)"
        let unfinished = "\(folder)/\(snapshot.unfinishedFileName)"
        let file = try fileSystem.open(unfinished, mode: .createEmpty)
        try file.writeBytes(bytes, at: 0)
        try file.synchronize()
        try fileSystem.rename(unfinished, to: "\(folder)/\(snapshot.fileName)")
        try fileSystem.synchronizeDirectory(folder)
    }

    /// Up to `maxBytes` of a snapshot from `position` on, and the size of it all; nil if there is no such snapshot.
    package func readMetadataSnapshot(
        _ snapshot: MetadataSnapshotName,
        of partition: TopicPartition,
        from position: Int64,
        maxBytes: Int
    ) throws(StorageError) -> (bytes: [UInt8], size: Int64)? {
        do throws(StorageError) {
            let file = try fileSystem.open("\(path)/\(partition)/\(snapshot.fileName)", mode: .readOnly)
            let size = try file.size()
            guard position >= 0, position < size else { return ([], size) }
            let count = min(Int64(max(1, maxBytes)), size - position)
            return (try file.readBytes(at: position, count: Int(count)), size)
        } catch  where error.isNotFound {
            return nil
        }
    }

    /// Removes metadata snapshots that stand for less than `snapshot` does.
    package func removeMetadataSnapshots(
        of partition: TopicPartition,
        below snapshot: MetadataSnapshotName
    ) throws(StorageError) {
        let folder = "\(path)/\(partition)"
        for file in try fileSystem.list(folder) {
            guard let name = MetadataSnapshotName(fileName: file), name < snapshot else { continue }
            try fileSystem.removeIfPresent("\(folder)/\(file)")
        }
    }

    /// Removes what a crash has left of snapshots that were being written or removed.
    package func removeUnfinishedMetadataSnapshots(of partition: TopicPartition) throws(StorageError) {
        let folder = "\(path)/\(partition)"
        let leftovers = [MetadataSnapshotName.partSuffix, MetadataSnapshotName.suffix + LogFileName.deleted]
        for file in try fileSystem.list(folder) where leftovers.contains(where: file.hasSuffix) {
            try fileSystem.removeIfPresent("\(folder)/\(file)")
        }
    }
}
