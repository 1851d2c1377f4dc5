import KafkaClient
import KafkaMessages
import KafkaWire

/// Carries out what `topics` was asked for.
struct TopicsRunner {
    var command: TopicsCommand
    var context: CommandContext

    /// A failure in the words of Kafka's script.
    static func failure(_ message: String, hint: String? = nil) -> CommandFailure {
        CommandFailure("Error while executing topic command : \(message)", hint: hint)
    }

    func run() async throws -> ExitStatus {
        let session = try ClientSession(command.connection)
        guard let action = command.actions.chosen.first else { return .usage }
        do {
            try checkCounts()
            return try await session.administer(context) { admin in
                switch action {
                case .list: try await list(admin)
                case .describe: try await TopicsDescriber(command: command, context: context, admin: admin).run()
                case .create: try await create(admin)
                case .alter: try await alter(admin)
                case .delete: try await delete(admin)
                }
            }
        } catch let error as KafkaClientError {
            throw Self.failure(error.message)
        }
    }

    private func checkCounts() throws(CommandFailure) {
        if let partitions = command.topics.partitions, !(1...Int(Int32.max)).contains(partitions) {
            throw Self.failure("The number of partitions must be between 1 and \(Int32.max), not \(partitions).")
        }
        if let factor = command.topics.replicationFactor, !(1...Int(Int16.max)).contains(factor) {
            throw Self.failure("The replication factor must be between 1 and \(Int16.max), not \(factor).")
        }
    }

    // MARK: Actions

    private func list(_ admin: KafkaAdmin) async throws -> ExitStatus {
        let names = try await matchingNames(admin)
        try context.print(
            command.output.format,
            text: { TopicsOutput.listText(names) },
            table: { TopicsOutput.listTable(names, colour: $0) },
            value: { TopicsOutput.listValue(names) }
        )
        return .success
    }

    private func create(_ admin: KafkaAdmin) async throws -> ExitStatus {
        let name = command.topics.topic ?? ""
        if name.contains(".") || name.contains("_") {
            context.complain(
                "WARNING: names with '.' and names with '_' can clash in metrics; use one of the two throughout.\n"
            )
        }
        var topic = NewTopic(name)
        topic.partitions = command.topics.partitions.map { Int32(clamping: $0) }
        topic.replicationFactor = command.topics.replicationFactor.map { Int16(clamping: $0) }
        topic.assignment = try assignment()
        topic.configs = try configs()
        let results = try await admin.createTopics([topic])
        switch results[name] {
        case .success: break
        case .failure(let error) where error.brokerError == .topicAlreadyExists:
            if command.topics.ifNotExists { return .success }
            throw Self.failure(error.message, hint: "--if-not-exists makes this no error.")
        case .failure(let error): throw error
        case nil: throw Self.failure("The broker did not answer for topic '\(name)'.")
        }
        try context.output.write("Created topic \(name).\n")
        return .success
    }

    private func alter(_ admin: KafkaAdmin) async throws -> ExitStatus {
        let names = try await existingNames(admin)
        guard !names.isEmpty else { return .success }
        let total = Int32(clamping: command.topics.partitions ?? 0)
        let assignment = try assignment()
        var counts: [String: Int] = [:]
        if assignment != nil {
            for (name, result) in try await admin.describeTopics(names) {
                counts[name] = try result.get().partitions.count
            }
        }
        var wanted: [String: NewPartitions] = [:]
        for name in names {
            // The assignment covers all partitions; those that exist already are passed over.
            let added = assignment.map { Array($0.dropFirst(counts[name] ?? 0)) }
            wanted[name] = NewPartitions(totalCount: total, assignment: added)
        }
        return tell(try await admin.createPartitions(wanted))
    }

    private func delete(_ admin: KafkaAdmin) async throws -> ExitStatus {
        let names = try await existingNames(admin)
        guard !names.isEmpty else { return .success }
        let what = names.count == 1 ? "topic \(names[0])" : "\(names.count) topics (\(names.joined(separator: ", ")))"
        try Confirmation.ask("Delete \(what)", isGiven: command.actions.yes || command.topics.force, context)
        return tell(try await admin.deleteTopics(names))
    }

    /// Complains about each topic that failed.
    private func tell(_ results: [String: Result<Void, KafkaClientError>]) -> ExitStatus {
        var status = ExitStatus.success
        for (_, result) in results.sorted(by: { $0.key < $1.key }) {
            guard case .failure(let error) = result else { continue }
            context.complain(Self.failure(error.message).text)
            status = .failure
        }
        return status
    }

    // MARK: Names

    /// All names that `--topic` chooses, sorted; internal ones as asked for.
    func matchingNames(_ admin: KafkaAdmin) async throws -> [String] {
        var pattern: TopicPattern?
        if let filter = command.topic {
            do throws(CommandFailure) {
                pattern = try TopicPattern(filter: filter)
            } catch {
                throw Self.failure(error.message)
            }
        }
        let excluded = command.topics.excludeInternal ? InternalTopics.names : []
        return try await admin.listTopics().map(\.name)
            .filter { !excluded.contains($0) && (pattern?.matches($0) ?? true) }
            .sorted()
    }

    /// Names that `--topic` chooses; none is an error without `--if-exists`.
    private func existingNames(_ admin: KafkaAdmin) async throws -> [String] {
        let names = try await matchingNames(admin)
        if names.isEmpty, !command.topics.ifExists { throw try await missing(command.topic ?? "", admin) }
        return names
    }

    func missing(_ name: String, _ admin: KafkaAdmin) async throws -> CommandFailure {
        let nearest = NearestWord.of(name, in: try await admin.listTopics().map(\.name).sorted())
        return Self.failure(
            "Topic '\(name)' does not exist as expected",
            hint: nearest.map { "Did you mean '\($0)'?" } ?? "'swkafka topics --list' shows which topics there are."
        )
    }

    // MARK: Options

    private func assignment() throws(CommandFailure) -> [[Int32]]? {
        guard let text = command.topics.replicaAssignment else { return nil }
        return try ReplicaAssignment.parse(text)
    }

    private func configs() throws(CommandFailure) -> [String: String] {
        var configs: [String: String] = [:]
        for item in command.topics.config {
            let halves = item.split(separator: "=", omittingEmptySubsequences: false)
            guard halves.count == 2 else {
                throw Self.failure("'\(item)' is no setting for --config: give key=value with one '='.")
            }
            configs[KeyValueOptions.trimmed(halves[0])] = KeyValueOptions.trimmed(halves[1])
        }
        return configs
    }
}
