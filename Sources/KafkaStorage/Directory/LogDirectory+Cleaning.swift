import Synchronization

extension LogDirectory {
    /// Where the last cleaning of a partition ended, nil if there was none.
    package func cleanedOffset(of partition: TopicPartition) -> Int64? {
        state.withLock { $0.cleanedOffsets[partition] }
    }

    /// Notes that a log is clean up to `offset`, in `cleaner-offset-checkpoint` too. If that cannot be written, it is
    /// noted in memory all the same: after a restart the log is cleaned once more than needed.
    package func noteCleaned(_ log: PartitionLog, upTo offset: Int64) throws(StorageError) {
        let all = state.withLock { state -> [TopicPartition: Int64]? in
            // A log that was deleted meanwhile must not leave its mark on the next one of that name.
            guard state.logs[log.topicPartition] === log else { return nil }
            state.cleanedOffsets[log.topicPartition] = offset
            return state.cleanedOffsets
        }
        if let all { try write(OffsetCheckpoint.cleaner, all) }
    }

    /// What lies beyond `offset` is going to be cut, and other records will come there.
    func lowerCleanedOffset(of partition: TopicPartition, to offset: Int64) throws(StorageError) {
        let all = state.withLock { state -> [TopicPartition: Int64]? in
            guard let cleaned = state.cleanedOffsets[partition], cleaned > offset else { return nil }
            state.cleanedOffsets[partition] = offset
            return state.cleanedOffsets
        }
        if let all { try write(OffsetCheckpoint.cleaner, all) }
    }
}
