/// A thing that has settings.
struct ConfigsEntity: Equatable {
    enum Kind: String, CaseIterable {
        case topics, clients, users, brokers, ips
        case brokerLoggers = "broker-loggers"
        case clientMetrics = "client-metrics"
        case groups

        /// The word for one of them in Kafka's text: the type without its final s.
        var singular: String { String(rawValue.dropLast()) }

        /// Whether there is one for all that have none of their own.
        var hasDefault: Bool {
            switch self {
            case .users, .clients, .ips, .brokers: true
            case .topics, .brokerLoggers, .clientMetrics, .groups: false
            }
        }
    }

    var kind: Kind
    /// nil for all of the type, or for its defaults.
    var name: String?
    var isDefault: Bool

    static func check(_ entities: [ConfigsEntity]) throws(CommandFailure) {
        guard let first = entities.first else {
            throw CommandFailure(
                "Whose settings? Give --topic, --broker, --broker-defaults or --entity-type.",
                status: .usage
            )
        }
        let kinds = entities.map(\.kind)
        guard Set(kinds).count == kinds.count else {
            throw CommandFailure("An entity type was given more than once.", status: .usage)
        }
        guard kinds.count == 1 || Set(kinds) == [.users, .clients] else {
            throw CommandFailure("Only users and clients may be given together.", status: .usage)
        }
        if first.kind == .brokerLoggers, first.name == nil {
            throw CommandFailure("Which broker's loggers? Give its id.", status: .usage)
        }
        let isBroker = first.kind == .brokers || first.kind == .brokerLoggers
        if isBroker, let name = first.name, !name.isEmpty, Int32(name) == nil {
            throw CommandFailure("A broker is named by its id, a whole number, not by '\(name)'.", status: .usage)
        }
    }

    /// `--alter` needs to know exactly whose settings to change.
    static func checkNamed(_ entities: [ConfigsEntity]) throws(CommandFailure) {
        for entity in entities where entity.name == nil && !entity.isDefault {
            throw CommandFailure("--alter of \(entity.kind.rawValue) needs a name.", status: .usage)
        }
    }
}
