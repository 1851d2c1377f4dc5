import ArgumentParser
import KafkaClient

/// What access rules are about.
struct AclResourceOptions: ParsableArguments {
    @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A topic; * is all.", valueName: "name"))
    var topic: [String] = []
    @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("A consumer group; * is all.", valueName: "name"))
    var group: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A transactional id; * is all.", valueName: "name")
    )
    var transactionalID: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A delegation token; * is all.", valueName: "id")
    )
    var delegationToken: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A user whose tokens are meant; * is all.", valueName: "type:name")
    )
    var userPrincipal: [String] = []
    @Flag(help: "The cluster itself.") var cluster = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How names are meant: literal, or prefixed for beginnings; with --list and --remove also any, for this name "
                + "in both ways, and match, for all rules that decide about it.",
            valueName: "type"
        )
    )
    var resourcePatternType = "literal"

    /// The name that every cluster has in access rules.
    static let clusterName = "kafka-cluster"

    func pattern() throws(ValidationError) -> AclPatternType {
        switch resourcePatternType.lowercased() {
        case "any": .any
        case "match": .match
        case "literal": .literal
        case "prefixed": .prefixed
        default:
            throw ValidationError(
                "'\(resourcePatternType)' is no --resource-pattern-type: give literal, prefixed, any or match."
            )
        }
    }

    func checkForAdding() throws(ValidationError) {
        let pattern = try pattern()
        guard pattern == .literal || pattern == .prefixed else {
            throw ValidationError("--add makes literal and prefixed rules only, not of type '\(resourcePatternType)'.")
        }
    }

    /// In the order of the kinds, then as given.
    func resources() throws(ValidationError) -> [AclResource] {
        let pattern = try pattern()
        var resources = topic.map { AclResource(.topic, $0, pattern) }
        // The cluster has one name, and so no beginnings.
        if cluster, pattern == .literal { resources.append(AclResource(.cluster, Self.clusterName, .literal)) }
        resources += group.map { AclResource(.group, $0, pattern) }
        resources += transactionalID.map { AclResource(.transactionalID, $0, pattern) }
        resources += delegationToken.map { AclResource(.delegationToken, $0, pattern) }
        resources += userPrincipal.map { AclResource(.user, $0, pattern) }
        return resources
    }
}
