import KafkaMessages

/// Makes a data directory belong to a node of a cluster, with the levels of features that the cluster begins with.
package struct DirectoryFormatter {
    private let path: String
    private let fileSystem: any FileSystem

    package init(path: String, fileSystem: any FileSystem = PosixFileSystem()) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Writes `bootstrap.checkpoint` and then, which makes the directory a formatted one, `meta.properties`.
    package func format(
        _ identity: MetaProperties,
        features: [(name: String, level: Int16)],
        nowMs: Int64
    ) throws(StorageError) {
        try fileSystem.makeDirectory(path)
        let bootstrap: [UInt8]
        do {
            let records = features.map { feature in
                MetadataRecord.featureLevel(FeatureLevelRecord(name: feature.name, featureLevel: feature.level))
            }
            bootstrap = try MetadataSnapshotFile.encode(records, nowMs: nowMs)
        } catch {
            throw StorageError(
                kind: .invalidArgument,
                operation: "format",
                path: path,
                reason: "a feature's name cannot be written: \(error)"
            )
        }
        try fileSystem.replace("\(path)/bootstrap.checkpoint", with: bootstrap)
        try fileSystem.replace("\(path)/\(MetaProperties.fileName)", with: identity.encode())
    }
}
