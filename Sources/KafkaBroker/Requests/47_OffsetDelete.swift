import KafkaCoordination
import KafkaMessages

/// OffsetDelete (47), version 0: deletes offsets of a group, of topics that its members do not read.
struct OffsetDeleteHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: BrokerCore

    func handle(_ request: OffsetDeleteRequest, _ context: RequestContext) async -> Reply<OffsetDeleteResponse> {
        let image = core.image
        var known = request
        known.topics = request.topics.filter { image.topics[$0.name] != nil }
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(member: request.groupId)
            var response = try await shard.perform { groups, _ in groups.deleteOffsets(known) }
            guard response.errorCode == .none else { return .respond(response) }
            for topic in request.topics where image.topics[topic.name] == nil {
                response.topics.append(
                    OffsetDeleteResponse.OffsetDeleteResponseTopic(
                        name: topic.name,
                        partitions: topic.partitions.map {
                            .init(partitionIndex: $0.partitionIndex, errorCode: .unknownTopicOrPartition)
                        }
                    )
                )
            }
            return .respond(response)
        } catch {
            return .respond(OffsetDeleteResponse(errorCode: error.code))
        }
    }
}
