import ArgumentParser
import KafkaClient

/// Who may, or may not, do what from where.
struct AclRuleOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Who may; may be repeated. User:* is everybody.", valueName: "type:name")
    )
    var allowPrincipal: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Who may not; may be repeated.", valueName: "type:name")
    )
    var denyPrincipal: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("From where one may; may be repeated. (default: *)", valueName: "address")
    )
    var allowHost: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("From where one may not; may be repeated. (default: *)", valueName: "address")
    )
    var denyHost: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("What; may be repeated. (default: All)", valueName: "name")
    )
    var operation: [String] = []
    @Flag(help: "All that a producer of --topic needs.") var producer = false
    @Flag(help: "With --producer: also what an idempotent one needs.") var idempotent = false
    @Flag(help: "All that a consumer of --topic in --group needs.") var consumer = false

    var firstUsed: String? {
        let uses: [(String, Bool)] = [
            ("producer", producer), ("consumer", consumer), ("idempotent", idempotent),
            ("allow-principal", !allowPrincipal.isEmpty), ("deny-principal", !denyPrincipal.isEmpty),
            ("allow-host", !allowHost.isEmpty), ("deny-host", !denyHost.isEmpty), ("operation", !operation.isEmpty),
        ]
        return uses.first { $0.1 }?.0
    }

    static func check(principal: String) throws(ValidationError) {
        guard Principal(principal) != nil else {
            throw ValidationError("'\(principal)' is no principal: give type and name, as in User:alice.")
        }
    }

    func check(_ resources: AclResourceOptions, isForAdding: Bool) throws(ValidationError) {
        for name in allowPrincipal + denyPrincipal { try Self.check(principal: name) }
        if isForAdding, allowPrincipal.isEmpty, denyPrincipal.isEmpty {
            throw ValidationError("Whom? --add needs --allow-principal or --deny-principal.")
        }
        if allowPrincipal.isEmpty, !allowHost.isEmpty { throw ValidationError("--allow-host needs --allow-principal.") }
        if denyPrincipal.isEmpty, !denyHost.isEmpty { throw ValidationError("--deny-host needs --deny-principal.") }
        if idempotent, !producer { throw ValidationError("--idempotent goes with --producer only.") }
        guard producer || consumer else { return }
        let role = producer ? "producer" : "consumer"
        for (option, isUsed) in [
            ("operation", !operation.isEmpty), ("deny-principal", !denyPrincipal.isEmpty),
            ("deny-host", !denyHost.isEmpty),
        ] where isUsed {
            throw ValidationError("Option --\(option) cannot be used with --\(role): it decides that itself.")
        }
        if producer, resources.topic.isEmpty { throw ValidationError("--producer needs a --topic.") }
        guard consumer else { return }
        guard !resources.topic.isEmpty, !resources.group.isEmpty,
            producer || (!resources.cluster && resources.transactionalID.isEmpty)
        else {
            throw ValidationError("--consumer needs a --topic and a --group, and no --cluster or --transactional-id.")
        }
    }

    // MARK: Rules

    /// The rules meant, each resource's together; none for a resource when nobody is named (for --remove: all of it).
    func bindings(on resources: [AclResource]) throws(ValidationError) -> [(resource: AclResource, rules: [AclBinding])]
    {
        guard producer || consumer else {
            var all: [(resource: AclResource, rules: [AclBinding])] = []
            for resource in resources { all.append((resource, try rules(on: resource))) }
            return all
        }
        var wanted: [(resource: AclResource, rules: [AclBinding])] = []
        for resource in resources {
            let operations = roleOperations(resource.type)
            if !operations.isEmpty { wanted.append((resource, allowed(operations, on: resource))) }
        }
        if idempotent {
            let cluster = AclResource(.cluster, AclResourceOptions.clusterName, .literal)
            wanted.append((cluster, allowed([.idempotentWrite], on: cluster)))
        }
        return wanted
    }

    private func roleOperations(_ type: AclResourceType) -> [AclOperation] {
        var operations: [AclOperation] = []
        if producer, type == .topic { operations += [.write, .describe, .create] }
        if producer, type == .transactionalID { operations += [.write, .describe] }
        if consumer, type == .topic { operations += [.read, .describe] }
        if consumer, type == .group { operations += [.read] }
        return operations.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private func rules(on resource: AclResource) throws(ValidationError) -> [AclBinding] {
        var operations: [AclOperation] = []
        let valid = AclWords.operations(on: resource.type)
        for word in operation {
            guard let operation = AclWords.operation(word), valid.contains(operation) else {
                let list = valid.map(AclWords.spelled).joined(separator: ", ")
                throw ValidationError(
                    "'\(word)' is no operation on a \(AclWords.noun(resource.type)); these are: \(list)."
                )
            }
            operations.append(operation)
        }
        if operations.isEmpty { operations = [.all] }
        return allowed(operations, on: resource)
            + rules(denyPrincipal, denyHost, operations, .deny, on: resource)
    }

    private func allowed(_ operations: [AclOperation], on resource: AclResource) -> [AclBinding] {
        rules(allowPrincipal, allowHost, operations, .allow, on: resource)
    }

    private func rules(
        _ principals: [String],
        _ hosts: [String],
        _ operations: [AclOperation],
        _ permission: AclPermission,
        on resource: AclResource
    ) -> [AclBinding] {
        let hosts = hosts.isEmpty ? ["*"] : hosts
        return principals.flatMap { principal in
            hosts.flatMap { host in
                operations.map {
                    AclBinding(resource, principal: principal, host: host, operation: $0, permission: permission)
                }
            }
        }
    }
}
