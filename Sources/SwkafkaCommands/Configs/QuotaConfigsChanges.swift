import KafkaClient

/// What `--alter` changes for users, clients and addresses: quotas or a user's passwords, never both at once.
enum QuotaConfigsChanges: Equatable {
    /// New values by the quotas' names; nil takes one back.
    case quotas([String: Double?])
    case credentials(user: String, [ScramChange])

    static let clientQuotas = [
        "producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate",
    ]
    static let connectionQuotas = ["connection_creation_rate"]

    /// - Throws: when a name or value is none that the entities can have.
    init(
        additions: [ConfigsGrammar.Addition],
        deletions: [String],
        entities: [ConfigsEntity]
    ) throws(CommandFailure) {
        let isUser = entities.count == 1 && entities[0].kind == .users
        let known = entities.first?.kind == .ips ? Self.connectionQuotas : Self.clientQuotas
        let names = additions.map(\.name) + deletions
        let mechanisms = isUser ? ScramMechanism.allCases.map(\.name) : []
        let unknown = names.filter { !known.contains($0) && !mechanisms.contains($0) }
        guard unknown.isEmpty else {
            let kinds = entities.map(\.kind.rawValue).joined(separator: " and ")
            throw CommandFailure(
                "\(kinds) have no setting \(unknown.map { "'\($0)'" }.joined(separator: ", ")); they have "
                    + "\((known + mechanisms).joined(separator: ", ")).",
                status: .usage
            )
        }
        if names.contains(where: mechanisms.contains) {
            self = try Self.credentials(additions, deletions, entities[0], quotas: names.filter(known.contains))
        } else {
            self = .quotas(try Self.quotas(additions, deletions))
        }
    }

    private static func quotas(
        _ additions: [ConfigsGrammar.Addition],
        _ deletions: [String]
    ) throws(CommandFailure) -> [String: Double?] {
        var values: [String: Double?] = [:]
        for name in deletions { values[name] = .some(nil) }
        for addition in additions {
            guard let value = Double(addition.value) else {
                throw CommandFailure("'\(addition.value)' is no number, as \(addition.name) needs.", status: .usage)
            }
            values[addition.name] = value
        }
        return values
    }

    private static func credentials(
        _ additions: [ConfigsGrammar.Addition],
        _ deletions: [String],
        _ user: ConfigsEntity,
        quotas: [String]
    ) throws(CommandFailure) -> QuotaConfigsChanges {
        guard let name = user.name else {
            throw CommandFailure("A password belongs to one user, not to the default of all.", status: .usage)
        }
        guard quotas.isEmpty else {
            throw CommandFailure(
                "Quotas (\(quotas.joined(separator: ", "))) and SCRAM credentials cannot be changed at once: use two calls.",
                status: .usage
            )
        }
        var changes: [ScramChange] = []
        for deletion in deletions {
            if let mechanism = ScramMechanism(name: deletion) { changes.append(.delete(mechanism)) }
        }
        for addition in additions {
            if let mechanism = ScramMechanism(name: addition.name) {
                changes.append(try credential(mechanism, addition.value))
            }
        }
        return .credentials(user: name, changes)
    }

    /// `[iterations=N,]password=P`, the rest of the text being the password. It is never repeated in an error.
    private static func credential(
        _ mechanism: ScramMechanism,
        _ text: String
    ) throws(CommandFailure) -> ScramChange {
        var rest = text[...]
        var iterations = ScramMechanism.iterations.lowerBound
        if rest.hasPrefix("iterations=") {
            let number = rest.dropFirst("iterations=".count).prefix { $0 != "," }
            guard let count = Int(number) else {
                throw CommandFailure("'\(number)' is no number of iterations for \(mechanism.name).", status: .usage)
            }
            if count != -1 { iterations = count }
            rest = rest.dropFirst("iterations=".count + number.count + 1)
        }
        guard rest.hasPrefix("password=") else {
            throw CommandFailure(
                "\(mechanism.name) needs a password: \(mechanism.name)=[iterations=4096,password=…].",
                status: .usage
            )
        }
        guard ScramMechanism.iterations.contains(iterations) else {
            throw CommandFailure(
                "\(mechanism.name) takes \(ScramMechanism.iterations.lowerBound) to "
                    + "\(ScramMechanism.iterations.upperBound) iterations, not \(iterations).",
                status: .usage
            )
        }
        return .set(password: String(rest.dropFirst("password=".count)), mechanism, iterations: iterations)
    }
}
