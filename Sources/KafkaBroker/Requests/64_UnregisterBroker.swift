import KafkaMessages

/// UnregisterBroker (64), version 0: makes the cluster forget a broker.
struct UnregisterBrokerHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: BrokerCore

    func handle(
        _ request: UnregisterBrokerRequest,
        _ context: RequestContext
    ) async -> Reply<UnregisterBrokerResponse> {
        do throws(PartitionError) {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            return .respond(UnregisterBrokerResponse(errorCode: error.code, errorMessage: error.message))
        }
    }
}
