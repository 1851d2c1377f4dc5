import KafkaCoordination
import KafkaMessages

/// IncrementalAlterConfigs (44), versions 0 and 1: sets, removes, extends or shortens single configs. 1 flexible.
struct IncrementalAlterConfigsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: BrokerCore

    func handle(
        _ request: IncrementalAlterConfigsRequest,
        _ context: RequestContext
    ) async -> Reply<IncrementalAlterConfigsResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            var response = IncrementalAlterConfigsResponse()
            response.responses = request.resources.map {
                IncrementalAlterConfigsResponse.AlterConfigsResourceResponse(
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
