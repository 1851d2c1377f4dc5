import KafkaMessages

@testable import KafkaCoordination

/// The coordinator of a group at one leader of its partition: the real machine, loaded from the log.
struct SimulatedCoordinator {
    static let group = "g"

    /// The first of the epochs in which the broker has led without a break.
    let since: Int32
    private var machine = GroupCoordinator(settings: GroupSettings())

    init(since: Int32, log: SimulatedLog, nowMs: Int64) throws {
        self.since = since
        for offset in log.start..<log.end {
            if let record = log[offset]?.commit { try machine.replay(record, producerID: nil) }
        }
        _ = machine.loaded(MetadataImage(), nowMs: nowMs)
    }

    /// The offset that is committed as far as this coordinator knows; -1 is none.
    var offset: Int64 {
        let fetch = machine.fetchOffsets(.init(groupId: Self.group, topics: nil), requireStable: false)
        return fetch.answer.topics.first?.partitions.first?.committedOffset ?? -1
    }

    /// Commits an offset; the record counts once it is in the log.
    mutating func commit(_ offset: Int64, nowMs: Int64) throws -> CoordinatorRecord? {
        let request = OffsetCommitRequest(
            groupId: Self.group,
            generationIdOrMemberEpoch: -1,
            topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, committedOffset: offset)])]
        )
        let decision = machine.commit(request, version: 8, nowMs: nowMs)
        for record in decision.records { try machine.replay(record, producerID: nil) }
        return decision.records.first
    }
}
