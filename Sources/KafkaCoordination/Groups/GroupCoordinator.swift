package import KafkaMessages

/// All groups of one partition of `__consumer_offsets`, with their offsets.
package struct GroupCoordinator: Coordinator {
    package typealias Reply = GroupReply
    package typealias Decision<Answer: Sendable> = CoordinatorResult<Answer, GroupReply>

    package let settings: GroupSettings

    package init(settings: GroupSettings) { self.settings = settings }

    package var nextDeadlineMs: Int64? { nil }

    package mutating func replay(_ record: CoordinatorRecord, producerID: Int64?) throws {
        _ = try GroupRecord(decoding: record)
    }

    package mutating func endTransaction(producerID: Int64, isCommit: Bool) {}

    package mutating func loaded(_ image: MetadataImage, nowMs: Int64) -> Decision<Void> { Decision() }

    package mutating func advance(nowMs: Int64) -> Decision<Void> { Decision() }

    package mutating func metadataChanged(
        _ image: MetadataImage,
        removedTopics: [String],
        nowMs: Int64
    ) -> Decision<Void> {
        Decision()
    }

    package mutating func writeFailed(_ subject: String, code: ErrorCode, nowMs: Int64) -> [HeldReply<GroupReply>] {
        []
    }
}
