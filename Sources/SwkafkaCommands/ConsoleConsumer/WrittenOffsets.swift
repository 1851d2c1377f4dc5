import KafkaClient
import Synchronization

/// How far each partition was written to standard output: what a group may be told, and no more.
final class WrittenOffsets: Sendable {
    private struct State {
        var written: [TopicPartition: OffsetAndMetadata] = [:]
        /// Partitions of which records came that were not written: the consumer stands further than the output.
        var cut: Set<TopicPartition> = []
        /// What the group is known to have.
        var committed: [TopicPartition: OffsetAndMetadata] = [:]
        var assigned: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Notes that a partition was written up to an offset; of one that was cut before, that means nothing.
    func note(_ partition: TopicPartition, next offset: Int64, leaderEpoch: Int32) {
        let entry = OffsetAndMetadata(offset, leaderEpoch: leaderEpoch >= 0 ? leaderEpoch : nil)
        state.withLock { state in
            if !state.cut.contains(partition) { state.written[partition] = entry }
        }
    }

    /// Notes that not all the records of a partition that came were written: it stays where it was written to.
    func noteCut(_ partition: TopicPartition) {
        state.withLock { _ = $0.cut.insert(partition) }
    }

    /// What to commit: how far partitions were written, less what the group is known to have.
    ///
    /// A partition that was written as far as it came stands where the consumer does, which also knows where to begin in
    /// one that nothing came of yet, and passes over markers of transactions.
    ///
    /// - Parameter positions: where the consumer stands now that everything it handed out is written or noted as cut.
    func pending(at positions: [TopicPartition: OffsetAndMetadata]) -> [TopicPartition: OffsetAndMetadata] {
        state.withLock { state in
            state.written.merging(positions.filter { !state.cut.contains($0.key) }) { _, position in position }
                .filter { state.committed[$0.key] != $0.value }
        }
    }

    /// Notes that offsets are committed.
    func committed(_ done: [TopicPartition: OffsetAndMetadata]) {
        state.withLock { $0.committed.merge(done) { _, new in new } }
    }

    /// Forgets partitions that belong to others now.
    func forget(_ partitions: [TopicPartition]) {
        state.withLock { state in
            for partition in partitions {
                state.written[partition] = nil
                state.cut.remove(partition)
                state.committed[partition] = nil
            }
        }
    }

    /// When the group gave its first assignment, `nil` before.
    var assigned: ContinuousClock.Instant? { state.withLock { $0.assigned } }

    /// Notes that the group has given an assignment.
    func noteAssignment(at now: ContinuousClock.Instant) {
        state.withLock { $0.assigned = $0.assigned ?? now }
    }
}
