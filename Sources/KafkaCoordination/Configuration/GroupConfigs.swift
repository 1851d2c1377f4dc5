/// The configs of one group, set at run time (KIP-848); those of the broker hold where a group sets nothing.
package enum GroupConfigs {
    /// A config, the broker's config in its place, and the broker's configs that bound it.
    struct Entry: Sendable {
        let definition: ConfigDefinition
        let synonym: String
        let minimum: String
        let maximum: String
    }

    /// Sorted by name.
    static let all: [Entry] = [
        Entry(
            definition: ConfigDefinition(
                "consumer.heartbeat.interval.ms",
                .int,
                "5000",
                .atLeast(1),
                "Milliseconds between heartbeats that the group's consumers are told."
            ),
            synonym: "group.consumer.heartbeat.interval.ms",
            minimum: "group.consumer.min.heartbeat.interval.ms",
            maximum: "group.consumer.max.heartbeat.interval.ms"
        ),
        Entry(
            definition: ConfigDefinition(
                "consumer.session.timeout.ms",
                .int,
                "45000",
                .atLeast(1),
                "Milliseconds after which a silent consumer of the group is removed."
            ),
            synonym: "group.consumer.session.timeout.ms",
            minimum: "group.consumer.min.session.timeout.ms",
            maximum: "group.consumer.max.session.timeout.ms"
        ),
    ]

    /// Everything that a group sets.
    static func check(_ values: [String: String], _ resolver: ConfigResolver) throws(ConfigError) {
        var numbers: [String: Int64] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let entry = all.first(where: { $0.definition.name == name }) else {
                throw .unknown(kind: "group", name: name)
            }
            guard case .integer(let number) = try entry.definition.parse(value) else { continue }
            numbers[name] = number
            if let least = resolver.integer(entry.minimum), number < least {
                throw .conflict("\(name) must be greater than or equal to \(entry.minimum)")
            }
            if let most = resolver.integer(entry.maximum), number > most {
                throw .conflict("\(name) must be less than or equal to \(entry.maximum)")
            }
        }
        for entry in all where numbers[entry.definition.name] == nil {
            numbers[entry.definition.name] = resolver.integer(entry.synonym)
        }
        if let session = numbers["consumer.session.timeout.ms"], let beat = numbers["consumer.heartbeat.interval.ms"],
            session <= beat
        {
            throw .conflict("consumer.session.timeout.ms must be greater than consumer.heartbeat.interval.ms")
        }
    }
}

extension ConfigResolver {
    fileprivate func integer(_ name: String) -> Int64? { brokerValue(name).flatMap { Int64($0.trimmingBlanks()) } }

    /// The configs of a group that sets `overrides`.
    package func groupEntries(overrides: [String: String]) -> [ResolvedConfig] {
        GroupConfigs.all.map { entry in
            let name = entry.definition.name
            var synonyms: [ConfigSynonym] = []
            if let own = overrides[name] {
                synonyms.append(ConfigSynonym(name: name, value: own, source: .dynamicGroup))
            }
            synonyms.append(ConfigSynonym(name: name, value: brokerValue(entry.synonym), source: .default))
            return ResolvedConfig(
                name: name,
                definition: entry.definition,
                value: synonyms.first?.value,
                source: synonyms.first?.source ?? .default,
                synonyms: synonyms,
                isReadOnly: false
            )
        }
    }
}
