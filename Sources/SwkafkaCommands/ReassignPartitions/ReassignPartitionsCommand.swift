import ArgumentParser
import KafkaClient

/// `swkafka reassign-partitions`: moves partitions to other brokers.
struct ReassignPartitionsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reassign-partitions",
        abstract: "Move partitions to other brokers, or to other disks of theirs.",
        discussion: """
            --generate proposes a plan, --execute begins to carry one out and prints what undoes it, --verify tells how far \
            it is and takes the throttles away once it is done, --cancel takes it back.

            JSON
              --list: [{topic, partition, replicas, addingReplicas, removingReplicas}]

            EXAMPLES
              swkafka reassign-partitions --bootstrap-server localhost:9092 --generate \\
                --topics-to-move-json-file topics.json --broker-list 1001,1002
              swkafka reassign-partitions --bootstrap-server localhost:9092 --execute \\
                --reassignment-json-file plan.json --throttle 10000000
              swkafka reassign-partitions --bootstrap-server localhost:9092 --verify \\
                --reassignment-json-file plan.json

            DIFFERENCES
              Errors stand on standard error, without a Java trace. A move that only adds replicas can be cancelled, too.
            """
    )

    enum Action: String, CaseIterable {
        case generate, execute, verify, cancel, list

        var option: String { "--\(rawValue)" }
    }

    @Option(parsing: .unconditional, help: ArgumentHelp("Brokers to start from.", valueName: "host:port,…"))
    var bootstrapServer: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Controllers to start from; with --cancel and --list.", valueName: "host:port,…")
    )
    var bootstrapController: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A Java property file with client settings.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var commandConfig: String?
    @OptionGroup var settings: ProfileOption
    @OptionGroup(title: "Output") var output: OutputOptions

    @Flag(help: "Propose a plan.") var generate = false
    @Flag(name: .customLong("execute"), help: "Begin to carry out a plan.") var executes = false
    @Flag(help: "Tell how far a plan is, and remove throttles when it is done.") var verify = false
    @Flag(help: "Take back what a plan has begun.") var cancel = false
    @Flag(help: "List the moves that are under way.") var list = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The plan.", valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var reassignmentJsonFile: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The topics that --generate is for.", valueName: "file"),
        completion: .file(extensions: ["json"])
    )
    var topicsToMoveJsonFile: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("The brokers that --generate may use.", valueName: "id,…"))
    var brokerList: String?
    @Flag(help: "Do not spread replicas over racks.") var disableRackAware = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Limit copying between brokers.", valueName: "bytes/s")
    )
    var throttle: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Limit copying between the directories of one broker.", valueName: "bytes/s")
    )
    var replicaAlterLogDirsThrottle: Int64?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long to try to begin moves between directories (10000).", valueName: "ms")
    )
    var timeout: Int64?
    @Flag(help: "Begin although others are under way, or change their throttle.") var additional = false
    @Flag(help: "Leave throttles as they are.") var preserveThrottles = false
    @Flag(help: "Refuse a plan that makes more or fewer replicas (needs Kafka 4.1).")
    var disallowReplicationFactorChange = false

    func validate() throws {
        guard Action.allCases.filter(isGiven).count == 1 else {
            let all = Action.allCases.map(\.option).joined(separator: ", ")
            throw ValidationError("Command must include exactly one action: \(all)")
        }
        guard bootstrapServer == nil || bootstrapController == nil else {
            throw ValidationError("Please don't specify both --bootstrap-server and --bootstrap-controller")
        }
        for (name, isGiven, isRequired, actions) in rules {
            if isGiven, !actions.contains(action) {
                throw ValidationError("Option \(name) can't be used with action \(action.option).")
            }
            if isRequired, !isGiven, actions.contains(action) {
                throw ValidationError("Missing required option \(name).")
            }
        }
        for (name, value) in [("throttle", throttle), ("timeout", timeout)] {
            if let value, value < 0 { throw ValidationError("--\(name) must not be negative.") }
        }
        if action == .generate { _ = try brokers() }
    }

    /// Which options go with which actions, and which of them must be there.
    private var rules: [(name: String, isGiven: Bool, isRequired: Bool, actions: [Action])] {
        [
            ("--reassignment-json-file", reassignmentJsonFile != nil, true, [.execute, .verify, .cancel]),
            ("--topics-to-move-json-file", topicsToMoveJsonFile != nil, true, [.generate]),
            ("--broker-list", brokerList != nil, true, [.generate]),
            ("--disable-rack-aware", disableRackAware, false, [.generate]),
            ("--throttle", throttle != nil, false, [.execute]),
            ("--replica-alter-log-dirs-throttle", replicaAlterLogDirsThrottle != nil, false, [.execute]),
            ("--timeout", timeout != nil, false, [.execute, .cancel]),
            ("--additional", additional, false, [.execute]),
            ("--disallow-replication-factor-change", disallowReplicationFactorChange, false, [.execute]),
            ("--preserve-throttles", preserveThrottles, false, [.verify, .cancel]),
            ("--bootstrap-controller", bootstrapController != nil, false, [.cancel, .list]),
            ("--output", output.format != .text, false, [.list]),
        ]
    }

    private func isGiven(_ action: Action) -> Bool {
        switch action {
        case .generate: generate
        case .execute: executes
        case .verify: verify
        case .cancel: cancel
        case .list: list
        }
    }

    var action: Action { Action.allCases.first(where: isGiven) ?? .list }

    /// The brokers of `--broker-list`.
    func brokers() throws(ValidationError) -> [Int32] {
        var ids: [Int32] = []
        for word in (brokerList ?? "").split(separator: ",") {
            guard let id = Int32(KeyValueOptions.trimmed(word)) else {
                throw ValidationError("'\(word)' in --broker-list is no broker id: give numbers, as in 1,2.")
            }
            guard !ids.contains(id) else {
                throw ValidationError("Broker list contains duplicate entries: \(id)")
            }
            ids.append(id)
        }
        return ids
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        var properties = ["client.id": "reassign-partitions-tool"]
        if let commandConfig { properties.merge(try PropertyFiles.read(commandConfig)) { $1 } }
        let session = ClientSession(
            servers: bootstrapController.map { .controllers($0) } ?? ServerChoice(bootstrapServer),
            properties: properties,
            profile: settings.profile
        )
        let action = action
        // Before anything is asked: a mistake in a file is one without a cluster, too.
        let plan = try reassignmentJsonFile.map { path throws(CommandFailure) in try ReassignmentPlan(path: path) }
        let topics = try topicsToMoveJsonFile.map { path throws(CommandFailure) in
            try ReassignmentPlan.topics(path: path)
        }
        if action == .execute { try plan?.check() }
        let brokers = try brokers()
        return try await session.administer(context) { admin in
            let work = ReassignmentWork(command: self, admin: admin, context: context)
            switch action {
            case .generate: try await work.generate(topics ?? [], brokers: brokers)
            case .execute: try await work.execute(plan ?? ReassignmentPlan())
            case .verify: try await work.verify(plan ?? ReassignmentPlan())
            case .cancel: try await work.cancel(plan ?? ReassignmentPlan())
            case .list: try await work.list()
            }
            return .success
        }
    }
}
