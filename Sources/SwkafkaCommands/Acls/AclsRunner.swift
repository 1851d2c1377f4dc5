import KafkaClient

/// Carries out `acls`.
struct AclsRunner {
    let command: AclsCommand
    let context: CommandContext

    func run() async throws -> ExitStatus {
        let resources = try command.resources.resources()
        return try await command.session().administer(context) { admin in
            if command.list { return try await list(admin, resources) }
            let wanted = try command.rules.bindings(on: resources)
            return command.add ? try await add(admin, wanted) : try await remove(admin, wanted)
        }
    }

    private func list(_ admin: KafkaAdmin, _ resources: [AclResource]) async throws -> ExitStatus {
        let filters =
            resources.isEmpty
            ? [AclFilter()] : resources.map { AclFilter(type: $0.type, name: $0.name, pattern: $0.pattern) }
        var found: Set<AclBinding> = []
        for filter in filters { found.formUnion(try await admin.describeAcls(filter)) }
        let principals = command.principal
        let rules = found.filter { principals.isEmpty || principals.contains($0.principal) }
        try context.print(
            command.output.format,
            text: {
                guard !principals.isEmpty else { return AclsOutput.list(Array(rules)) }
                return principals.map { principal in
                    "ACLs for principal `\(principal)`\n" + AclsOutput.list(rules.filter { $0.principal == principal })
                }.joined()
            },
            table: { AclsOutput.table(Array(rules), colour: $0) },
            value: { AclsOutput.value(Array(rules)) }
        )
        return .success
    }

    private func add(
        _ admin: KafkaAdmin,
        _ wanted: [(resource: AclResource, rules: [AclBinding])]
    ) async throws -> ExitStatus {
        for (resource, rules) in wanted {
            try context.output.write(AclsOutput.block("Adding", resource, rules))
        }
        try context.output.flush()
        return told(try await admin.createAcls(wanted.flatMap(\.rules)).map { $0.map { _ in } })
    }

    private func remove(
        _ admin: KafkaAdmin,
        _ wanted: [(resource: AclResource, rules: [AclBinding])]
    ) async throws -> ExitStatus {
        var filters: [AclFilter] = []
        for (resource, rules) in wanted {
            if !command.force {
                try context.output.write(AclsOutput.question(resource, rules))
                try context.output.flush()
                guard let answer = context.readLine() else {
                    throw CommandFailure(
                        "swkafka acls: the question was not answered, so no rule was removed.",
                        hint: "Answer y on standard input, or give --force."
                    )
                }
                guard answer.lowercased() == "y" else { continue }
            }
            filters +=
                rules.isEmpty
                ? [AclFilter(type: resource.type, name: resource.name, pattern: resource.pattern)]
                : rules.map { AclFilter($0) }
        }
        guard !filters.isEmpty else { return .success }
        return told(try await admin.deleteAcls(filters).map { $0.map { _ in } })
    }

    /// Each kind of failure once: a cluster without an authorizer has the same for all.
    private func told(_ results: [Result<Void, KafkaClientError>]) -> ExitStatus {
        var messages: [String] = []
        for case .failure(let error) in results where !messages.contains(error.message) {
            messages.append(error.message)
        }
        for message in messages { context.complain("swkafka acls: \(message)\n") }
        return messages.isEmpty ? .success : .failure
    }
}
