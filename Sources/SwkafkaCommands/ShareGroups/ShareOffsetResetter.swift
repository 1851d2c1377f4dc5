import KafkaClient
import KafkaMessages

/// Carries out `share-groups --reset-offsets`.
struct ShareOffsetResetter {
    typealias Offsets = ScenarioOffsets.Offsets

    var command: ShareGroupsCommand
    var context: CommandContext
    var admin: KafkaAdmin

    private var timeout: Duration { .milliseconds(command.selection.timeout) }
    private var places: ScenarioOffsets { ScenarioOffsets(admin: admin, context: context, timeout: timeout) }
    private var chosen: ChosenPartitions {
        ChosenPartitions(admin: admin, timeout: timeout) { partition, count in
            CommandFailure(
                "Error: Topic '\(partition.topic)' has no partition \(partition.partition): it has \(count)."
            )
        }
    }

    func run() async throws -> ExitStatus {
        guard let group = command.selection.group.first else { return .usage }
        let scenario = try ResetScenario(command.reset, onlyGroup: group, nowMs: context.nowMs())
        if case .success(let description)? = try await admin.describeShareGroups([group], timeout: timeout)[group] {
            guard description.state == .empty || description.state == .dead else {
                throw CommandFailure(
                    "Error: Share group '\(group)' is not empty: its state is \(description.state.rawValue).",
                    hint: "Stop its \(description.members.count) members first."
                )
            }
        }
        let offsets = try await newOffsets(of: group, scenario)
        if command.reset.execute, !offsets.isEmpty {
            try Confirmation.ask(
                "Set share group \(group) to other offsets in \(Confirmation.count(offsets.count, "partition"))",
                isGiven: command.actions.yes,
                refusal: "Nothing was changed.",
                context
            )
            let results = try await admin.alterShareGroupOffsets(offsets, of: group, timeout: timeout)
            for partition in offsets.keys.sorted() { try results[partition]?.get() }
        }
        try print(group, offsets)
        return .success
    }

    // MARK: Which partitions

    private func newOffsets(of group: String, _ scenario: ResetScenario) async throws -> Offsets {
        if case .plan(let plan) = scenario {
            guard let wanted = plan[group] else {
                throw CommandFailure("Error: No reset plan for group \(group) found")
            }
            try await chosen.checkExistence(of: wanted.keys.map(\.topic), partitions: Array(wanted.keys))
            return try await places.clamped(wanted)
        }
        var present: Offsets = [:]
        if command.selection.allTopics || scenario.usesCommitted {
            present = try await presentOffsets(of: group)
        }
        let partitions =
            command.selection.allTopics
            ? present.keys.sorted() : try await chosen.named(by: command.selection.topic)
        return try await places.offsets(of: partitions, present, scenario)
    }

    /// From where the group reads; nothing for a group that does not exist.
    private func presentOffsets(of group: String) async throws -> Offsets {
        do throws(KafkaClientError) {
            let offsets = try await admin.listShareGroupOffsets([group], timeout: timeout)[group]?.get() ?? [:]
            return offsets.compactMapValues(\.start)
        } catch {
            guard error.brokerError == .groupIdNotFound else { throw error }
            return [:]
        }
    }

    // MARK: Printing

    private func print(_ group: String, _ offsets: Offsets) throws(OutputError) {
        if command.reset.export {
            return try context.output.write(ResetPlan.csv([(group: group, offsets: offsets)], namesGroups: false))
        }
        let rows = offsets.sorted { $0.key < $1.key }.map { (group: group, partition: $0.key, offset: $0.value) }
        try context.print(
            command.output.format,
            text: { ShareGroupsText.reset(group, offsets) },
            table: { ResetOutput.table(rows, colour: $0) },
            value: { ResetOutput.value(rows, executed: command.reset.execute) }
        )
    }
}
