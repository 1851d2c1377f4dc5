import KafkaClient
import KafkaMessages

/// Carries out `streams-application-reset`.
struct StreamsApplicationResetter {
    typealias Offsets = ScenarioOffsets.Offsets

    let command: StreamsApplicationResetCommand
    let context: CommandContext
    let admin: KafkaAdmin

    private var application: String { command.applicationID }
    private var inputs: [String] { StreamsApplicationResetCommand.names(command.inputTopics) }
    private var intermediates: [String] { StreamsApplicationResetCommand.names(command.intermediateTopics) }

    func run() async throws -> ExitStatus {
        if command.dryRun {
            try say("----Dry run displays the actions which will be performed when running Streams Reset Tool----")
        }
        if !intermediates.isEmpty {
            context.complain("WARN: Intermediate topics are out of use in Kafka Streams and will go with Kafka 5.\n")
        }
        if !command.dryRun {
            try Confirmation.ask(
                "Let application \(application) begin anew: move its offsets and delete its internal topics",
                isGiven: command.yes,
                refusal: "Nothing was changed.",
                context
            )
        }
        try await clearGroup()
        let existing = Set(try await admin.listTopics().map(\.name))
        var status = try await moveOffsets(existing)
        if try await deleteTopics(existing) != .success { status = .failure }
        return status
    }

    private func say(_ line: String) throws(OutputError) { try context.output.write(line + "\n") }

    // MARK: Members

    /// Members that live would go on where they are.
    private func clearGroup() async throws {
        let description: GroupDescription
        switch try await admin.describeGroups([application])[application] {
        case .success(let found)?: description = found
        case .failure(let error)?:
            guard error.brokerError == .groupIdNotFound else { throw error }
            return
        case nil: return
        }
        guard !description.members.isEmpty else { return }
        guard command.force else {
            let names = description.members.map(\.id).sorted().joined(separator: ", ")
            throw CommandFailure(
                "ERROR: The group '\(application)' has members: \(names).",
                hint: "Stop all instances of the application first, or remove them with --force."
            )
        }
        guard !command.dryRun else {
            return try say("Would remove \(description.members.count) members of the group \(application)")
        }
        try say("Force deleting all active members in the group: \(application)")
        let members = description.members.map { GroupMemberReference.member(id: $0.id) }
        for (_, result) in try await admin.removeMembers(members, from: application, reason: "application reset") {
            try result.get()
        }
    }

    // MARK: Offsets

    private func moveOffsets(_ existing: Set<String>) async throws -> ExitStatus {
        guard !inputs.isEmpty || !intermediates.isEmpty else {
            try say("No input or intermediate topics specified. Skipping seek.")
            return .success
        }
        if !inputs.isEmpty { try say("Reset-offsets for input topics [\(inputs.joined(separator: ", "))]") }
        if !intermediates.isEmpty {
            try say("Seek-to-end for intermediate topics [\(intermediates.joined(separator: ", "))]")
        }
        let missing = (inputs + intermediates).filter { !existing.contains($0) }
        for (what, names) in [("input", inputs), ("intermediate", intermediates)] {
            let absent = names.filter { !existing.contains($0) }
            guard !absent.isEmpty else { continue }
            context.complain("ERROR: These \(what) topics do not exist: \(absent.joined(separator: ", "))\n")
        }
        let scenario = try command.target.scenario(group: application, nowMs: context.nowMs())
        try await move(inputs.filter(existing.contains), scenario, "input")
        try await move(intermediates.filter(existing.contains), .latest, "intermediate")
        try say("Done.")
        return missing.isEmpty ? .success : .failure
    }

    private func move(_ topics: [String], _ scenario: ResetScenario, _ what: String) async throws {
        guard !topics.isEmpty else { return }
        var partitions: [TopicPartition] = []
        for (name, result) in try await admin.describeTopics(topics) {
            partitions += try result.get().partitions.map { TopicPartition(topic: name, partition: $0.metadata.index) }
        }
        let places = ScenarioOffsets(admin: admin, context: context, timeout: .seconds(60))
        var offsets: Offsets
        if case .plan(let plan) = scenario {
            offsets = try await places.clamped((plan[application] ?? [:]).filter { partitions.contains($0.key) })
        } else {
            let committed =
                scenario.usesCommitted
                ? try await admin.listGroupOffsets([application])[application]?.get() ?? [:] : [:]
            offsets = try await places.offsets(of: partitions.sorted(), committed.mapValues(\.offset), scenario)
        }
        offsets = offsets.filter { partitions.contains($0.key) }
        try say("Following \(what) topics offsets will be reset to (for consumer group \(application))")
        for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            try say("Topic: \(partition.topic) Partition: \(partition.partition) Offset: \(offset)")
        }
        guard !command.dryRun else { return }
        let results = try await admin.alterGroupOffsets(offsets.mapValues { GroupOffset($0) }, of: application)
        for (_, result) in results.sorted(by: { $0.key < $1.key }) { try result.get() }
    }

    // MARK: Topics

    private func deleteTopics(_ existing: Set<String>) async throws -> ExitStatus {
        let inferred = existing.filter { topic in
            StreamsInternalTopics.contains(topic, of: application) && !inputs.contains(topic)
                && !intermediates.contains(topic)
        }
        let named = StreamsApplicationResetCommand.names(command.internalTopics)
        let strangers = named.filter { !inferred.contains($0) }
        guard strangers.isEmpty else {
            throw CommandFailure(
                "ERROR: These are no internal topics of '\(application)': \(strangers.joined(separator: ", ")).",
                hint: "Its internal topics are: \(inferred.sorted().joined(separator: ", "))."
            )
        }
        let wanted = named.isEmpty ? inferred.sorted() : named.sorted()
        let kind = named.isEmpty ? "inferred" : "specified"
        try say("Deleting \(kind) internal topics [\(wanted.joined(separator: ", "))]")
        var status = ExitStatus.success
        if !command.dryRun, !wanted.isEmpty {
            for (topic, result) in try await admin.deleteTopics(wanted).sorted(by: { $0.key < $1.key }) {
                guard case .failure(let error) = result else { continue }
                context.complain("ERROR: Deletion of topic \(topic) failed: \(error.message)\n")
                status = .failure
            }
        }
        if status == .success { try say("Done.") }
        return status
    }
}
