/// A broker's loggers as configs (KIP-412): there is one, named as Kafka names the one above all others.
package enum LoggerConfigs {
    package static let root = "root"

    private static let definition = ConfigDefinition(
        root,
        .string,
        nil,
        "How much the broker logs: TRACE, DEBUG, INFO, WARN, ERROR or FATAL. Lasts until it stops."
    )

    package static func entries(level: String) -> [ResolvedConfig] {
        [
            ResolvedConfig(
                name: root,
                definition: definition,
                value: level,
                source: .dynamicBrokerLogger,
                synonyms: [],
                isReadOnly: false
            )
        ]
    }
}
