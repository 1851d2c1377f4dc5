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
        // Loggers are this broker's own business; the rest is the controller's.
        var rest = request
        var own: [IncrementalAlterConfigsResponse.AlterConfigsResourceResponse] = []
        if let loggers = BrokerLoggers(nodeID: core.nodeID, core.logger) {
            let isLogger = { (type: Int8) in type == ConfigResource.Kind.brokerLogger.rawValue }
            own = request.resources.filter { isLogger($0.resourceType) }.map {
                answer(loggers, $0, validateOnly: request.validateOnly)
            }
            rest.resources.removeAll { isLogger($0.resourceType) }
        }
        guard own.isEmpty || !rest.resources.isEmpty else { return .respond(.init(responses: own)) }
        var response = await decide(rest, context)
        response.responses += own
        return .respond(response)
    }

    private func answer(
        _ loggers: BrokerLoggers,
        _ resource: IncrementalAlterConfigsRequest.AlterConfigsResource,
        validateOnly: Bool
    ) -> IncrementalAlterConfigsResponse.AlterConfigsResourceResponse {
        var answer = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse(
            resourceType: resource.resourceType,
            resourceName: resource.resourceName
        )
        do throws(PartitionError) {
            try loggers.alter(resource, validateOnly: validateOnly)
        } catch {
            answer.errorCode = error.code
            answer.errorMessage = error.message
        }
        return answer
    }

    private func decide(
        _ request: IncrementalAlterConfigsRequest,
        _ context: RequestContext
    ) async -> IncrementalAlterConfigsResponse {
        do {
            return try await core.controller.send(request, version: context.version)
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
            return response
        }
    }
}
