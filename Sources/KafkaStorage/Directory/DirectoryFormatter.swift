package import KafkaMessages

/// Makes a data directory belong to a node of a cluster, with the levels of features that the cluster begins with.
package struct DirectoryFormatter {
    private let path: String
    private let fileSystem: any FileSystem

    package init(path: String, fileSystem: any FileSystem = PosixFileSystem()) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Writes `bootstrap.checkpoint` and then, which makes the directory a formatted one, `meta.properties`.
    ///
    /// - Parameter voters: also begins the metadata log, with a snapshot that names the quorum's first voters.
    package func format(
        _ identity: MetaProperties,
        features: [(name: String, level: Int16)],
        credentials: [UserScramCredentialRecord] = [],
        voters: VotersRecord? = nil,
        nowMs: Int64
    ) throws(StorageError) {
        try fileSystem.makeDirectory(path)
        let bootstrap: [UInt8]
        var first: [UInt8]?
        do {
            let levels = features.map { feature in
                MetadataRecord.featureLevel(FeatureLevelRecord(name: feature.name, featureLevel: feature.level))
            }
            bootstrap = try MetadataSnapshotFile.encode(
                levels + credentials.map { .userScramCredential($0) },
                nowMs: nowMs
            )
            if let voters { first = try MetadataSnapshotFile.encode([], voters: voters, lastMs: nowMs, nowMs: nowMs) }
        } catch {
            throw StorageError(
                kind: .invalidArgument,
                operation: "format",
                path: path,
                reason: "a name cannot be written: \(error)"
            )
        }
        try fileSystem.replace("\(path)/bootstrap.checkpoint", with: bootstrap)
        if let first {
            let folder = "\(path)/__cluster_metadata-0"
            try fileSystem.makeDirectory(folder)
            try fileSystem.replace("\(folder)/\(MetadataSnapshotName(endOffset: 0, epoch: 0).fileName)", with: first)
        }
        try fileSystem.replace("\(path)/\(MetaProperties.fileName)", with: identity.encode())
    }
}
