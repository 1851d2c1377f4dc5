import ArgumentParser
import KafkaClient

/// `swkafka acls`: who may do what.
struct AclsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "acls",
        abstract: "Show, make and remove access rules of a cluster.",
        discussion: """
            A rule allows or denies a principal an operation on the resources with a name, from a host. --producer and \
            --consumer make all the rules that such a client needs.

            Operations, in any case: Read, Write, Create, Delete, Alter, Describe, ClusterAction, DescribeConfigs, \
            AlterConfigs, IdempotentWrite, CreateTokens, DescribeTokens, All.

            The bundled broker has no authorizer, and says so.

            JSON
              --list: [{resourceType, name, patternType, principal, host, operation, permission}]

            EXAMPLES
              swkafka acls --bootstrap-server localhost:9092 --list --topic orders
              swkafka acls --bootstrap-server localhost:9092 --add \\
                --allow-principal User:alice --producer --topic orders
              swkafka acls --bootstrap-server localhost:9092 --remove --force \\
                --allow-principal User:alice --operation Write --topic orders

            DIFFERENCES
              Rules are sorted. Errors stand on standard error, without a Java trace. Without an answer to the question \
            of --remove nothing is removed, and the exit status is 1.
            """
    )

    static let repeatable: Set<String> = [
        "topic", "group", "transactional-id", "delegation-token", "user-principal", "allow-principal",
        "deny-principal", "allow-host", "deny-host", "operation", "principal",
    ]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Connection") var controllers: ControllerOption
    @OptionGroup(title: "Output") var output: OutputOptions

    @Flag(help: "Make rules.") var add = false
    @Flag(help: "Remove rules.") var remove = false
    @Flag(help: "Show rules.") var list = false
    @Flag(help: "With --remove: do not ask.") var force = false

    @OptionGroup(title: "Resources") var resources: AclResourceOptions
    @OptionGroup(title: "Rules") var rules: AclRuleOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("With --list: only rules of this principal; may be repeated.", valueName: "type:name")
    )
    var principal: [String] = []

    func validate() throws {
        try controllers.check(connection)
        guard [add, remove, list].count(where: { $0 }) == 1 else {
            throw ValidationError("Give exactly one action: --list, --add or --remove.")
        }
        if !list, output.format != .text { throw ValidationError("Option --output can only be used with --list.") }
        if !list, !principal.isEmpty { throw ValidationError("Option --principal can only be used with --list.") }
        if list, let option = rules.firstUsed {
            throw ValidationError("Option --\(option) cannot be used with --list.")
        }
        if !remove, force { throw ValidationError("Option --force can only be used with --remove.") }
        for name in principal { try AclRuleOptions.check(principal: name) }
        let given = try resources.resources()
        if !list, given.isEmpty {
            throw ValidationError(
                "On what? Give --topic, --group, --cluster, --transactional-id, --delegation-token or --user-principal."
            )
        }
        if add { try resources.checkForAdding() }
        try rules.check(resources, isForAdding: add)
        if !list { _ = try rules.bindings(on: given) }
    }

    func session() throws(CommandFailure) -> ClientSession {
        try ClientSession(connection, controllers: controllers.bootstrapController)
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await AclsRunner(command: self, context: context).run()
    }
}
