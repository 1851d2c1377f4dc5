/// Checks sets of configs: each value by itself, and values that bear on each other.
package enum ConfigValidation {
    /// Everything that a topic sets.
    package static func checkTopic(_ values: [String: String]) throws(ConfigError) {
        var parsed: [String: ConfigValue] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let entry = TopicConfigs.byName[name] else { throw .unknown(kind: "topic", name: name) }
            parsed[name] = try entry.definition.parse(value)
        }
        if parsed["remote.storage.enable"] == .boolean(true) {
            throw .conflict(
                "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log "
                    + "storage."
            )
        }
        if case .integer(let least)? = parsed["min.compaction.lag.ms"],
            case .integer(let most)? = parsed["max.compaction.lag.ms"], least > most
        {
            throw .conflict(
                "conflict topic config setting min.compaction.lag.ms (\(least)) > max.compaction.lag.ms (\(most))"
            )
        }
    }

    /// Everything that is set for a broker, or for all of them, at run time. Names that are not in the table are let
    /// through, as Kafka does for the sake of plug-ins.
    package static func checkBroker(_ values: [String: String]) throws(ConfigError) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            _ = try BrokerConfigs.byName[name]?.parse(value)
        }
    }
}
