import KafkaClient

/// What `acls` prints.
enum AclsOutput {
    /// `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`.
    static func name(_ resource: AclResource) -> String {
        "ResourcePattern(resourceType=\(AclWords.printed(resource.type)), name=\(resource.name), "
            + "patternType=\(AclWords.printed(resource.pattern)))"
    }

    /// The rules of one resource under a heading, with Kafka's blanks.
    static func block(_ heading: String, _ resource: AclResource, _ rules: [AclBinding]) -> String {
        "\(heading) ACLs for resource `\(name(resource))`: \n \(lines(rules)) \n\n"
    }

    private static func lines(_ rules: [AclBinding]) -> String {
        rules.map { rule in
            "\t(principal=\(rule.principal), host=\(rule.host), operation=\(AclWords.printed(rule.operation)), "
                + "permissionType=\(AclWords.printed(rule.permission)))"
        }.joined(separator: "\n")
    }

    /// What `--remove` asks before it removes.
    static func question(_ resource: AclResource, _ rules: [AclBinding]) -> String {
        guard !rules.isEmpty else {
            return "Are you sure you want to delete all ACLs for resource filter `\(name(resource))`? (y/n)\n"
        }
        return "Are you sure you want to remove ACLs: \n \(lines(rules)) \n from resource filter "
            + "`\(name(resource))`? (y/n)\n"
    }

    /// All rules, each resource's together, sorted.
    static func list(_ rules: [AclBinding]) -> String {
        grouped(rules).map { block("Current", $0.resource, $0.rules) }.joined()
    }

    static func table(_ rules: [AclBinding], colour: Bool) -> String {
        var table = TextTable([
            .left("RESOURCE"), .left("NAME"), .left("PATTERN"), .left("PRINCIPAL"), .left("HOST"), .left("OPERATION"),
            .left("PERMISSION"),
        ])
        for rule in sorted(rules) {
            table.add([
                .init(AclWords.printed(rule.resource.type)), .init(rule.resource.name),
                .init(AclWords.printed(rule.resource.pattern)), .init(rule.principal), .init(rule.host),
                .init(AclWords.printed(rule.operation)),
                .init(AclWords.printed(rule.permission), rule.permission == .deny ? .red : .green),
            ])
        }
        return table.text(colour: colour)
    }

    static func value(_ rules: [AclBinding]) -> DataValue {
        .array(
            sorted(rules).map { rule in
                .members([
                    "resourceType": .string(AclWords.printed(rule.resource.type)),
                    "name": .string(rule.resource.name),
                    "patternType": .string(AclWords.printed(rule.resource.pattern)),
                    "principal": .string(rule.principal), "host": .string(rule.host),
                    "operation": .string(AclWords.printed(rule.operation)),
                    "permission": .string(AclWords.printed(rule.permission)),
                ])
            }
        )
    }

    private static func grouped(_ rules: [AclBinding]) -> [(resource: AclResource, rules: [AclBinding])] {
        var groups: [(resource: AclResource, rules: [AclBinding])] = []
        for rule in sorted(rules) {
            if groups.last?.resource == rule.resource {
                groups[groups.count - 1].rules.append(rule)
            } else {
                groups.append((rule.resource, [rule]))
            }
        }
        return groups
    }

    private static func sorted(_ rules: [AclBinding]) -> [AclBinding] {
        rules.sorted { first, second in
            let numbers = { (rule: AclBinding) in (rule.resource.type.rawValue, rule.resource.pattern.rawValue) }
            if numbers(first) != numbers(second) { return numbers(first) < numbers(second) }
            if first.resource.name != second.resource.name { return first.resource.name < second.resource.name }
            if first.principal != second.principal { return first.principal < second.principal }
            return (first.host, first.operation.rawValue, first.permission.rawValue)
                < (second.host, second.operation.rawValue, second.permission.rawValue)
        }
    }
}
