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
}
