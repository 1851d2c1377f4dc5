import KafkaClient

/// What the values of options are.
enum CompletionValues {
    enum Kind: Equatable {
        case nothing
        case files
        case words([String])
        case topics, groups, brokers, addresses, profiles
        case configs(ConfigsEntity.Kind, takesValue: Bool)
    }

    /// - Parameter words: the whole command line, for options whose meaning hangs on others.
    static func kind(of option: String, _ words: [String]) -> Kind {
        if option == "output" {
            return .words(
                ["console-consumer", "console-share-consumer"].contains(words.first)
                    ? RecordOutput.allCases.map(\.rawValue)
                    : OutputFormat.allCases.map(\.rawValue)
            )
        }
        if let fixed = fixed[option] { return .words(fixed) }
        switch option {
        case "topic", "include", "whitelist": return .topics
        case "group": return .groups
        case "profile": return .profiles
        case "bootstrap-server", "bootstrap-controller": return .addresses
        case "broker-list": return words.first == "log-dirs" ? .brokers : .addresses
        case "broker", "broker-id": return .brokers
        case "config", "add-config": return .configs(entity(words), takesValue: true)
        case "delete-config": return .configs(entity(words), takesValue: false)
        case "entity-name":
            switch value(of: "entity-type", words) {
            case "topics": return .topics
            case "brokers", "broker-loggers": return .brokers
            case "groups": return .groups
            default: return .nothing
            }
        default: break
        }
        let isFile = ["file", "config", "path", "directory", "dir", "html", "properties"].contains { end in
            option == end || option.hasSuffix("-" + end)
        }
        return isFile ? .files : .nothing
    }

    private static func entity(_ words: [String]) -> ConfigsEntity.Kind {
        if let type = value(of: "entity-type", words) { return ConfigsEntity.Kind(rawValue: type) ?? .topics }
        let isGiven = { (names: [String]) in
            words.contains { word in names.contains { word == "--\($0)" || word.hasPrefix("--\($0)=") } }
        }
        if isGiven(["broker", "broker-defaults"]) { return .brokers }
        if isGiven(["client", "client-defaults"]) { return .clients }
        if isGiven(["user", "user-defaults"]) { return .users }
        if isGiven(["ip", "ip-defaults"]) { return .ips }
        if isGiven(["broker-logger"]) { return .brokerLoggers }
        if isGiven(["client-metrics"]) { return .clientMetrics }
        return isGiven(["group"]) ? .groups : .topics
    }

    /// The settings of what a cluster need not be asked about.
    static func settings(of kind: ConfigsEntity.Kind) -> [String] {
        switch kind {
        case .clients: QuotaConfigsChanges.clientQuotas
        case .users: QuotaConfigsChanges.clientQuotas + ScramMechanism.allCases.map(\.name)
        case .ips: QuotaConfigsChanges.connectionQuotas
        case .brokerLoggers: ["root"]
        case .clientMetrics: ["interval.ms", "match", "metrics"]
        case .groups: ["consumer.heartbeat.interval.ms", "consumer.session.timeout.ms"]
        case .topics, .brokers: []
        }
    }

    static func value(of option: String, _ words: [String]) -> String? {
        for (index, word) in words.enumerated() {
            if word == "--\(option)", index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix("--\(option)=") { return String(word.dropFirst(option.count + 3)) }
        }
        return nil
    }

    private static let fixed: [String: [String]] = [
        "acks": ["all", "-1", "0", "1"],
        "color": ["auto", "always", "never"],
        "compression-codec": ["none", "gzip", "snappy", "lz4", "zstd"],
        "election-type": ["preferred", "unclean"],
        "entity-type": ConfigsEntity.Kind.allCases.map(\.rawValue),
        "formatter": FormatterKind.allCases.map(\.rawValue),
        "input": LineFormat.allCases.map(\.rawValue),
        "isolation-level": ["read_uncommitted", "read_committed"],
        "key-deserializer": Deserializer.allCases.map { "org.apache.kafka.common.serialization." + $0.rawValue },
        "offset": ["earliest", "latest"],
        "order": RecordOrder.allCases.map(\.rawValue),
        "producer-acks": ["all", "1"],
        "request-required-acks": ["all", "-1", "0", "1"],
        "value-deserializer": Deserializer.allCases.map { "org.apache.kafka.common.serialization." + $0.rawValue },
    ]

    /// The values of settings that have only a few.
    static func settingValues(_ name: String) -> [String] {
        switch name {
        case "cleanup.policy", "log.cleanup.policy": ["delete", "compact", "compact,delete"]
        case "compression.type": ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]
        case "message.timestamp.type", "log.message.timestamp.type": ["CreateTime", "LogAppendTime"]
        case "preallocate", "unclean.leader.election.enable", "remote.storage.enable", "auto.create.topics.enable",
            "delete.topic.enable", "log.cleaner.enable":
            ["true", "false"]
        case "root": ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
        default: []
        }
    }
}
