import KafkaClient
import KafkaMessages

/// Carries out `configs`.
struct ConfigsRunner {
    var command: ConfigsCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        let entities = try command.entities.resolved()
        // resolved() leaves exactly one entity unless they are users and clients.
        guard let entity = entities.first else { return .usage }
        guard entity.resourceKind != nil else {
            return try await QuotaConfigsRunner(command: command, context: context, entities: entities).run()
        }
        return try await command.session().administer(context) { admin in
            command.describe ? try await describe(admin, entity) : try await alter(admin, entity)
        }
    }

    // MARK: Describing

    private func describe(_ admin: KafkaAdmin, _ entity: ConfigsEntity) async throws -> ExitStatus {
        let entities = try await everyEntity(admin, entity)
        let resources = entities.map(\.resource)
        let results = try await admin.describeConfigs(resources, includesSynonyms: true)
        var described: [DescribedConfigs] = []
        var status = ExitStatus.success
        for entity in entities {
            let isText = command.output.format == .text
            if isText { try context.output.write(ConfigsOutput.heading(entity, all: command.all)) }
            switch results[entity.resource] {
            case .success(let entries):
                let configs = DescribedConfigs(entity: entity, settings: entries.map(DescribedConfigs.Setting.init))
                described.append(configs)
                if isText { try context.output.write(ConfigsOutput.text(configs, all: command.all)) }
            case .failure(let error):
                try context.output.flush()
                context.complain("swkafka configs: \(error.message)\n")
                status = .failure
            case nil: status = .failure
            }
        }
        if command.output.format != .text {
            try context.print(
                command.output.format,
                text: { "" },
                table: { ConfigsOutput.table(described, showsAll: command.all, colour: $0) },
                value: { ConfigsOutput.value(described, showsAll: command.all) }
            )
        }
        return status
    }

    /// Without a name: every topic, or every broker and the defaults for all of them.
    private func everyEntity(_ admin: KafkaAdmin, _ entity: ConfigsEntity) async throws -> [ConfigsEntity] {
        guard entity.name == nil, !entity.isDefault else { return [entity] }
        let names = try await names(admin, entity.kind)
        let named = names.map { ConfigsEntity(kind: entity.kind, name: $0, isDefault: false) }
        guard entity.kind == .brokers else { return named }
        return named + [ConfigsEntity(kind: .brokers, name: nil, isDefault: true)]
    }

    private func names(_ admin: KafkaAdmin, _ kind: ConfigsEntity.Kind) async throws -> [String] {
        switch kind {
        case .topics: return try await admin.listTopics().map(\.name)
        case .clientMetrics: return try await admin.listConfigResources(.clientMetrics)
        case .groups:
            // Those that are there, and those that only have settings, where the broker can tell (Kafka 4.1).
            let listed = try await admin.listGroups().values.flatMap { try $0.get().map(\.id) }
            let configured = (try? await admin.listConfigResources(.group)) ?? []
            return Set(listed + configured).sorted()
        case .brokers, .brokerLoggers, .users, .clients, .ips:
            return try await admin.describeCluster().brokers.map(\.id).sorted().map { String($0) }
        }
    }

    // MARK: Altering

    private func alter(_ admin: KafkaAdmin, _ entity: ConfigsEntity) async throws -> ExitStatus {
        let additions = try command.changes.additions()
        let deletions = command.changes.deletions
        let current = try await admin.describeConfigs([entity.resource])
        let settings = try current[entity.resource]?.get().map(DescribedConfigs.Setting.init) ?? []
        let own = Set(DescribedConfigs(entity: entity, settings: settings).shown(all: false).map(\.name))
        let invalid = deletions.filter { !own.contains($0) }
        guard invalid.isEmpty else {
            throw CommandFailure(
                "Invalid config(s): \(invalid.joined(separator: ","))",
                hint: "--delete-config takes back settings that were made for the \(entity.kind.singular) itself; "
                    + "--describe shows them."
            )
        }
        let unknown = entity.kind == .brokerLoggers ? additions.map(\.name).filter { !own.contains($0) } : []
        guard unknown.isEmpty else {
            throw CommandFailure(
                "Invalid broker logger(s): \(unknown.joined(separator: ","))",
                hint: "Broker \(entity.name ?? "") has these: \(own.sorted().joined(separator: ", "))."
            )
        }
        let changes =
            additions.map { ConfigChange(.set, $0.name, $0.value) } + deletions.map { ConfigChange(.delete, $0) }
        try await admin.incrementalAlterConfigs([entity.resource: changes])[entity.resource]?.get()
        try context.output.write(ConfigsOutput.completed(entity))
        return .success
    }
}

extension ConfigsEntity {
    /// nil for what has quotas instead of configs.
    fileprivate var resourceKind: ConfigResource.Kind? {
        switch kind {
        case .topics: .topic
        case .brokers: .broker
        case .brokerLoggers: .brokerLogger
        case .clientMetrics: .clientMetrics
        case .groups: .group
        case .users, .clients, .ips: nil
        }
    }

    /// The runner has refused what has no kind of resource.
    fileprivate var resource: ConfigResource { ConfigResource(resourceKind ?? .topic, name ?? "") }
}

extension DescribedConfigs.Setting {
    fileprivate init(_ entry: ConfigEntry) {
        self.init(
            name: entry.name,
            value: entry.value,
            isSensitive: entry.isSensitive,
            source: ConfigSourceName(entry.source),
            synonyms: entry.synonyms.map { .init(source: ConfigSourceName($0.source), name: $0.name, value: $0.value) }
        )
    }
}

extension ConfigSourceName {
    fileprivate init(_ source: ConfigEntry.Source) { self = ConfigSourceName(rawValue: source.rawValue) ?? .unknown }
}
