import KafkaCoordination
import KafkaMessages

/// DescribeConfigs (32), versions 1 to 4: the configs of topics, groups, this broker and its logger, with their sources.
///
/// 1 sources and synonyms; 3 types and documentation; 4 flexible.
/// A broker named "" stands for what is set at run time for all brokers. Sensitive values are null.
struct DescribeConfigsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...4

    let core: BrokerCore

    func handle(_ request: DescribeConfigsRequest, _ context: RequestContext) async -> Reply<DescribeConfigsResponse> {
        var response = DescribeConfigsResponse()
        for resource in request.resources {
            var result = DescribeConfigsResponse.DescribeConfigsResult(
                resourceType: resource.resourceType,
                resourceName: resource.resourceName
            )
            do throws(PartitionError) {
                let keys = resource.configurationKeys.map { Set($0) }
                result.configs = try entries(of: resource).filter { keys?.contains($0.name) ?? true }.map { entry in
                    describe(entry, synonyms: request.includeSynonyms, documentation: request.includeDocumentation)
                }
            } catch {
                result.errorCode = error.code
                result.errorMessage = error.message
            }
            response.results.append(result)
        }
        return .respond(response)
    }

    private func entries(
        of resource: DescribeConfigsRequest.DescribeConfigsResource
    ) throws(PartitionError) -> [ResolvedConfig] {
        let resolver = core.resolver
        let name = resource.resourceName
        switch ConfigResource.Kind(rawValue: resource.resourceType) {
        case .topic:
            if let problem = TopicName.problem(with: name) { throw PartitionError(.invalidTopic, problem) }
            let image = core.image
            guard image.topics[name] != nil else {
                throw PartitionError(.unknownTopicOrPartition, "The topic '\(name)' does not exist.")
            }
            return resolver.topicEntries(overrides: image.configs(of: .topic, name))
        case .broker:
            if name.isEmpty { return resolver.defaultBrokerEntries() }
            guard Int32(name) == core.nodeID else {
                throw PartitionError(
                    .invalidRequest,
                    "Unexpected broker id, expected \(core.nodeID) or empty string, but received \(name)"
                )
            }
            return resolver.brokerEntries()
        case .group:
            guard !name.isEmpty else { throw PartitionError(.invalidRequest, "Group name must not be empty") }
            return resolver.groupEntries(overrides: core.image.configs(of: .group, name))
        case .clientMetrics:
            guard !name.isEmpty else {
                throw PartitionError(.invalidRequest, "Client metrics subscription name must not be empty")
            }
            return resolver.clientMetricsEntries(overrides: core.image.configs(of: .clientMetrics, name))
        case .brokerLogger where BrokerLoggers(core) != nil:
            return try BrokerLoggers(core)?.entries(of: name) ?? []
        case .brokerLogger, nil:
            throw PartitionError(
                .invalidRequest,
                "This broker keeps no configs for resources of type \(resource.resourceType)."
            )
        }
    }

    private func describe(
        _ entry: ResolvedConfig,
        synonyms: Bool,
        documentation: Bool
    ) -> DescribeConfigsResponse.DescribeConfigsResourceResult {
        var result = DescribeConfigsResponse.DescribeConfigsResourceResult()
        result.name = entry.name
        result.value = entry.isSensitive ? nil : entry.value
        result.readOnly = entry.isReadOnly
        result.configSource = entry.source.rawValue
        result.isSensitive = entry.isSensitive
        if synonyms {
            result.synonyms = entry.synonyms.map {
                DescribeConfigsResponse.DescribeConfigsSynonym(
                    name: $0.name,
                    value: entry.isSensitive ? nil : $0.value,
                    source: $0.source.rawValue
                )
            }
        }
        result.configType = entry.definition?.type.rawValue ?? 0
        if documentation { result.documentation = entry.definition?.documentation }
        return result
    }
}
