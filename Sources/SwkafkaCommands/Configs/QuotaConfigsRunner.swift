import KafkaClient
import KafkaMessages

/// Carries out `configs` for users, clients and addresses.
struct QuotaConfigsRunner {
    var command: ConfigsCommand
    var context: CommandContext
    /// Users, clients, both, or addresses.
    var entities: [ConfigsEntity]

    func run() async throws -> ExitStatus {
        try await checkAddress()
        guard command.alter else {
            return try await command.session().administer(context) { try await describe($0) }
        }
        // Before anybody is asked: what is wrong on the command line is wrong for every broker.
        let changes = try QuotaConfigsChanges(
            additions: command.changes.additions(),
            deletions: command.changes.deletions,
            entities: entities
        )
        return try await command.session().administer(context) { try await alter($0, changes) }
    }

    /// An address may be given by its name, which the broker looks up, too.
    private func checkAddress() async throws {
        guard entities.first?.kind == .ips, let host = entities.first?.name else { return }
        do {
            _ = try await onOwnThread { try HostLookup.addresses(of: host, port: 0) }
        } catch let failure as HostLookup.Failure {
            throw CommandFailure("'\(host)' is no IP address or host name that can be found: \(failure.reason).")
        }
    }

    // MARK: Describing

    private func describe(_ admin: KafkaAdmin) async throws -> ExitStatus {
        var described = DescribedQuotas()
        let isText = command.output.format == .text
        described.quotas = try await admin.describeClientQuotas(ClientQuotaFilter(entities))
        if isText { try context.output.write(described.quotas.map(QuotaConfigsOutput.text).joined()) }
        // Passwords belong to users, never to all that have none.
        if entities.count == 1, let user = entities.first, user.kind == .users, !user.isDefault {
            described.credentials = try await credentials(admin, user.name)
            if isText {
                try context.output.write(described.credentials.map(QuotaConfigsOutput.text).joined())
            }
        }
        if !isText {
            try context.print(
                command.output.format,
                text: { "" },
                table: { QuotaConfigsOutput.table(described, colour: $0) },
                value: { QuotaConfigsOutput.value(described) }
            )
        }
        let failed = described.credentials.contains { if case .failure = $0.result { true } else { false } }
        return failed ? .failure : .success
    }

    /// A user without any is no failure.
    private func credentials(
        _ admin: KafkaAdmin,
        _ user: String?
    ) async throws -> [(user: String, result: Result<[ScramCredential], KafkaClientError>)] {
        try await admin.describeUserScramCredentials(user.map { [$0] })
            .filter { if case .failure(let error) = $0.value { error.brokerError != .resourceNotFound } else { true } }
            .sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }

    // MARK: Altering

    private func alter(_ admin: KafkaAdmin, _ changes: QuotaConfigsChanges) async throws -> ExitStatus {
        switch changes {
        case .credentials(let user, let changes):
            let results = try await admin.alterUserScramCredentials(changes.map { (user, $0) })
            try results[user]?.get()
        case .quotas(let values):
            let entity = ClientQuotaEntity(entities)
            let filter = ClientQuotaFilter(entities)
            let current = try await admin.describeClientQuotas(filter).first?.values ?? [:]
            let invalid = values.filter { $0.value == nil && current[$0.key] == nil }.keys.sorted()
            guard invalid.isEmpty else {
                throw CommandFailure(
                    "Invalid config(s): \(invalid.joined(separator: ","))",
                    hint: "--delete-config takes back quotas that \(entity) has; --describe shows them."
                )
            }
            try await admin.alterClientQuotas([entity: values])[entity]?.get()
        }
        if let first = entities.first { try context.output.write(ConfigsOutput.completed(first)) }
        return .success
    }
}

extension ConfigsEntity {
    /// nil for what has no quotas.
    fileprivate var quotaKind: ClientQuotaEntity.Kind? {
        switch kind {
        case .users: .user
        case .clients: .clientID
        case .ips: .ip
        case .topics, .brokers, .brokerLoggers, .clientMetrics, .groups: nil
        }
    }
}

extension ClientQuotaFilter {
    /// Exactly these kinds; without a name, whoever it is.
    fileprivate init(_ entities: [ConfigsEntity]) {
        var parts: [ClientQuotaEntity.Kind: Match] = [:]
        for entity in entities {
            guard let kind = entity.quotaKind else { continue }
            parts[kind] = entity.name.map { .name(.named($0)) } ?? (entity.isDefault ? .name(.others) : .any)
        }
        self.init(parts, isExact: true)
    }
}

extension ClientQuotaEntity {
    /// Those without a name are the defaults: `--alter` takes no others.
    fileprivate init(_ entities: [ConfigsEntity]) {
        var parts: [Kind: Name] = [:]
        for entity in entities {
            guard let kind = entity.quotaKind else { continue }
            parts[kind] = entity.name.map { .named($0) } ?? .others
        }
        self.init(parts)
    }
}
