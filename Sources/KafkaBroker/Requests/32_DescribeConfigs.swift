import KafkaCoordination
import KafkaMessages

/// DescribeConfigs (32), versions 1 to 4: the configs of topics, groups, this node and its logger, with their sources.
///
/// 1 sources and synonyms; 3 types and documentation; 4 flexible.
/// A broker named "" stands for what is set at run time for all brokers. Sensitive values are null.
struct DescribeConfigsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...4

    /// This node's view of all configs, as it is now.
    let configs: @Sendable () -> NodeConfigs

    init(core: BrokerCore) {
        configs = {
            NodeConfigs(
                nodeID: core.nodeID,
                resolver: core.resolver,
                image: core.image,
                loggers: BrokerLoggers(nodeID: core.nodeID, core.logger)
            )
        }
    }

    /// On a controller's listener: for changes while no broker runs.
    init(core: ControllerCore) {
        configs = {
            core.driver.read { controller in
                NodeConfigs(
                    nodeID: core.nodeID,
                    resolver: controller.resolver(broker: core.nodeID),
                    image: controller.image,
                    loggers: BrokerLoggers(nodeID: core.nodeID, core.logger)
                )
            }
        }
    }

    func handle(_ request: DescribeConfigsRequest, _ context: RequestContext) async -> Reply<DescribeConfigsResponse> {
        var response = DescribeConfigsResponse()
        let configs = configs()
        for resource in request.resources {
            var result = DescribeConfigsResponse.DescribeConfigsResult(
                resourceType: resource.resourceType,
                resourceName: resource.resourceName
            )
            do throws(PartitionError) {
                let keys = resource.configurationKeys.map { Set($0) }
                let entries = try configs.entries(of: resource.resourceType, resource.resourceName)
                result.configs = entries.filter { keys?.contains($0.name) ?? true }.map { entry in
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
