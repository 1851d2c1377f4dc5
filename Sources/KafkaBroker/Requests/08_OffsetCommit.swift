import KafkaCoordination
import KafkaMessages

/// OffsetCommit (8), versions 2 to 9: stores how far a group has read.
///
/// 2 to 4 a retention time of the offsets; 3 throttle time; 6 leader epochs; 7 static members; 8 flexible; 9 members of
/// consumer groups, GROUP_ID_NOT_FOUND, STALE_MEMBER_EPOCH. The answer comes when the offsets are committed in
/// `__consumer_offsets`.
struct OffsetCommitHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 2...9

    let core: BrokerCore

    func handle(_ request: OffsetCommitRequest, _ context: RequestContext) async -> Reply<OffsetCommitResponse> {
        let image = core.image
        var known = request
        known.topics = request.topics.filter { image.topics[$0.name] != nil }
        var answers = await commit(known, context.version, image)[...]
        return .respond(
            OffsetCommitResponse(
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
        _ request: OffsetCommitRequest,
        _ version: Int16,
        _ image: MetadataImage
    ) async -> [OffsetCommitResponse.OffsetCommitResponseTopic] {
        guard !request.topics.isEmpty else { return [] }
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(for: request.groupId)
            return try await shard.perform { groups, nowMs in
                groups.commit(request, version: version, seen: image, nowMs: nowMs)
            }.topics
        } catch {
            return request.topics.map { Self.answer($0, error.code) }
        }
    }

    private static func answer(
        _ topic: OffsetCommitRequest.OffsetCommitRequestTopic,
        _ code: ErrorCode
    ) -> OffsetCommitResponse.OffsetCommitResponseTopic {
        OffsetCommitResponse.OffsetCommitResponseTopic(
            name: topic.name,
            partitions: topic.partitions.map { .init(partitionIndex: $0.partitionIndex, errorCode: code) }
        )
    }
}
