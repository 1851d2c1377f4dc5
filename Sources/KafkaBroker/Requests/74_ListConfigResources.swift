import KafkaCoordination
import KafkaMessages

/// ListConfigResources (74), versions 0 and 1: what has configs of its own. 0 client metrics only (KIP-714, there named
/// ListClientMetricsResources); 1 any type (KIP-1142).
struct ListConfigResourcesHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: BrokerCore

    func handle(
        _ request: ListConfigResourcesRequest,
        _ context: RequestContext
    ) async -> Reply<ListConfigResourcesResponse> {
        var response = ListConfigResourcesResponse()
        let all: [ConfigResource.Kind] = [.topic, .broker, .brokerLogger, .clientMetrics, .group]
        var kinds: [ConfigResource.Kind] = context.version == 0 ? [.clientMetrics] : all
        if context.version > 0, !request.resourceTypes.isEmpty {
            let wanted = request.resourceTypes.compactMap { ConfigResource.Kind(rawValue: $0) }
            guard wanted.count == request.resourceTypes.count else {
                response.errorCode = .unsupportedVersion
                return .respond(response)
            }
            kinds = all.filter(wanted.contains)
        }
        for kind in kinds {
            response.configResources += names(kind).sorted().map {
                ListConfigResourcesResponse.ConfigResource(resourceName: $0, resourceType: kind.rawValue)
            }
        }
        return .respond(response)
    }

    /// Topics and brokers have configs by being there; groups and client metrics by having some set.
    private func names(_ kind: ConfigResource.Kind) -> [String] {
        let image = core.image
        switch kind {
        case .topic: return Array(image.topics.keys)
        case .broker, .brokerLogger: return image.brokers.keys.map { String($0) }
        case .group, .clientMetrics: return image.configs.keys.filter { $0.kind == kind }.map(\.name)
        }
    }
}
