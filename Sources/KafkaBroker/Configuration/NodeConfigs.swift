import KafkaCoordination
import KafkaMessages

/// What one node can tell of configs.
struct NodeConfigs {
    let nodeID: Int32
    /// The node's own.
    let resolver: ConfigResolver
    /// Everything that was set at run time.
    let image: MetadataImage
    /// nil where levels cannot be changed.
    let loggers: BrokerLoggers?

    /// The configs of a resource.
    ///
    /// - Parameter type: raw value of a ``ConfigResource/Kind``.
    /// - Throws: for what does not exist, or what only another node knows.
    func entries(of type: Int8, _ name: String) throws(PartitionError) -> [ResolvedConfig] {
        switch ConfigResource.Kind(rawValue: type) {
        case .topic:
            if let problem = TopicName.problem(with: name) { throw PartitionError(.invalidTopic, problem) }
            guard image.topics[name] != nil else {
                throw PartitionError(.unknownTopicOrPartition, "The topic '\(name)' does not exist.")
            }
            return resolver.topicEntries(overrides: image.configs(of: .topic, name))
        case .broker:
            if name.isEmpty { return resolver.defaultBrokerEntries() }
            guard Int32(name) == nodeID else {
                throw PartitionError(
                    .invalidRequest,
                    "Unexpected broker id, expected \(nodeID) or empty string, but received \(name)"
                )
            }
            return resolver.brokerEntries()
        case .group:
            guard !name.isEmpty else { throw PartitionError(.invalidRequest, "Group name must not be empty") }
            return resolver.groupEntries(overrides: image.configs(of: .group, name))
        case .clientMetrics:
            guard !name.isEmpty else {
                throw PartitionError(.invalidRequest, "Client metrics subscription name must not be empty")
            }
            return resolver.clientMetricsEntries(overrides: image.configs(of: .clientMetrics, name))
        case .brokerLogger:
            guard let loggers else { throw Self.unknown(type) }
            return try loggers.entries(of: name)
        case nil:
            throw Self.unknown(type)
        }
    }

    private static func unknown(_ type: Int8) -> PartitionError {
        PartitionError(.invalidRequest, "This node keeps no configs for resources of type \(type).")
    }
}
