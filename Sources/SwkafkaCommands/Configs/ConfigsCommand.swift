import ArgumentParser

/// `swkafka configs`: settings of topics, brokers, groups and client metrics.
struct ConfigsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configs",
        abstract: "Show and change settings of topics, brokers, groups and others.",
        discussion: """
            Without a name --describe shows every topic or group, or every broker and then the defaults for all brokers. \
            Only settings that were made for the thing itself are shown, unless --all is given.

            In --add-config a value with commas stands in brackets: cleanup.policy=[compact,delete].

            JSON
              --describe: [{entityType, entityName, default, configs: [{name, value, sensitive, source, synonyms: \
            [{source, name, value}]}]}].

            EXAMPLES
              swkafka configs --bootstrap-server localhost:9092 --describe --topic orders
              swkafka configs --bootstrap-server localhost:9092 --describe --broker 1 --all
              swkafka configs --bootstrap-server localhost:9092 --alter --topic orders \\
                --add-config retention.ms=3600000,cleanup.policy=[compact,delete]
              swkafka configs --bootstrap-server localhost:9092 --alter --broker-defaults \\
                --delete-config log.retention.ms

            DIFFERENCES
              Quotas and passwords of users, clients and ips are not supported by this version. Settings of brokers are changed one by one (IncrementalAlterConfigs), so others \
            are never lost.
            """
    )

    static let repeatable: Set<String> = ["entity-type", "entity-name", "entity-default", "delete-config"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Flag(help: "Show settings.") var describe = false
    @Flag(help: "Change settings.") var alter = false
    @Flag(help: "With --describe: static and default settings too.") var all = false

    @OptionGroup(title: "What they belong to") var entities: ConfigsEntityOptions
    @OptionGroup(title: "Changes") var changes: ConfigsChangeOptions

    @Option(parsing: .unconditional, help: .hidden) var bootstrapController: String?
    @Flag(help: .hidden) var force = false

    func validate() throws {
        guard bootstrapController == nil else {
            throw ValidationError("--bootstrap-controller is not supported by this version: use --bootstrap-server.")
        }
        guard describe != alter else { throw ValidationError("Give exactly one action: --describe or --alter.") }
        if describe, let option = changes.firstUsed {
            throw ValidationError("Option --\(option) cannot be used with --describe.")
        }
        if alter, output.format != .text { throw ValidationError("Option --output cannot be used with --alter.") }
        if alter, watching.watch != nil { throw ValidationError("Option --watch cannot be used with --alter.") }
        do throws(CommandFailure) {
            let entities = try entities.resolved()
            if alter { try ConfigsEntity.checkNamed(entities) }
            if alter { try changes.check() }
        } catch {
            throw ValidationError(error.message)
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ConfigsRunner(command: self, context: context).run()
    }
}

/// Whose settings: long forms and their shorthands.
struct ConfigsEntityOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("topics, brokers, broker-loggers, groups or client-metrics.", valueName: "type")
    )
    var entityType: [String] = []
    @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("The topic, the broker's id, …", valueName: "name"))
    var entityName: [String] = []
    @Flag(help: "The defaults of the type (brokers).") var entityDefault = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type topics --entity-name.", valueName: "name")
    )
    var topic: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type brokers --entity-name.", valueName: "id")
    )
    var broker: String?
    @Flag(help: "The same as --entity-type brokers --entity-default.") var brokerDefaults = false

    @Option(parsing: .unconditional, help: .hidden) var client: String?
    @Option(parsing: .unconditional, help: .hidden) var user: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type broker-loggers --entity-name.", valueName: "id")
    )
    var brokerLogger: String?
    @Option(parsing: .unconditional, help: .hidden) var ip: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type client-metrics --entity-name.", valueName: "name")
    )
    var clientMetrics: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type groups --entity-name.", valueName: "name")
    )
    var group: String?
    @Flag(help: .hidden) var clientDefaults = false
    @Flag(help: .hidden) var userDefaults = false
    @Flag(help: .hidden) var ipDefaults = false

    /// The entities meant, after the rules of Kafka's script about which may stand together.
    func resolved() throws(CommandFailure) -> [ConfigsEntity] {
        var entities: [ConfigsEntity] = []
        for (index, word) in entityType.enumerated() {
            guard let type = ConfigsEntity.Kind(rawValue: word) else {
                let known = ConfigsEntity.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                let nearest = NearestWord.of(word, in: ConfigsEntity.Kind.allCases.map(\.rawValue))
                let question = nearest.map { " Did you mean '\($0)'?" } ?? ""
                throw CommandFailure("'\(word)' is no entity type; these are: \(known).\(question)", status: .usage)
            }
            let name = index < entityName.count ? entityName[index] : nil
            entities.append(ConfigsEntity(kind: type, name: name, isDefault: name == nil && entityDefault))
        }
        guard entityName.count <= entityType.count else {
            throw CommandFailure("--entity-name needs an --entity-type before it.", status: .usage)
        }
        let names: [(ConfigsEntity.Kind, String?)] = [
            (.topics, topic), (.clients, client), (.users, user), (.brokers, broker), (.brokerLoggers, brokerLogger),
            (.ips, ip), (.clientMetrics, clientMetrics), (.groups, group),
        ]
        for (kind, name) in names where name != nil {
            entities.append(ConfigsEntity(kind: kind, name: name, isDefault: false))
        }
        let defaults: [(ConfigsEntity.Kind, Bool)] = [
            (.clients, clientDefaults), (.users, userDefaults), (.brokers, brokerDefaults), (.ips, ipDefaults),
        ]
        for (kind, isGiven) in defaults where isGiven {
            entities.append(ConfigsEntity(kind: kind, name: nil, isDefault: true))
        }
        try ConfigsEntity.check(entities)
        return entities
    }
}

/// What `--alter` changes.
struct ConfigsChangeOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Settings to make.", valueName: "k=v,k=[v,v]"))
    var addConfig: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A property file of settings to make.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var addConfigFile: String?
    @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Settings to take back.", valueName: "k,k"))
    var deleteConfig: [String] = []

    var firstUsed: String? {
        if addConfig != nil { return "add-config" }
        if addConfigFile != nil { return "add-config-file" }
        return deleteConfig.isEmpty ? nil : "delete-config"
    }

    func check() throws(CommandFailure) {
        guard firstUsed != nil else {
            throw CommandFailure("--alter needs --add-config, --add-config-file or --delete-config.", status: .usage)
        }
        guard addConfig == nil || addConfigFile == nil else {
            throw CommandFailure("Give --add-config or --add-config-file, not both.", status: .usage)
        }
        if let addConfig { _ = try ConfigsGrammar.additions(addConfig) }
    }

    /// Names from `--delete-config`, in their order.
    var deletions: [String] {
        deleteConfig.flatMap { $0.split(separator: ",") }.map { KeyValueOptions.trimmed($0) }.filter { !$0.isEmpty }
    }
}
