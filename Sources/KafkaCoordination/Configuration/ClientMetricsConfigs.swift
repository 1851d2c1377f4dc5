/// The configs of a subscription to metrics of clients (KIP-714).
package enum ClientMetricsConfigs {
    private static let all: [ConfigDefinition] = [
        ConfigDefinition(
            "interval.ms",
            .int,
            "300000",
            .between(100, 3_600_000),
            "Milliseconds between two pushes of a client."
        ),
        ConfigDefinition(
            "match",
            .list,
            "",
            .any,
            "Which clients are meant, as selector=regular expression; all when empty."
        ),
        ConfigDefinition(
            "metrics",
            .list,
            "",
            .any,
            "Beginnings of the names of the metrics that are wanted; * is all."
        ),
    ]

    private static let selectors: Set<String> = [
        "client_instance_id", "client_id", "client_software_name", "client_software_version", "client_source_address",
        "client_source_port",
    ]

    /// The configs to which items can be added.
    static let lists: Set<String> = ["match", "metrics"]

    static func definition(_ name: String) -> ConfigDefinition? { all.first { $0.name == name } }

    /// Everything that a subscription sets.
    static func check(_ values: [String: String]) throws(ConfigError) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let definition = definition(name) else { throw .unknown(kind: "client metrics", name: name) }
            _ = try definition.parse(value)
            if name == "match" { try check(match: value) }
        }
    }

    private static func check(match: String) throws(ConfigError) {
        for item in match.split(separator: ",") {
            let halves = item.split(separator: "=", omittingEmptySubsequences: false).map {
                String($0).trimmingBlanks()
            }
            guard halves.count == 2, selectors.contains(halves[0]), (try? LinearPattern(halves[1])) != nil else {
                throw .conflict("Illegal client matching pattern: \(item)")
            }
        }
    }
}

extension ConfigResolver {
    /// What a subscription sets; it has nothing else.
    package func clientMetricsEntries(overrides: [String: String]) -> [ResolvedConfig] {
        overrides.sorted { $0.key < $1.key }.map { name, value in
            ResolvedConfig(
                name: name,
                definition: ClientMetricsConfigs.definition(name),
                value: value,
                source: .dynamicClientMetrics,
                synonyms: [],
                isReadOnly: false
            )
        }
    }
}
