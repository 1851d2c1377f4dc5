import KafkaCoordination
import KafkaMessages

/// DeleteTopics (20), versions 1 to 6.
///
/// 1 throttle time; 3 TOPIC_DELETION_DISABLED; 4 flexible; 5 messages; 6 by name or by topic id.
/// The topic is unknown to clients when the answer arrives; its files go after `file.delete.delay.ms`.
struct DeleteTopicsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...6

    let core: BrokerCore

    func handle(_ request: DeleteTopicsRequest, _ context: RequestContext) async -> Reply<DeleteTopicsResponse> {
        var response = DeleteTopicsResponse()
        do {
            response = try await core.controller.send(request, version: context.version)
        } catch {
            core.note(error, MetadataLog.topicPartition)
            let names = request.topicNames.map {
                (name: Optional($0), id: DeleteTopicsRequest.DeleteTopicState().topicId)
            }
            response.responses = (names + request.topics.map { (name: $0.name, id: $0.topicId) }).map {
                DeleteTopicsResponse.DeletableTopicResult(
                    name: $0.name,
                    topicId: $0.id,
                    errorCode: error.code,
                    errorMessage: error.message
                )
            }
        }
        if context.version < 3 {
            for index in response.responses.indices where response.responses[index].errorCode == .topicDeletionDisabled
            {
                response.responses[index].errorCode = .invalidRequest
            }
        }
        return .respond(response)
    }
}
