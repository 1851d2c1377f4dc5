import KafkaClient
import Synchronization

/// How far each partition was written to standard output: what a group may be told, and no more.
final class WrittenOffsets: Sendable {
    private struct State {
        var pending: [TopicPartition: OffsetAndMetadata] = [:]
        var assigned: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Notes that a partition was written up to an offset.
    func note(_ partition: TopicPartition, next offset: Int64, leaderEpoch: Int32) {
        let entry = OffsetAndMetadata(offset, leaderEpoch: leaderEpoch >= 0 ? leaderEpoch : nil)
        state.withLock { $0.pending[partition] = entry }
    }

    /// What was written and is not known to be committed.
    var pending: [TopicPartition: OffsetAndMetadata] { state.withLock { $0.pending } }

    /// Notes that offsets are committed; what was written since stays.
    func committed(_ done: [TopicPartition: OffsetAndMetadata]) {
        state.withLock { state in
            for (partition, offset) in done where state.pending[partition] == offset {
                state.pending[partition] = nil
            }
        }
    }

    /// Forgets partitions that belong to others now.
    func forget(_ partitions: [TopicPartition]) {
        state.withLock { state in
            for partition in partitions { state.pending[partition] = nil }
        }
    }

    /// When the group gave its first assignment, `nil` before.
    var assigned: ContinuousClock.Instant? { state.withLock { $0.assigned } }

    /// Notes that the group has given an assignment.
    func noteAssignment(at now: ContinuousClock.Instant) {
        state.withLock { $0.assigned = $0.assigned ?? now }
    }
}
