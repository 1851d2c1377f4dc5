package import KafkaWire
import Synchronization

/// One entry of `log.dirs`: a directory of partitions that this process holds a lock on.
///
/// Opening takes the lock, reads (or makes) `meta.properties`, and looks at how the directory was left; the partitions
/// are opened one by one with ``openLog(_:topicID:config:nowMs:)`` or all together with ``openAll(config:nowMs:)``.
package final class LogDirectory: Sendable {
    package let path: String
    /// Which node of which cluster the directory belongs to.
    package let identity: MetaProperties
    /// The last run ended cleanly, so that nothing needs recovery.
    package let wasClosedCleanly: Bool
    /// The broker epoch of that run, -1 if unknown.
    package let previousBrokerEpoch: Int64

    let fileSystem: any FileSystem
    private let watch: WatchedFileSystem
    let state: Mutex<State>
    private let lock: Mutex<(any FileLock)?>

    struct State: Sendable {
        var logs: [TopicPartition: PartitionLog] = [:]
        var recoveryPoints: [TopicPartition: Int64]
        var logStartOffsets: [TopicPartition: Int64]
        var highWatermarks: [TopicPartition: Int64]
        /// Where the last cleaning of each compacted partition ended.
        var cleanedOffsets: [TopicPartition: Int64]
        /// Folders of deleted partitions and when they may go.
        var deletedFolders: [(path: String, dueMs: Int64)] = []
    }

    private init(
        path: String,
        identity: MetaProperties,
        lock: any FileLock,
        fileSystem: WatchedFileSystem,
        marker: Int64?,
        state: consuming State
    ) {
        self.path = path
        self.identity = identity
        self.lock = Mutex(lock)
        self.fileSystem = fileSystem
        watch = fileSystem
        wasClosedCleanly = marker != nil
        previousBrokerEpoch = marker ?? -1
        self.state = Mutex(state)
    }

    /// Opens a directory, which is made if it is not there.
    ///
    /// - Parameters:
    ///   - nodeID: written to a new directory; an existing one must have the same, unless this is nil.
    ///   - clusterID: likewise; nil lets a new directory get a random one.
    /// - Throws: `.locked` if a broker has the directory open, `.wrongIdentity` if it belongs to another node or
    ///   cluster.
    package static func open(
        path: String,
        nodeID: Int32?,
        clusterID: String?,
        fileSystem base: any FileSystem = PosixFileSystem()
    ) throws(StorageError) -> LogDirectory {
        let fileSystem = WatchedFileSystem(base, root: path)
        try fileSystem.makeDurableDirectory(path)
        let lock = try fileSystem.lock("\(path)/.lock")
        let identity = try identify(path, nodeID, clusterID, fileSystem)
        let markerPath = "\(path)/\(CleanShutdownMarker.fileName)"
        var marker: Int64?
        if try fileSystem.status(markerPath) != nil {
            marker = CleanShutdownMarker.brokerEpoch(try fileSystem.readAll(markerPath, limit: 4096))
            // Before anything is written: from here on a crash must be recognised as one.
            try fileSystem.removeFile(markerPath)
            try fileSystem.synchronizeDirectory(path)
        }
        let state = State(
            recoveryPoints: try checkpoint(path, OffsetCheckpoint.recoveryPoint, fileSystem),
            logStartOffsets: try checkpoint(path, OffsetCheckpoint.logStart, fileSystem),
            highWatermarks: try checkpoint(path, OffsetCheckpoint.highWatermark, fileSystem),
            cleanedOffsets: try checkpoint(path, OffsetCheckpoint.cleaner, fileSystem)
        )
        return LogDirectory(
            path: path,
            identity: identity,
            lock: lock,
            fileSystem: fileSystem,
            marker: marker,
            state: state
        )
    }

    private static func identify(
        _ path: String,
        _ nodeID: Int32?,
        _ clusterID: String?,
        _ fileSystem: any FileSystem
    ) throws(StorageError) -> MetaProperties {
        let file = "\(path)/\(MetaProperties.fileName)"
        guard try fileSystem.status(file) != nil else {
            let made = MetaProperties(
                clusterID: clusterID ?? "\(KafkaUUID.random())",
                nodeID: nodeID ?? 1,
                directoryID: .random()
            )
            try fileSystem.replace(file, with: made.encode())
            return made
        }
        var found = try MetaProperties.decode(try fileSystem.readAll(file, limit: 1 << 20), path: file)
        if let nodeID, nodeID != found.nodeID {
            throw StorageError(
                kind: .wrongIdentity,
                operation: "use",
                path: path,
                reason: "it belongs to node \(found.nodeID), this broker is node \(nodeID)",
                remedy: "set node.id=\(found.nodeID), or use another data directory"
            )
        }
        if let clusterID, clusterID != found.clusterID {
            throw StorageError(
                kind: .wrongIdentity,
                operation: "use",
                path: path,
                reason: "it belongs to cluster \(found.clusterID), not \(clusterID)",
                remedy: "use another data directory"
            )
        }
        if found.directoryID == nil {
            found.directoryID = .random()
            try fileSystem.replace(file, with: found.encode())
        }
        return found
    }

    /// The id of the topic that a partition's folder belongs to, open or not; nil if it does not tell.
    func topicID(of partition: TopicPartition) -> KafkaUUID? {
        let file = "\(path)/\(partition)/\(PartitionMetadataFile.name)"
        guard let bytes = try? fileSystem.readAll(file, limit: 4096) else { return nil }
        return try? PartitionMetadataFile.decode(bytes, path: file)
    }

    private static func checkpoint(
        _ path: String,
        _ name: String,
        _ fileSystem: any FileSystem
    ) throws(StorageError) -> [TopicPartition: Int64] {
        let file = "\(path)/\(name)"
        guard try fileSystem.status(file) != nil else { return [:] }
        do throws(StorageError) {
            return try OffsetCheckpoint.decode(try fileSystem.readAll(file), path: file)
        } catch  where error.kind == .corrupt {
            // Without it more is recovered than needed, and records deleted by offset may reappear: no reason not to
            // start.
            return [:]
        }
    }

    /// Why the directory is offline: its device failed, or it was taken away. nil while it works.
    package var failure: StorageError? { watch.failure }

    /// Calls `observer` once, when the directory fails, on the thread that met the failure: it must not block.
    package func observeFailure(_ observer: @escaping @Sendable (StorageError) -> Void) { watch.observe(observer) }

    /// Lets another owner open the directory, without closing anything first; `close` does both.
    package func releaseLock() {
        lock.withLock { $0 = nil }
    }

    // MARK: Partitions

    /// The open logs.
    package var logs: [PartitionLog] { state.withLock { Array($0.logs.values) } }

    package func log(for partition: TopicPartition) -> PartitionLog? {
        state.withLock { $0.logs[partition] }
    }

    /// The high watermark that was checkpointed for a partition; nil if there is none.
    package func checkpointedHighWatermark(for partition: TopicPartition) -> Int64? {
        state.withLock { $0.highWatermarks[partition] }
    }

    /// The partitions whose folders are there, open or not, in order. Folders with a suffix are not counted.
    package func partitionsOnDisk() throws(StorageError) -> [TopicPartition] {
        var found: [TopicPartition] = []
        for name in try fileSystem.list(path) {
            guard let partition = TopicPartition(directoryName: name),
                try fileSystem.status("\(path)/\(name)")?.isDirectory == true
            else { continue }
            found.append(partition)
        }
        return found.sorted()
    }

    /// The log of a partition: the open one, the one on disk (recovered if need be), or a new one.
    package func openLog(
        _ partition: TopicPartition,
        topicID: KafkaUUID? = nil,
        config: LogConfig,
        nowMs: Int64
    ) throws(StorageError) -> PartitionLog {
        let opening = state.withLock { state -> (log: PartitionLog?, LogOpening) in
            (
                state.logs[partition],
                LogOpening(
                    isClean: wasClosedCleanly,
                    recoveryPoint: state.recoveryPoints[partition] ?? 0,
                    logStartOffset: state.logStartOffsets[partition] ?? 0
                )
            )
        }
        if let log = opening.log { return log }
        let log = try PartitionLog.open(
            directory: "\(path)/\(partition)",
            topicPartition: partition,
            topicID: topicID,
            config: config,
            opening: opening.1,
            fileSystem: fileSystem,
            nowMs: nowMs
        )
        return state.withLock { state in
            if let other = state.logs[partition] { return other }
            state.logs[partition] = log
            return log
        }
    }

    /// Opens all partitions on disk that are not open yet, several at a time. A partition that fails does not keep the
    /// others from opening.
    package func openAll(
        threads: Int = 4,
        config: @Sendable @escaping (TopicPartition) -> LogConfig,
        nowMs: Int64
    ) throws(StorageError) -> [(partition: TopicPartition, error: StorageError)] {
        try findDeletedFolders(nowMs: nowMs)
        let waiting = try partitionsOnDisk().filter { log(for: $0) == nil }
        let failures = Mutex<[(partition: TopicPartition, error: StorageError)]>([])
        forEachInParallel(waiting, threads: threads) { partition in
            do throws(StorageError) {
                _ = try self.openLog(partition, config: config(partition), nowMs: nowMs)
            } catch {
                failures.withLock { $0.append((partition, error)) }
            }
        }
        return failures.withLock { $0 }
    }
}
