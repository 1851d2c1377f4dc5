/// Finds out which directory has the log of the cluster's metadata, before anything is written.
///
/// A broker that began with empty metadata would know none of the topics in its data: so a metadata log that is there is
/// used wherever it is, and none is made in an empty directory beside others full of data, which looks like a disk that
/// was not mounted.
struct MetadataPlace {
    private static let partition = "__cluster_metadata-0"

    /// `log.dirs`; never empty.
    let paths: [String]
    /// `metadata.log.dir`; nil if it was not given.
    let wanted: String?
    let fileSystem: any FileSystem

    func find() throws(StorageError) -> String {
        let holders = paths.filter { exists("\($0)/\(Self.partition)") }
        if let wanted {
            guard !exists("\(wanted)/\(Self.partition)"), let holder = holders.first else { return wanted }
            throw StorageError(
                kind: .wrongIdentity,
                operation: "use",
                path: wanted,
                reason: "metadata.log.dir names it, but the metadata log is in \(holder)",
                remedy: "set metadata.log.dir=\(holder), or move the folder \(Self.partition)"
            )
        }
        if holders.count > 1 {
            throw StorageError(
                kind: .wrongIdentity,
                operation: "use",
                path: holders[1],
                reason: "it has a metadata log, as \(holders[0]) has",
                remedy: "say with metadata.log.dir which one is the right one, and take the other away"
            )
        }
        if let holder = holders.first { return holder }
        guard isUnformatted(paths[0]), let used = paths.first(where: hasPartitions) else { return paths[0] }
        throw StorageError(
            kind: .wrongIdentity,
            operation: "use",
            path: paths[0],
            reason: "it is empty, and the metadata of what is in \(used) are in none of the data directories",
            remedy: "see whether a disk is not mounted"
        )
    }

    private func exists(_ path: String) -> Bool { (try? fileSystem.status(path)) ?? nil != nil }

    /// False also for one that cannot be read, which opening it tells better.
    private func isUnformatted(_ path: String) -> Bool {
        do throws(StorageError) {
            return try fileSystem.status("\(path)/\(MetaProperties.fileName)") == nil
        } catch {
            return false
        }
    }

    private func hasPartitions(_ path: String) -> Bool {
        guard let names = try? fileSystem.list(path), names.contains(MetaProperties.fileName) else { return false }
        return names.contains { TopicPartition(directoryName: $0) != nil }
    }
}
