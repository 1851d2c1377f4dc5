package import KafkaWire
import Synchronization

/// The directories of `log.dirs`, and the one that holds the metadata (`metadata.log.dir`, usually the first of them).
///
/// A partition is in one of them. A directory that cannot be used at start, or fails later, is offline: its partitions
/// are not served and not made anew elsewhere, and the others go on. Only the metadata's directory has to work.
package final class LogDirectories: Sendable {
    /// One that does not work.
    package struct Offline: Sendable {
        package let path: String
        package let error: StorageError
    }

    /// Where the metadata log is.
    package let metadata: LogDirectory
    /// For partitions, in the order of `log.dirs`; those that could be opened.
    package let data: [LogDirectory]
    /// Those that could not be opened.
    private let unopened: [Offline]

    private init(metadata: LogDirectory, data: [LogDirectory], unopened: [Offline]) {
        self.metadata = metadata
        self.data = data
        self.unopened = unopened
    }

    /// Opens directories, which are made if they are not there, as ``LogDirectory/open(path:nodeID:clusterID:fileSystem:)``.
    ///
    /// - Parameters:
    ///   - paths: `log.dirs`.
    ///   - metadataPath: nil is the one of `paths` that has a metadata log, or the first if none has.
    ///   - nodeID: nil takes what the metadata's directory says.
    ///   - clusterID: likewise.
    /// - Throws: when the metadata's directory cannot be used, when another process has one of them, or when they do
    ///   not belong together.
    package static func open(
        paths: [String],
        metadataPath: String?,
        nodeID: Int32?,
        clusterID: String? = nil,
        fileSystem: any FileSystem
    ) throws(StorageError) -> LogDirectories {
        let place = MetadataPlace(paths: paths, wanted: metadataPath, fileSystem: fileSystem)
        let metadataPath = try place.find()
        let metadata = try LogDirectory.open(
            path: metadataPath,
            nodeID: nodeID,
            clusterID: clusterID,
            fileSystem: fileSystem
        )
        var data: [LogDirectory] = []
        var unopened: [Offline] = []
        do throws(StorageError) {
            for path in paths {
                if path == metadataPath {
                    data.append(metadata)
                    continue
                }
                do throws(StorageError) {
                    data.append(
                        try LogDirectory.open(
                            path: path,
                            nodeID: metadata.identity.nodeID,
                            clusterID: metadata.identity.clusterID,
                            fileSystem: fileSystem
                        )
                    )
                } catch  where error.kind != .locked && error.kind != .wrongIdentity {
                    unopened.append(Offline(path: path, error: error))
                }
            }
            let directories = LogDirectories(metadata: metadata, data: data, unopened: unopened)
            try directories.checkIdentities()
            if data.isEmpty, let first = unopened.first { throw first.error }
            return directories
        } catch {
            metadata.releaseLock()
            for directory in data { directory.releaseLock() }
            throw error
        }
    }

    /// Two directories with one id are copies of each other.
    private func checkIdentities() throws(StorageError) {
        var byID: [KafkaUUID: String] = [:]
        for directory in opened {
            guard let id = directory.identity.directoryID else { continue }
            if let other = byID.updateValue(directory.path, forKey: id) {
                throw StorageError(
                    kind: .wrongIdentity,
                    operation: "use",
                    path: directory.path,
                    reason: "it has the directory.id \(id), as \(other) has",
                    remedy: "one is a copy of the other: take one of them out of log.dirs"
                )
            }
        }
    }

    /// All that were opened, failed or not.
    package var opened: [LogDirectory] { data.contains { $0 === metadata } ? data : [metadata] + data }

    /// For partitions, and working.
    package var online: [LogDirectory] { data.filter { $0.failure == nil } }

    package var offline: [Offline] {
        unopened
            + data.compactMap { directory in
                directory.failure.map { Offline(path: directory.path, error: $0) }
            }
    }

    /// What the broker is registered with.
    package var onlineIDs: [KafkaUUID] { online.compactMap(\.identity.directoryID) }

    /// Of those that were opened and failed since.
    package var failedIDs: [KafkaUUID] { data.filter { $0.failure != nil }.compactMap(\.identity.directoryID) }

    // MARK: Partitions

    /// The open directory, working or not, that has a partition's open log.
    package func directory(holding partition: TopicPartition) -> LogDirectory? {
        opened.first { $0.log(for: partition) != nil }
    }

    /// Where a partition's log is, or is to be made: where its folder was found; else in the directory that the metadata
    /// name; else, when no directory is offline that may have it, in the one with the fewest partitions.
    package func directory(
        for partition: TopicPartition,
        assigned: KafkaUUID?
    ) throws(StorageError) -> LogDirectory {
        if let holder = directory(holding: partition) { return holder }
        if let assigned, let directory = online.first(where: { $0.identity.directoryID == assigned }) {
            return directory
        }
        if let first = offline.first {
            throw StorageError(
                kind: .offline,
                operation: "open",
                path: "\(partition)",
                reason: "it is in no log directory that works; \(first.path) is offline: \(first.error)",
                remedy: "repair the directory and restart the broker"
            )
        }
        let fewest = online.min { $0.logs.count < $1.logs.count }
        return fewest ?? metadata
    }

    /// Opens all partitions on disk, several at a time. One that fails does not keep the others from opening.
    ///
    /// - Parameter topicIDs: of the topics that there are. A folder of a topic that was deleted while its directory was
    ///   offline gives way to the one of the present topic.
    /// - Throws: when a partition is in two directories and nothing tells which is the right one.
    package func openAll(
        config: @Sendable @escaping (TopicPartition) -> LogConfig,
        topicIDs: [String: KafkaUUID] = [:],
        nowMs: Int64
    ) throws(StorageError) -> [(partition: TopicPartition, error: StorageError)] {
        var places: [TopicPartition: LogDirectory] = [:]
        for directory in online {
            for partition in try directory.partitionsOnDisk() {
                guard let other = places.updateValue(directory, forKey: partition) else { continue }
                let id = topicIDs[partition.topic]
                guard let id, (directory.topicID(of: partition) == id) != (other.topicID(of: partition) == id) else {
                    throw Self.found(partition, in: directory, and: other)
                }
                let isOther = other.topicID(of: partition) == id
                _ = try (isOther ? directory : other).deleteLog(partition, nowMs: nowMs)
                if isOther { places[partition] = other }
            }
        }
        var failures: [(partition: TopicPartition, error: StorageError)] = []
        for directory in online { failures += try directory.openAll(config: config, nowMs: nowMs) }
        return failures
    }

    private static func found(
        _ partition: TopicPartition,
        in directory: LogDirectory,
        and other: LogDirectory
    ) -> StorageError {
        StorageError(
            kind: .corrupt,
            operation: "open",
            path: "\(directory.path)/\(partition)",
            reason: "the partition is in \(other.path), too",
            remedy: "find out which of the two is the right one (swkafka log verify tells what they hold) and move the "
                + "other one out of the data directories"
        )
    }

    // MARK: Cutting

    /// As ``LogDirectory/truncate(_:to:nowMs:)``, in the directory that has the log.
    package func truncate(_ log: PartitionLog, to offset: Int64, nowMs: Int64) throws(StorageError) -> Bool {
        guard let directory = directory(holding: log.topicPartition) else {
            return try log.truncate(to: offset, nowMs: nowMs)
        }
        return try directory.truncate(log, to: offset, nowMs: nowMs)
    }

    /// As ``LogDirectory/truncateFully(_:startingAt:nowMs:)``, likewise.
    package func truncateFully(_ log: PartitionLog, startingAt offset: Int64, nowMs: Int64) throws(StorageError) {
        guard let directory = directory(holding: log.topicPartition) else {
            return try log.truncateFully(startingAt: offset, nowMs: nowMs)
        }
        try directory.truncateFully(log, startingAt: offset, nowMs: nowMs)
    }

    // MARK: Compaction

    /// As ``LogDirectory/cleanedOffset(of:)``.
    package func cleanedOffset(of partition: TopicPartition) -> Int64? {
        directory(holding: partition)?.cleanedOffset(of: partition)
    }

    /// As ``LogDirectory/noteCleaned(_:upTo:)``.
    package func noteCleaned(_ log: PartitionLog, upTo offset: Int64) throws(StorageError) {
        try directory(holding: log.topicPartition)?.noteCleaned(log, upTo: offset)
    }

    // MARK: Regular work, in each directory that works

    /// As ``LogDirectory/writeHighWatermarks(_:)``, each mark in its partition's directory.
    package func writeHighWatermarks(_ highWatermarks: [TopicPartition: Int64]) throws(StorageError) {
        try forEachWorking { directory throws(StorageError) in
            try directory.writeHighWatermarks(directory.own(highWatermarks))
        }
    }

    package func writeRecoveryPoints() throws(StorageError) {
        try forEachWorking { directory throws(StorageError) in try directory.writeRecoveryPoints() }
    }

    /// Throws the first error, after all have had their turn.
    private func forEachWorking(_ body: (LogDirectory) throws(StorageError) -> Void) throws(StorageError) {
        var first: StorageError?
        for directory in opened where directory.failure == nil {
            do throws(StorageError) {
                try body(directory)
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
    }

    package func upkeep(nowMs: Int64) -> [StorageError] {
        opened.filter { $0.failure == nil }.flatMap { $0.upkeep(nowMs: nowMs) }
    }

    /// Closes all; a directory that failed is left as it is, to be recovered.
    package func close(highWatermarks: [TopicPartition: Int64], brokerEpoch: Int64) -> [StorageError] {
        var errors: [StorageError] = []
        for directory in opened {
            if directory.failure == nil {
                errors += directory.close(highWatermarks: directory.own(highWatermarks), brokerEpoch: brokerEpoch)
            } else {
                directory.releaseLock()
            }
        }
        return errors
    }

    package func releaseLocks() {
        for directory in opened { directory.releaseLock() }
    }
}

extension LogDirectory {
    /// Those of partitions whose logs are open here.
    fileprivate func own(_ offsets: [TopicPartition: Int64]) -> [TopicPartition: Int64] {
        let logs = state.withLock { $0.logs }
        return offsets.filter { logs[$0.key] != nil }
    }
}
