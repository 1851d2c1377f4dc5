import KafkaCoordination
import KafkaMessages

/// CreateTopics (19), versions 2 to 7.
///
/// 2 throttle time; 4 partitions and replicas of -1 take the broker's defaults; 5 flexible, the answer describes the
/// topic with its configs; 6 THROTTLING_QUOTA_EXCEEDED, which nobody gets here; 7 topic id.
/// A topic can be written to when the answer arrives.
struct CreateTopicsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 2...7

    let core: BrokerCore

    func handle(_ request: CreateTopicsRequest, _ context: RequestContext) async -> Reply<CreateTopicsResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            var response = CreateTopicsResponse()
            response.topics = request.topics.map {
                CreateTopicsResponse.CreatableTopicResult(
                    name: $0.name,
                    errorCode: error.code,
                    errorMessage: error.message
                )
            }
            return .respond(response)
        }
    }
}
