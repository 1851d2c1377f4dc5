import KafkaClient
import KafkaMessages

/// Compares the copies of partitions, batch by batch, from given offsets up to the high watermark. Pure.
///
/// Rules:
/// - A batch counts once every replica has given it: a broker that is down holds its partitions up, and no others.
/// - Batches at the same place must end at the same offset; copies that do not cannot be compared any further.
/// - A difference of checksums is told, and comparing goes on behind it.
/// - Partitions that have got no further although there is more come first in the next round, as brokers fill an answer from
///   the front.
struct ReplicaComparison {
    /// Something that is not as it should be.
    enum Finding: Equatable {
        /// Copies of a batch end at different offsets.
        case offsets(TopicPartition, first: Copy, other: Copy)
        /// Copies of the batch that ends at an offset have different checksums.
        case checksums(TopicPartition, offset: Int64, first: Copy, other: Copy)
        /// One copy's bytes are not what its own checksum says, or no batch at all.
        case damage(TopicPartition, offset: Int64, replica: Int32, reason: String?)

        /// Whether nothing can be compared behind it.
        var isFinal: Bool { if case .offsets = self { true } else { false } }
    }

    /// One replica's word.
    struct Copy: Equatable {
        var replica: Int32
        /// An offset or a checksum.
        var value: Int64
    }

    /// The partition that is furthest from its high watermark.
    struct Lag: Equatable {
        var partition: TopicPartition
        /// Up to where all copies were compared.
        var offset: Int64
        var records: Int64
    }

    /// What a round has brought.
    struct Outcome: Equatable {
        var findings: [Finding] = []
        /// nil when no replica of any partition has answered.
        var lag: Lag?
        /// Whether any partition has got further.
        var hasProgressed = false
        /// Partitions whose place no longer exists for a replica, or does not exist yet.
        var outOfRange: [TopicPartition] = []
    }

    private struct State {
        var replicas: [Int32]
        var offset: Int64
        /// Rounds in a row without getting further although there is more.
        var stuckRounds = 0
        /// Replicas whose damage at the present offset was told.
        var toldDamage: Set<Int32> = []
    }

    private var states: [TopicPartition: State] = [:]

    var count: Int { states.count }
    /// Everybody who has to be asked.
    var brokers: [Int32] { Set(states.values.flatMap(\.replicas)).sorted() }
    var partitions: [TopicPartition] { states.keys.sorted() }

    mutating func add(_ partition: TopicPartition, replicas: [Int32], from offset: Int64) {
        states[partition] = State(replicas: Set(replicas).sorted(), offset: offset)
    }

    /// The partition has moved.
    mutating func move(_ partition: TopicPartition, to replicas: [Int32]) {
        states[partition]?.replicas = Set(replicas).sorted()
    }

    /// The partition is gone.
    mutating func remove(_ partition: TopicPartition) { states[partition] = nil }

    /// Up to where all copies of a partition were compared; nil for one that is not compared.
    func offset(of partition: TopicPartition) -> Int64? { states[partition]?.offset }

    /// What came before an offset is gone: comparing goes on there.
    mutating func skip(_ partition: TopicPartition, to offset: Int64) {
        guard let state = states[partition], offset > state.offset else { return }
        states[partition]?.offset = offset
        states[partition]?.toldDamage = []
    }

    /// What to ask a broker for, in order.
    func wanted(of broker: Int32) -> [TopicPartition] {
        states.filter { $0.value.replicas.contains(broker) }
            .sorted { ($1.value.stuckRounds, $0.key) < ($0.value.stuckRounds, $1.key) }
            .map(\.key)
    }

    /// Partitions that not all replicas have given.
    func incomplete(_ pages: [TopicPartition: [Int32: ReplicaPage]]) -> [TopicPartition] {
        states.filter { partition, state in state.replicas.contains { pages[partition]?[$0] == nil } }.keys.sorted()
    }

    /// Takes in what the replicas gave; those that could not be asked are missing.
    mutating func compare(_ pages: [TopicPartition: [Int32: ReplicaPage]]) -> Outcome {
        var outcome = Outcome()
        for partition in partitions {
            guard var state = states[partition] else { continue }
            let answers = pages[partition] ?? [:]
            let end = answers.values.map(\.highWatermark).max() ?? -1
            if answers.values.contains(where: { $0.error == .offsetOutOfRange }) {
                outcome.outOfRange.append(partition)
            }
            let before = state.offset
            compare(partition, &state, answers, &outcome.findings)
            let hasProgressed = state.offset > before
            outcome.hasProgressed = outcome.hasProgressed || hasProgressed
            state.stuckRounds = hasProgressed || end <= state.offset ? 0 : state.stuckRounds + 1
            states[partition] = state
            if end >= 0, end - state.offset > outcome.lag?.records ?? -1 {
                outcome.lag = Lag(partition: partition, offset: state.offset, records: end - state.offset)
            }
        }
        return outcome
    }

    private func compare(
        _ partition: TopicPartition,
        _ state: inout State,
        _ answers: [Int32: ReplicaPage],
        _ findings: inout [Finding]
    ) {
        let copies = state.replicas.compactMap { id in answers[id].map { (replica: id, page: $0) } }
        for (replica, page) in copies {
            guard let damage = page.damage, page.batches.isEmpty, state.toldDamage.insert(replica).inserted else {
                continue
            }
            findings.append(.damage(partition, offset: state.offset, replica: replica, reason: damage))
        }
        guard copies.count == state.replicas.count, !copies.isEmpty else { return }
        var index = 0
        while let batches = Self.batches(at: index, of: copies) {
            index += 1
            let (first, batch) = (copies[0].replica, batches[0])
            for (other, copy) in zip(copies, batches).dropFirst() where copy.lastOffset != batch.lastOffset {
                findings.append(
                    .offsets(
                        partition,
                        first: Copy(replica: first, value: batch.lastOffset),
                        other: Copy(replica: other.replica, value: copy.lastOffset)
                    )
                )
                return
            }
            for (other, copy) in zip(copies, batches).dropFirst() where copy.checksum != batch.checksum {
                findings.append(
                    .checksums(
                        partition,
                        offset: batch.lastOffset,
                        first: Copy(replica: first, value: Int64(batch.checksum)),
                        other: Copy(replica: other.replica, value: Int64(copy.checksum))
                    )
                )
            }
            for (copy, batch) in zip(copies, batches) where batch.checksum != batch.storedChecksum {
                findings.append(
                    .damage(partition, offset: batch.lastOffset, replica: copy.replica, reason: nil)
                )
            }
            // A hostile answer may go back; a place never does.
            guard batch.lastOffset >= state.offset, batch.lastOffset < .max else { return }
            state.offset = batch.lastOffset + 1
            state.toldDamage = []
        }
    }

    /// The batches at one place of all copies; nil when one of them has none there that is committed.
    private static func batches(
        at index: Int,
        of copies: [(replica: Int32, page: ReplicaPage)]
    ) -> [ReplicaBatch]? {
        var batches: [ReplicaBatch] = []
        for (_, page) in copies {
            guard index < page.batches.count, page.batches[index].lastOffset < page.highWatermark else { return nil }
            batches.append(page.batches[index])
        }
        return batches
    }
}
