import KafkaCoordination
import KafkaMessages

/// AlterConfigs (33), versions 0 to 2: replaces everything that a topic or a broker sets. 2 flexible.
struct AlterConfigsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: BrokerCore

    func handle(_ request: AlterConfigsRequest, _ context: RequestContext) async -> Reply<AlterConfigsResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            var response = AlterConfigsResponse()
            response.responses = request.resources.map {
                AlterConfigsResponse.AlterConfigsResourceResponse(
                    errorCode: error.code,
                    errorMessage: error.message,
                    resourceType: $0.resourceType,
                    resourceName: $0.resourceName
                )
            }
            return .respond(response)
        }
    }
}
