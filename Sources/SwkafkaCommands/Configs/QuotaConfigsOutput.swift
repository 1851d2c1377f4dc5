import KafkaClient
import KafkaMessages

/// The quotas and credentials of users, clients and addresses, as `configs --describe` finds them.
struct DescribedQuotas {
    var quotas: [ClientQuotas] = []
    var credentials: [(user: String, result: Result<[ScramCredential], KafkaClientError>)] = []
}

/// What `configs --describe` prints of users, clients and addresses.
enum QuotaConfigsOutput {
    static func text(_ quotas: ClientQuotas) -> String {
        let values = sorted(quotas).map { "\($0.key)=\(JavaNumber.text($0.value))" }.joined(separator: ", ")
        return "Quota configs for \(name(quotas.entity)) are \(values)\n"
    }

    static func text(_ user: String, _ result: Result<[ScramCredential], KafkaClientError>) -> String {
        let subject = "for user-principal '\(user)'"
        switch result {
        case .success(let credentials):
            let mechanisms = sorted(credentials).map { "\(name($0))=iterations=\($0.iterations)" }
            return "SCRAM credential configs \(subject) are \(mechanisms.joined(separator: ", "))\n"
        case .failure(let error):
            let exception = error.brokerError?.exceptionName ?? "KafkaException"
            return "Error retrieving SCRAM credential configs \(subject): \(exception): \(error.message)\n"
        }
    }

    static func table(_ described: DescribedQuotas, colour: Bool) -> String {
        var table = TextTable([.left("ENTITY"), .left("NAME"), .left("VALUE")])
        for quotas in described.quotas {
            for (key, value) in sorted(quotas) {
                table.add([.init(name(quotas.entity)), .init(key), .init(JavaNumber.text(value))])
            }
        }
        for (user, result) in described.credentials {
            for credential in sorted((try? result.get()) ?? []) {
                table.add([
                    .init("user-principal '\(user)'"), .init(name(credential)),
                    .init("\(credential.iterations) iterations"),
                ])
            }
        }
        return table.text(colour: colour)
    }

    static func value(_ described: DescribedQuotas) -> DataValue {
        .members([
            "quotas": .array(described.quotas.map(value)),
            "scramCredentials": .array(described.credentials.map { value($0.user, $0.result) }),
        ])
    }

    private static func value(_ quotas: ClientQuotas) -> DataValue {
        let parts = quotas.entity.parts
        let name = { (kind: ClientQuotaEntity.Kind) -> DataValue in
            if case .named(let name) = parts[kind] { .string(name) } else { .null }
        }
        return .members([
            "user": name(.user), "clientId": name(.clientID), "ip": name(.ip),
            "defaults": .strings(ClientQuotaEntity.Kind.allCases.filter { parts[$0] == .others }.map(\.rawValue)),
            "values": .array(
                sorted(quotas).map { .members(["name": .string($0.key), "value": .double($0.value)]) }
            ),
        ])
    }

    private static func value(_ user: String, _ result: Result<[ScramCredential], KafkaClientError>) -> DataValue {
        var problem: String?
        if case .failure(let error) = result { problem = error.message }
        return .members([
            "user": .string(user), "error": .optional(problem),
            "credentials": .array(
                sorted((try? result.get()) ?? []).map {
                    .members(["mechanism": .string(name($0)), "iterations": .number($0.iterations)])
                }
            ),
        ])
    }

    private static func sorted(_ quotas: ClientQuotas) -> [(key: String, value: Double)] {
        quotas.values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func sorted(_ credentials: [ScramCredential]) -> [ScramCredential] {
        credentials.sorted { name($0) < name($1) }
    }

    private static func name(_ credential: ScramCredential) -> String { credential.mechanism?.name ?? "UNKNOWN" }

    /// `user-principal 'alice', the default client-id`
    private static func name(_ entity: ClientQuotaEntity) -> String {
        ClientQuotaEntity.Kind.allCases.compactMap { kind in
            let word = kind == .user ? "user-principal" : kind.rawValue
            switch entity.parts[kind] {
            case nil: return nil
            case .others: return "the default \(word)"
            case .named(let name): return "\(word) '\(name)'"
            }
        }.joined(separator: ", ")
    }
}
