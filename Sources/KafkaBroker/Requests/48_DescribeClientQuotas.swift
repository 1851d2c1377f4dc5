import KafkaCoordination
import KafkaMessages

/// DescribeClientQuotas (48), versions 0 and 1: the quotas of users, client ids and addresses. 1 flexible.
struct DescribeClientQuotasHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: BrokerCore

    func handle(
        _ request: DescribeClientQuotasRequest,
        _ context: RequestContext
    ) async -> Reply<DescribeClientQuotasResponse> {
        .respond(core.image.describeClientQuotas(request))
    }
}
