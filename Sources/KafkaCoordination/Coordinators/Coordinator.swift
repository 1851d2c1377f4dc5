package import KafkaMessages

/// The state machine behind one partition of an internal topic: all groups, or all transactional ids, that hash to it.
///
/// How it is driven, one input at a time:
/// - A decision is a mutating method of the machine that takes an input, the time and whatever else it needs (metadata,
///   generated ids), and returns a `CoordinatorResult`. State that lives in the log changes in `replay` only, the same
///   way on load and live; state that does not survive a restart (who waits, timers) may change in the decision.
/// - The shell appends the records as one batch, replays them, and hands out the answers once everything written so far
///   is committed, so that nobody is told what could still be lost. Answers of decisions without records wait as well.
/// - If the batch cannot be appended nothing is replayed and no answer of the decision is given; `writeFailed` then says
///   what becomes of those who wait, and the input itself is refused with the same error.
package protocol Coordinator: Sendable {
    /// What a held request is answered with.
    associatedtype Reply: Sendable

    /// When `advance` has something to do; nil when nothing is due ever. May be too early, never too late.
    var nextDeadlineMs: Int64? { get }

    /// Takes in a record of the log. Records of unknown types and unreadable ones of known types are told apart: the
    /// first are passed over, the second throw and the rest of the log is still loaded.
    ///
    /// - Parameter producerID: of the open transaction that the record is part of: it counts when `endTransaction`
    ///   says so. nil outside of transactions.
    mutating func replay(_ record: CoordinatorRecord, producerID: Int64?) throws

    /// A marker ended the producer's transaction in this partition; harmless when it had none here.
    mutating func endTransaction(producerID: Int64, isCommit: Bool)

    /// The log is replayed: timers begin, and what the restart left halfway is settled.
    mutating func loaded(_ image: MetadataImage, nowMs: Int64) -> CoordinatorResult<Void, Reply>

    /// Does what is due first. Called until `nextDeadlineMs` lies in the future.
    mutating func advance(nowMs: Int64) -> CoordinatorResult<Void, Reply>

    /// The cluster changed.
    ///
    /// - Parameter removedTopics: deleted since the last call, even if there is a new topic of the same name.
    mutating func metadataChanged(
        _ image: MetadataImage,
        removedTopics: [RemovedTopic],
        nowMs: Int64
    ) -> CoordinatorResult<Void, Reply>

    /// The records of `subject` could not be written; they were not replayed.
    ///
    /// - Parameter code: as clients get it.
    /// - Returns: answers of requests that waited for the write or that cannot go on without it.
    mutating func writeFailed(_ subject: String, code: ErrorCode, nowMs: Int64) -> [HeldReply<Reply>]
}
