import KafkaCoordination
import KafkaMessages
import Logging

/// What DescribeConfigs and IncrementalAlterConfigs do with the loggers of this broker.
struct BrokerLoggers {
    /// Kafka's words.
    private static let words: KeyValuePairs<String, Logger.Level> = [
        "TRACE": .trace, "DEBUG": .debug, "INFO": .info, "WARN": .warning, "ERROR": .error, "FATAL": .critical,
    ]

    private let nodeID: Int32
    private let levels: LogLevelSwitch

    /// - Returns: nil when the node's logger cannot be changed, which is so for controllers, and in tests without a
    ///   `Broker`.
    init?(nodeID: Int32, _ logger: Logger) {
        guard let handler = logger.handler as? SwitchedLogHandler else { return nil }
        self.nodeID = nodeID
        levels = handler.levels
    }

    func entries(of broker: String) throws(PartitionError) -> [ResolvedConfig] {
        try check(broker)
        let level = levels.level
        // What lies between two of Kafka's levels counts as the quieter one's neighbour: notice as INFO.
        let word = Self.words.last { $0.value <= level }?.key ?? "TRACE"
        return LoggerConfigs.entries(level: word)
    }

    func alter(
        _ resource: IncrementalAlterConfigsRequest.AlterConfigsResource,
        validateOnly: Bool
    ) throws(PartitionError) {
        try check(resource.resourceName)
        var chosen: Logger.Level?
        for change in resource.configs {
            guard change.name == LoggerConfigs.root else {
                throw PartitionError(.invalidConfig, "Logger \(change.name) does not exist!")
            }
            switch change.configOperation {
            case 0: chosen = try Self.level(change.value)
            case 1: throw PartitionError(.invalidRequest, "Removing the log level of the root logger is not allowed")
            default:
                throw PartitionError(
                    .invalidRequest,
                    "Operation \(change.configOperation) is not allowed for the BROKER_LOGGER resource"
                )
            }
        }
        if let chosen, !validateOnly { levels.level = chosen }
    }

    private static func level(_ word: String?) throws(PartitionError) -> Logger.Level {
        guard let level = words.first(where: { $0.key == word })?.value else {
            throw PartitionError(
                .invalidConfig,
                "Cannot set the log level of root to \(word ?? "null") as it is not a supported log level. "
                    + "Valid log levels are \(words.map(\.key).joined(separator: ", "))"
            )
        }
        return level
    }

    private func check(_ broker: String) throws(PartitionError) {
        guard Int32(broker) == nodeID else {
            throw PartitionError(.invalidRequest, "Unexpected broker id, expected \(nodeID) but received \(broker)")
        }
    }
}
