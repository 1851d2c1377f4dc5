import KafkaCoordination
import KafkaMessages

/// CreatePartitions (37), versions 0 to 3: more partitions for existing topics.
///
/// 1 nothing new; 2 flexible; 3 THROTTLING_QUOTA_EXCEEDED, which nobody gets here.
struct CreatePartitionsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...3

    let core: BrokerCore

    func handle(
        _ request: CreatePartitionsRequest,
        _ context: RequestContext
    ) async -> Reply<CreatePartitionsResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            var response = CreatePartitionsResponse()
            response.results = request.topics.map {
                CreatePartitionsResponse.CreatePartitionsTopicResult(
                    name: $0.name,
                    errorCode: error.code,
                    errorMessage: error.message
                )
            }
            return .respond(response)
        }
    }
}
