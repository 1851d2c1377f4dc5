import ArgumentParser

/// `swkafka configs`: settings of topics, brokers and others, quotas, and users' passwords.
struct ConfigsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configs",
        abstract: "Show and change settings of topics, brokers, groups, users and others.",
        discussion: """
            Without a name --describe shows every topic or group, or every broker and then the defaults for all brokers. \
            Only settings that were made for the thing itself are shown, unless --all is given.

            In --add-config a value with commas stands in brackets: cleanup.policy=[compact,delete].

            Users and clients have quotas: producer_byte_rate and consumer_byte_rate (bytes a second), \
            request_percentage (of the time of a broker's threads) and controller_mutation_rate (partitions a second); a \
            user together with a client has its own. Addresses (ips) have connection_creation_rate. Users also have \
            passwords: SCRAM-SHA-256=[iterations=8192,password=secret] and SCRAM-SHA-512, of which only a salted hash \
            leaves this machine. To keep a password from the command line, put the line into a file without the brackets \
            and name it with --add-config-file.

            The bundled broker keeps quotas and passwords in the cluster's metadata and tells them, but does not enforce \
            them: it slows nobody down, and lets everybody in without a password. Apache Kafka enforces both.

            Loggers (broker-loggers) of Apache Kafka are its Java classes; the bundled broker has one, root, at TRACE, \
            DEBUG, INFO, WARN, ERROR or FATAL, until it stops.

            JSON
              --describe: [{entityType, entityName, default, configs: [{name, value, sensitive, source, synonyms: \
            [{source, name, value}]}]}].
              --describe of users, clients and ips: {quotas: [{user, clientId, ip, defaults, values: [{name, value}]}], \
            scramCredentials: [{user, error, credentials: [{mechanism, iterations}]}]}; defaults names the parts that \
            stand for all without quotas of their own.

            EXAMPLES
              swkafka configs --bootstrap-server localhost:9092 --describe --topic orders
              swkafka configs --bootstrap-server localhost:9092 --describe --broker 1 --all
              swkafka configs --bootstrap-server localhost:9092 --alter --topic orders \\
                --add-config retention.ms=3600000,cleanup.policy=[compact,delete]
              swkafka configs --bootstrap-server localhost:9092 --alter --broker-defaults \\
                --delete-config log.retention.ms
              swkafka configs --bootstrap-server localhost:9092 --alter --user alice \\
                --add-config producer_byte_rate=1048576
              swkafka configs --bootstrap-server localhost:9092 --alter --user alice \\
                --add-config-file scram.properties
              swkafka configs --bootstrap-server localhost:9092 --alter --broker-logger 1 --add-config root=DEBUG
              swkafka configs --bootstrap-controller localhost:9093 --alter --broker-defaults \\
                --add-config log.retention.ms=3600000

            DIFFERENCES
              Settings of brokers are changed one by one (IncrementalAlterConfigs), so others are never lost. A user \
            whose SCRAM credentials cannot be told makes the exit status 1.
            """
    )

    static let repeatable: Set<String> = ["entity-type", "entity-name", "entity-default", "delete-config"]
    /// In its place among the names, as they go with the types one by one.
    static let respelled = ["entity-default": ["--entity-name", ""]]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Connection") var controllers: ControllerOption
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Flag(help: "Show settings.") var describe = false
    @Flag(help: "Change settings.") var alter = false
    @Flag(help: "With --describe: static and default settings too.") var all = false

    @OptionGroup(title: "What they belong to") var entities: ConfigsEntityOptions
    @OptionGroup(title: "Changes") var changes: ConfigsChangeOptions

    @Flag(help: .hidden) var force = false

    func validate() throws {
        try controllers.check(connection)
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

    func session() throws(CommandFailure) -> ClientSession {
        try ClientSession(connection, controllers: controllers.bootstrapController)
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ConfigsRunner(command: self, context: context).run()
    }
}

/// Whose settings: long forms and their shorthands.
struct ConfigsEntityOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "topics, brokers, broker-loggers, users, clients, ips, groups or client-metrics.",
            valueName: "type"
        )
    )
    var entityType: [String] = []
    @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("The topic, the broker's id, …", valueName: "name"))
    var entityName: [String] = []
    @Flag(help: "The defaults of the type (brokers, users, clients, ips).") var entityDefault = false

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

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type users --entity-name.", valueName: "name")
    )
    var user: String?
    @Flag(help: "The same as --entity-type users --entity-default.") var userDefaults = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type clients --entity-name.", valueName: "id")
    )
    var client: String?
    @Flag(help: "The same as --entity-type clients --entity-default.") var clientDefaults = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type ips --entity-name.", valueName: "address")
    )
    var ip: String?
    @Flag(help: "The same as --entity-type ips --entity-default.") var ipDefaults = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The same as --entity-type broker-loggers --entity-name.", valueName: "id")
    )
    var brokerLogger: String?
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
            // An empty name is Kafka's word for the default.
            let isDefault = type.hasDefault && (name.map(\.isEmpty) ?? entityDefault)
            entities.append(ConfigsEntity(kind: type, name: name == "" ? nil : name, isDefault: isDefault))
        }
        guard entityName.count <= entityType.count else {
            throw CommandFailure("--entity-name needs an --entity-type before it.", status: .usage)
        }
        let names: [(ConfigsEntity.Kind, String?)] = [
            (.topics, topic), (.clients, client), (.users, user), (.brokers, broker), (.brokerLoggers, brokerLogger),
            (.ips, ip), (.clientMetrics, clientMetrics), (.groups, group),
        ]
        for (kind, name) in names {
            guard let name else { continue }
            let isDefault = kind.hasDefault && name.isEmpty
            entities.append(ConfigsEntity(kind: kind, name: isDefault ? nil : name, isDefault: isDefault))
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

    /// What `--add-config` or the file says.
    func additions() throws(CommandFailure) -> [ConfigsGrammar.Addition] {
        if let addConfig { return try ConfigsGrammar.additions(addConfig) }
        guard let addConfigFile else { return [] }
        var additions: [ConfigsGrammar.Addition] = []
        for (name, value) in try PropertyFiles.read(addConfigFile).sorted(by: { $0.key < $1.key }) {
            try ConfigsGrammar.checkName(name)
            additions.append(ConfigsGrammar.Addition(name: name, value: value))
        }
        return additions
    }

    /// Names from `--delete-config`, in their order.
    var deletions: [String] {
        deleteConfig.flatMap { $0.split(separator: ",") }.map { KeyValueOptions.trimmed($0) }.filter { !$0.isEmpty }
    }
}
