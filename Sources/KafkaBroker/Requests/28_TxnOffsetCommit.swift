import KafkaCoordination
import KafkaMessages

/// TxnOffsetCommit (28), versions 0 to 4: stores how far a group has read as part of a transaction.
///
/// 2 leader epochs; 3 flexible, the member is checked; 4 TRANSACTION_ABORTABLE. The offsets count when the transaction
/// commits. Left out: version 5, with which the partition need not be added to the transaction first.
struct TxnOffsetCommitHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...4

    let core: BrokerCore

    func handle(
        _ request: TxnOffsetCommitRequest,
        _ context: RequestContext
    ) async -> Reply<TxnOffsetCommitResponse> {
        let image = core.image
        var known = request
        known.topics = request.topics.filter { image.topics[$0.name] != nil }
        var answers = await commit(known)[...]
        return .respond(
            TxnOffsetCommitResponse(
                topics: request.topics.map { topic in
                    guard image.topics[topic.name] != nil, let answer = answers.popFirst() else {
                        return Self.answer(topic, .unknownTopicOrPartition)
                    }
                    return answer
                }
            )
        )
    }

    private func commit(
        _ request: TxnOffsetCommitRequest
    ) async -> [TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic] {
        guard !request.topics.isEmpty else { return [] }
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(member: request.groupId)
            return try await shard.perform { groups, nowMs in
                groups.commitInTransaction(request, nowMs: nowMs)
            }.topics
        } catch {
            return request.topics.map { Self.answer($0, error.code) }
        }
    }

    private static func answer(
        _ topic: TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic,
        _ code: ErrorCode
    ) -> TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic {
        TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic(
            name: topic.name,
            partitions: topic.partitions.map { .init(partitionIndex: $0.partitionIndex, errorCode: code) }
        )
    }
}
