import ArgumentParser
import KafkaClient
import KafkaWire

/// `swkafka client-metrics`: which metrics a cluster asks its clients for.
struct ClientMetricsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "client-metrics",
        abstract: "Show and change subscriptions to the metrics of clients.",
        discussion: """
            A subscription names the metrics that clients push to their brokers, how often, and which clients are meant. \
            The bundled broker keeps subscriptions, and does not ask its clients for metrics.

            Selectors of --match: client_id, client_instance_id, client_software_name, client_software_version, \
            client_source_address, client_source_port; each with a regular expression.

            JSON
              --list: a list of names.

            --describe: [{name, configs: {…}}].

            EXAMPLES
              swkafka client-metrics --bootstrap-server localhost:9092 --list
              swkafka client-metrics --bootstrap-server localhost:9092 --alter --name slow \\
                --metrics org.apache.kafka.producer. --interval 60000 \\
                --match client_software_name=apache-kafka-java
              swkafka client-metrics --bootstrap-server localhost:9092 --delete --name slow

            DIFFERENCES
              Errors stand on standard error.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Flag(help: "Show the names of all subscriptions.") var list = false
    @Flag(help: "Show what a subscription, or each of them, says.") var describe = false
    @Flag(help: "Make or change a subscription.") var alter = false
    @Flag(help: "Remove a subscription.") var delete = false
    @Option(parsing: .unconditional, help: ArgumentHelp("The subscription.", valueName: "name")) var name: String?
    @Flag(help: "With --alter: make a new name up.") var generateName = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Milliseconds between pushes; empty for the default.", valueName: "ms")
    )
    var interval: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Beginnings of the names of metrics; empty for none.", valueName: "prefix,…")
    )
    var metrics: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Which clients are meant; empty for all.", valueName: "selector=regex,…")
    )
    var match: String?

    func validate() throws {
        guard [list, describe, alter, delete].count(where: { $0 }) == 1 else {
            throw ValidationError("Give exactly one action: --alter, --delete, --describe or --list.")
        }
        if alter, (name == nil) == !generateName { throw ValidationError("--alter needs --name or --generate-name.") }
        if delete, name == nil { throw ValidationError("--delete needs --name.") }
        if list, name != nil { throw ValidationError("Option --name cannot be used with --list.") }
        if !alter, interval != nil || metrics != nil || match != nil || generateName {
            throw ValidationError("--interval, --metrics, --match and --generate-name go with --alter only.")
        }
        if alter, interval == nil, metrics == nil, match == nil {
            throw ValidationError("--alter what? Give --interval, --metrics or --match.")
        }
        if let interval, !interval.isEmpty, Int32(interval) == nil {
            throw ValidationError("'\(interval)' is no number of milliseconds for --interval.")
        }
        if alter || delete, output.format != .text {
            throw ValidationError("Option --output goes with --list and --describe only.")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ClientSession(connection).administer(context) { admin in
            if list { return try await list(admin, context) }
            if describe { return try await describe(admin, context) }
            return try await change(admin, context)
        }
    }

    private func list(_ admin: KafkaAdmin, _ context: CommandContext) async throws -> ExitStatus {
        let names = try await admin.listConfigResources(.clientMetrics)
        try context.print(
            output.format,
            text: { names.map { $0 + "\n" }.joined() },
            table: { colour in
                var table = TextTable([.left("NAME")])
                for name in names { table.add([.init(name)]) }
                return table.text(colour: colour)
            },
            value: { .strings(names) }
        )
        return .success
    }

    private func describe(_ admin: KafkaAdmin, _ context: CommandContext) async throws -> ExitStatus {
        let names = if let name { [name] } else { try await admin.listConfigResources(.clientMetrics) }
        let results = try await admin.describeConfigs(names.map { ConfigResource(.clientMetrics, $0) })
        var described: [(name: String, settings: [ConfigEntry])] = []
        for name in names {
            let settings = try results[ConfigResource(.clientMetrics, name)]?.get() ?? []
            described.append((name, settings.sorted { $0.name < $1.name }))
        }
        try context.print(
            output.format,
            text: {
                described.map { name, settings in
                    "Client metrics configs for \(name) are:\n"
                        + settings.map { "  \($0.name)=\($0.value ?? "")\n" }.joined()
                }.joined()
            },
            table: { colour in
                var table = TextTable([.left("NAME"), .left("SETTING"), .left("VALUE")])
                for (name, settings) in described {
                    for setting in settings {
                        table.add([.init(name), .init(setting.name), .init(setting.value ?? "")])
                    }
                }
                return table.text(colour: colour)
            },
            value: {
                .array(
                    described.map { name, settings in
                        .members([
                            "name": .string(name),
                            "configs": .object(
                                settings.map { .init(name: $0.name, value: .optional($0.value)) }
                            ),
                        ])
                    }
                )
            }
        )
        return .success
    }

    private func change(_ admin: KafkaAdmin, _ context: CommandContext) async throws -> ExitStatus {
        let name = name ?? "\(KafkaUUID.random())"
        let resource = ConfigResource(.clientMetrics, name)
        let changes =
            alter
            ? [("interval.ms", interval), ("metrics", metrics), ("match", match)].compactMap { key, value in
                value.map { $0.isEmpty ? ConfigChange(.delete, key) : ConfigChange(.set, key, $0) }
            }
            : try await admin.describeConfigs([resource])[resource]?.get().map { ConfigChange(.delete, $0.name) } ?? []
        if !changes.isEmpty { try await admin.incrementalAlterConfigs([resource: changes])[resource]?.get() }
        try context.output.write("\(alter ? "Altered" : "Deleted") client metrics config for \(name).\n")
        return .success
    }
}
