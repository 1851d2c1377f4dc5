/// Where a setting's value comes from, under Kafka's names; raw values are those of the protocol.
enum ConfigSourceName: Int8 {
    case unknown = 0
    case dynamicTopic = 1
    case dynamicBroker = 2
    case dynamicDefaultBroker = 3
    case staticBroker = 4
    case defaultConfig = 5
    case dynamicBrokerLogger = 6
    case dynamicClientMetrics = 7
    case dynamicGroup = 8

    var text: String {
        switch self {
        case .unknown: "UNKNOWN"
        case .dynamicTopic: "DYNAMIC_TOPIC_CONFIG"
        case .dynamicBroker: "DYNAMIC_BROKER_CONFIG"
        case .dynamicDefaultBroker: "DYNAMIC_DEFAULT_BROKER_CONFIG"
        case .staticBroker: "STATIC_BROKER_CONFIG"
        case .defaultConfig: "DEFAULT_CONFIG"
        case .dynamicBrokerLogger: "DYNAMIC_BROKER_LOGGER_CONFIG"
        case .dynamicClientMetrics: "DYNAMIC_CLIENT_METRICS_CONFIG"
        case .dynamicGroup: "DYNAMIC_GROUP_CONFIG"
        }
    }
}

/// The settings of one entity as `configs --describe` shows them.
struct DescribedConfigs: Equatable {
    struct Setting: Equatable {
        var name: String
        /// nil for a secret or an unset value.
        var value: String?
        var isSensitive: Bool
        var source: ConfigSourceName
        var synonyms: [Synonym]
    }

    struct Synonym: Equatable {
        var source: ConfigSourceName
        var name: String
        var value: String?
    }

    var entity: ConfigsEntity
    var settings: [Setting]

    /// Only what was set for this entity itself, sorted by name; everything with `all`.
    func shown(all: Bool) -> [Setting] {
        let own: ConfigSourceName =
            switch entity.kind {
            case .topics: .dynamicTopic
            case .brokers: entity.isDefault ? .dynamicDefaultBroker : .dynamicBroker
            case .brokerLoggers: .dynamicBrokerLogger
            case .clientMetrics: .dynamicClientMetrics
            case .groups: .dynamicGroup
            case .users, .clients, .ips: .unknown
            }
        return settings.filter { all || $0.source == own }.sorted { $0.name < $1.name }
    }
}

/// What `configs` prints.
enum ConfigsOutput {
    static func heading(_ entity: ConfigsEntity, all: Bool) -> String {
        guard !entity.isDefault else { return "Default configs for \(entity.kind.rawValue) in the cluster are:\n" }
        return "\(all ? "All" : "Dynamic") configs for \(entity.kind.singular) \(entity.name ?? "") are:\n"
    }

    static func text(_ configs: DescribedConfigs, all: Bool) -> String {
        configs.shown(all: all).map { line($0) }.joined()
    }

    private static func line(_ setting: DescribedConfigs.Setting) -> String {
        let synonyms = setting.synonyms.map { "\($0.source.text):\($0.name)=\($0.value ?? "null")" }
        return "  \(setting.name)=\(setting.value ?? "null") sensitive=\(setting.isSensitive) "
            + "synonyms={\(synonyms.joined(separator: ", "))}\n"
    }

    static func completed(_ entity: ConfigsEntity) -> String {
        guard !entity.isDefault else {
            return "Completed updating default config for \(entity.kind.rawValue) in the cluster.\n"
        }
        return "Completed updating config for \(entity.kind.singular) \(entity.name ?? "").\n"
    }

    static func value(_ all: [DescribedConfigs], showsAll: Bool) -> DataValue {
        .array(
            all.map { configs in
                .members([
                    "entityType": .string(configs.entity.kind.rawValue),
                    "entityName": .optional(configs.entity.name),
                    "default": .bool(configs.entity.isDefault),
                    "configs": .array(configs.shown(all: showsAll).map(value)),
                ])
            }
        )
    }

    private static func value(_ setting: DescribedConfigs.Setting) -> DataValue {
        .members([
            "name": .string(setting.name), "value": .optional(setting.value),
            "sensitive": .bool(setting.isSensitive), "source": .string(setting.source.text),
            "synonyms": .array(
                setting.synonyms.map {
                    .members([
                        "source": .string($0.source.text), "name": .string($0.name), "value": .optional($0.value),
                    ])
                }
            ),
        ])
    }

    static func table(_ all: [DescribedConfigs], showsAll: Bool, colour: Bool) -> String {
        var table = TextTable([.left("ENTITY"), .left("NAME"), .left("VALUE"), .left("SOURCE")])
        for configs in all {
            let entity = configs.entity
            let label =
                entity.isDefault ? "\(entity.kind.rawValue) (default)" : "\(entity.kind.singular) \(entity.name ?? "")"
            for setting in configs.shown(all: showsAll) {
                table.add([
                    .init(label), .init(setting.name), .init(setting.value ?? "null"), .init(setting.source.text),
                ])
            }
        }
        return table.text(colour: colour)
    }
}
