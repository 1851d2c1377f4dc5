import KafkaWire
import Synchronization

extension LogDirectory {
    // MARK: Checkpoints

    /// Writes the recovery points and log start offsets of all open logs, and the given high watermarks; those of
    /// partitions that are not given stay as they are.
    package func writeCheckpoints(highWatermarks: [TopicPartition: Int64] = [:]) throws(StorageError) {
        try writeRecoveryPoints()
        try writeHighWatermarks(highWatermarks)
    }

    /// `recovery-point-offset-checkpoint` and `log-start-offset-checkpoint`.
    package func writeRecoveryPoints() throws(StorageError) {
        let logs = self.logs
        let (points, starts) = state.withLock { state in
            for log in logs where state.logs[log.topicPartition] === log {
                state.recoveryPoints[log.topicPartition] = log.recoveryPoint
                let start = log.logStartOffset
                state.logStartOffsets[log.topicPartition] = start > log.firstSegmentBaseOffset ? start : nil
            }
            return (state.recoveryPoints, state.logStartOffsets)
        }
        try write(OffsetCheckpoint.recoveryPoint, points)
        try write(OffsetCheckpoint.logStart, starts)
    }

    /// `replication-offset-checkpoint`.
    package func writeHighWatermarks(_ highWatermarks: [TopicPartition: Int64]) throws(StorageError) {
        let all = state.withLock { state in
            state.highWatermarks.merge(highWatermarks) { _, new in new }
            return state.highWatermarks
        }
        try write(OffsetCheckpoint.highWatermark, all)
    }

    func write(_ name: String, _ offsets: [TopicPartition: Int64]) throws(StorageError) {
        try fileSystem.replace("\(path)/\(name)", with: OffsetCheckpoint.encode(offsets))
    }

    // MARK: Changing partitions

    /// Cuts a log (see ``PartitionLog/truncate(to:nowMs:)``), after the checkpoints have been lowered: otherwise new
    /// data below the old recovery point would be taken for durable after a crash.
    package func truncate(_ log: PartitionLog, to offset: Int64, nowMs: Int64) throws(StorageError) -> Bool {
        try lowerCheckpoints(of: log, to: offset)
        return try log.truncate(to: offset, nowMs: nowMs)
    }

    /// Empties a log and begins again at `offset`, likewise.
    package func truncateFully(_ log: PartitionLog, startingAt offset: Int64, nowMs: Int64) throws(StorageError) {
        try lowerCheckpoints(of: log, to: min(offset, log.logStartOffset))
        try log.truncateFully(startingAt: offset, nowMs: nowMs)
    }

    private func lowerCheckpoints(of log: PartitionLog, to offset: Int64) throws(StorageError) {
        let partition = log.topicPartition
        try lowerCleanedOffset(of: partition, to: offset)
        let changed = state.withLock { state -> (points: [TopicPartition: Int64], marks: [TopicPartition: Int64])? in
            guard state.recoveryPoints[partition] ?? 0 > offset || state.highWatermarks[partition] ?? 0 > offset
            else { return nil }
            state.recoveryPoints[partition] = min(state.recoveryPoints[partition] ?? 0, offset)
            state.highWatermarks[partition] = min(state.highWatermarks[partition] ?? 0, offset)
            return (state.recoveryPoints, state.highWatermarks)
        }
        guard let changed else { return }
        try write(OffsetCheckpoint.recoveryPoint, changed.points)
        try write(OffsetCheckpoint.highWatermark, changed.marks)
    }

    /// Takes a partition out of the directory: its folder is renamed at once and removed after `file.delete.delay.ms`
    /// by ``upkeep(nowMs:)``. Readers that hold slices of its files are not harmed. False if there is no such partition.
    package func deleteLog(_ partition: TopicPartition, nowMs: Int64) throws(StorageError) -> Bool {
        let folder = "\(path)/\(partition)"
        guard try fileSystem.status(folder) != nil else { return false }
        let log = state.withLock { $0.logs[partition] }
        let hidden = "\(path)/\(Self.deletedFolderName(partition, id: .random()))"
        try fileSystem.rename(folder, to: hidden)
        try log?.close(clean: false)
        let config = log?.config ?? LogConfig()
        state.withLock { state in
            state.logs[partition] = nil
            state.recoveryPoints[partition] = nil
            state.logStartOffsets[partition] = nil
            state.highWatermarks[partition] = nil
            state.cleanedOffsets[partition] = nil
            state.deletedFolders.append((hidden, config.deletionMs(nowMs: nowMs)))
        }
        try fileSystem.synchronizeDirectory(path)
        return true
    }

    /// "topic-partition.32 hex digits-delete", the topic cut so that the name has at most 255 bytes.
    static func deletedFolderName(_ partition: TopicPartition, id: KafkaUUID) -> String {
        let digits = [id.high, id.low].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        let suffix = "-\(partition.partition).\(digits.joined())-delete"
        return partition.topic.prefix(255 - suffix.utf8.count) + suffix
    }

    /// Folders that an earlier run was to remove.
    func findDeletedFolders(nowMs: Int64) throws(StorageError) {
        for name in try fileSystem.list(path) where name.hasSuffix("-delete") {
            let folder = "\(path)/\(name)"
            guard try fileSystem.status(folder)?.isDirectory == true else { continue }
            state.withLock { state in
                if !state.deletedFolders.contains(where: { $0.path == folder }) {
                    state.deletedFolders.append((folder, LogConfig().deletionMs(nowMs: nowMs)))
                }
            }
        }
    }

    // MARK: Regular work

    /// What is to be done every second or so: `flush.ms`, and the removal of deleted files and folders whose delay is
    /// over. Returns the errors of single partitions; the others are served.
    package func upkeep(nowMs: Int64) -> [StorageError] {
        var errors: [StorageError] = []
        for log in logs {
            do throws(StorageError) {
                _ = try log.flushIfDue(nowMs: nowMs)
                try log.purgeDeletedFiles(nowMs: nowMs)
            } catch {
                errors.append(error)
            }
        }
        let folders = state.withLock { state in
            let due = state.deletedFolders.filter { $0.dueMs <= nowMs }
            state.deletedFolders.removeAll { $0.dueMs <= nowMs }
            return due
        }
        for (folder, _) in folders {
            do throws(StorageError) {
                try fileSystem.removeTree(folder)
            } catch  where error.isNotFound {
                continue
            } catch {
                errors.append(error)
            }
        }
        return errors
    }

    /// Closes all logs and, if none failed, leaves the mark by which the next start knows that nothing needs recovery.
    /// Returns the errors met; the directory is closed, and its lock free, in any case.
    package func close(
        highWatermarks: [TopicPartition: Int64] = [:],
        brokerEpoch: Int64 = -1
    ) -> [StorageError] {
        let failures = Mutex<[StorageError]>([])
        forEachInParallel(logs, threads: 4) { log in
            do throws(StorageError) {
                try log.close(clean: true)
            } catch {
                failures.withLock { $0.append(error) }
            }
        }
        var errors = failures.withLock { $0 }
        do throws(StorageError) {
            try writeCheckpoints(highWatermarks: highWatermarks)
            if errors.isEmpty {
                try fileSystem.replace(
                    "\(path)/\(CleanShutdownMarker.fileName)",
                    with: CleanShutdownMarker.encode(brokerEpoch: brokerEpoch)
                )
            }
        } catch {
            errors.append(error)
        }
        releaseLock()
        return errors
    }

    /// Reads a small state file such as `quorum-state` of a partition's folder; nil if it is not there.
    package func readFile(_ name: String, of partition: TopicPartition) throws(StorageError) -> [UInt8]? {
        let file = "\(path)/\(partition)/\(name)"
        guard try fileSystem.status(file) != nil else { return nil }
        return try fileSystem.readAll(file, limit: 1 << 20)
    }

    /// Replaces such a file durably: after a crash it holds the old or the new bytes.
    package func writeFile(_ name: String, _ bytes: [UInt8], of partition: TopicPartition) throws(StorageError) {
        try fileSystem.replace("\(path)/\(partition)/\(name)", with: bytes)
    }

    /// The `quorum-state` of the metadata log, nil if this node has not written any yet.
    package func readQuorumState(of partition: TopicPartition) throws(StorageError) -> QuorumState? {
        guard let bytes = try readFile(QuorumState.fileName, of: partition), !bytes.isEmpty else { return nil }
        return try QuorumState.decode(bytes, path: "\(path)/\(partition)/\(QuorumState.fileName)")
    }

    package func writeQuorumState(_ quorum: QuorumState, of partition: TopicPartition) throws(StorageError) {
        try writeFile(QuorumState.fileName, quorum.encode(), of: partition)
    }
}
