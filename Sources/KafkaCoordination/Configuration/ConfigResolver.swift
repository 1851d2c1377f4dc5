/// Where a value comes from, with the number that DescribeConfigs gives it. Lower numbers win, but for those of groups.
package enum ConfigSource: Int8, Sendable {
    case dynamicTopic = 1
    case dynamicBroker = 2
    case dynamicDefaultBroker = 3
    case staticBroker = 4
    case `default` = 5
    case dynamicBrokerLogger = 6
    case dynamicClientMetrics = 7
    case dynamicGroup = 8
}

/// One of the places where a value was looked for, in the order of precedence.
package struct ConfigSynonym: Sendable, Equatable {
    package var name: String
    package var value: String?
    package var source: ConfigSource
}

/// A config with the value that holds now and why.
package struct ResolvedConfig: Sendable {
    package let name: String
    /// nil for a broker config that this broker does not know.
    package let definition: ConfigDefinition?
    package let value: String?
    package let source: ConfigSource
    package let synonyms: [ConfigSynonym]
    package let isReadOnly: Bool

    package var isSensitive: Bool { definition?.isSensitive ?? true }
}

/// Finds the value of every config of one broker and of its topics, out of the layers that may set it.
package struct ConfigResolver: Sendable {
    /// What the properties file and the command line set.
    package var staticValues: [String: String]
    /// Set at run time for all brokers.
    package var dynamicDefaults: [String: String]
    /// Set at run time for this broker.
    package var dynamicValues: [String: String]

    package init(
        staticValues: [String: String],
        dynamicDefaults: [String: String] = [:],
        dynamicValues: [String: String] = [:]
    ) {
        self.staticValues = staticValues
        self.dynamicDefaults = dynamicDefaults
        self.dynamicValues = dynamicValues
    }

    /// The value of a broker config under exactly this name, not its other units; nil when only the default holds.
    private func explicit(_ name: String) -> String? {
        dynamicValues[name] ?? dynamicDefaults[name] ?? staticValues[name]
    }

    /// The value of a broker config that is in force; nil is Kafka's null or an unknown name.
    package func brokerValue(_ name: String) -> String? {
        explicit(name) ?? BrokerConfigs.byName[name]?.defaultValue
    }

    /// The value in force of a topic config, given what the topic itself sets.
    package func topicValue(_ entry: TopicConfigs.Entry, overrides: [String: String]) -> String? {
        if let own = overrides[entry.definition.name] { return own }
        for synonym in entry.synonyms {
            guard let text = explicit(synonym.name)?.trimmingBlanks() else { continue }
            guard synonym.scale != 1 else { return text }
            guard let number = Int64(text) else { continue }
            let (product, overflow) = number.multipliedReportingOverflow(by: synonym.scale)
            return number < 0 ? "-1" : String(overflow ? Int64.max : product)
        }
        return entry.definition.defaultValue
    }

    /// A topic config parsed; falls back to the default where a broker's value does not fit, so that a bad default
    /// cannot stop a topic.
    package func topicConfig(_ name: String, overrides: [String: String]) -> ConfigValue? {
        guard let entry = TopicConfigs.byName[name] else { return nil }
        for text in [topicValue(entry, overrides: overrides), entry.definition.defaultValue] {
            if let text, let value = try? entry.definition.parse(text) { return value }
        }
        return nil
    }

    package func topicEntries(overrides: [String: String]) -> [ResolvedConfig] {
        TopicConfigs.all.map { topicEntry($0, overrides: overrides) }
    }

    private func topicEntry(_ entry: TopicConfigs.Entry, overrides: [String: String]) -> ResolvedConfig {
        let name = entry.definition.name
        var synonyms = entry.synonyms.first.map { layers(of: $0.name) } ?? []
        if let own = overrides[name] {
            synonyms.insert(ConfigSynonym(name: name, value: own, source: .dynamicTopic), at: 0)
        }
        return ResolvedConfig(
            name: name,
            definition: entry.definition,
            value: topicValue(entry, overrides: overrides),
            source: synonyms.first?.source ?? .default,
            synonyms: synonyms,
            isReadOnly: false
        )
    }

    /// Every config of this broker: those in the table, and unknown ones that were set at run time.
    package func brokerEntries() -> [ResolvedConfig] {
        let unknown = Set(dynamicValues.keys).union(dynamicDefaults.keys).subtracting(BrokerConfigs.byName.keys)
        return (BrokerConfigs.all.map(\.name) + unknown.sorted()).map(brokerEntry)
    }

    /// What is set at run time for all brokers.
    package func defaultBrokerEntries() -> [ResolvedConfig] {
        dynamicDefaults.sorted { $0.key < $1.key }.map { name, value in
            ResolvedConfig(
                name: name,
                definition: BrokerConfigs.byName[name],
                value: value,
                source: .dynamicDefaultBroker,
                synonyms: [ConfigSynonym(name: name, value: value, source: .dynamicDefaultBroker)],
                isReadOnly: BrokerConfigs.byName[name]?.updateMode == .readOnly
            )
        }
    }

    private func brokerEntry(_ name: String) -> ResolvedConfig {
        let synonyms = BrokerConfigs.synonyms(of: name).flatMap(layers)
        return ResolvedConfig(
            name: name,
            definition: BrokerConfigs.byName[name],
            value: brokerValue(name),
            source: synonyms.first?.source ?? .default,
            synonyms: synonyms,
            isReadOnly: BrokerConfigs.byName[name]?.updateMode == .readOnly
        )
    }

    /// The layers that give the broker config `name` a value, best first.
    private func layers(of name: String) -> [ConfigSynonym] {
        var layers: [ConfigSynonym] = []
        if let value = dynamicValues[name] {
            layers.append(ConfigSynonym(name: name, value: value, source: .dynamicBroker))
        }
        if let value = dynamicDefaults[name] {
            layers.append(ConfigSynonym(name: name, value: value, source: .dynamicDefaultBroker))
        }
        if let value = staticValues[name] {
            layers.append(ConfigSynonym(name: name, value: value, source: .staticBroker))
        }
        if let value = BrokerConfigs.byName[name]?.defaultValue {
            layers.append(ConfigSynonym(name: name, value: value, source: .default))
        }
        return layers
    }
}
