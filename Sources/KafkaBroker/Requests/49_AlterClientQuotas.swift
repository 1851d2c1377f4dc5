import KafkaCoordination
import KafkaMessages

/// AlterClientQuotas (49), versions 0 and 1: sets and removes quotas. 1 flexible.
///
/// They are kept with the cluster's metadata; left out: this broker holds nobody to them.
struct AlterClientQuotasHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: BrokerCore

    func handle(
        _ request: AlterClientQuotasRequest,
        _ context: RequestContext
    ) async -> Reply<AlterClientQuotasResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            var response = AlterClientQuotasResponse()
            response.entries = request.entries.map { entry in
                AlterClientQuotasResponse.EntryData(
                    errorCode: error.code,
                    errorMessage: error.message,
                    entity: entry.entity.map { .init(entityType: $0.entityType, entityName: $0.entityName) }
                )
            }
            return .respond(response)
        }
    }
}
