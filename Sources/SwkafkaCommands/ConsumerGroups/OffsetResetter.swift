import KafkaClient
import KafkaMessages

/// Carries out `consumer-groups --reset-offsets`.
struct OffsetResetter {
    typealias Offsets = ScenarioOffsets.Offsets

    var command: ConsumerGroupsCommand
    var context: CommandContext
    var admin: KafkaAdmin

    private var timeout: Duration { .milliseconds(command.selection.timeout) }
    private var places: ScenarioOffsets { ScenarioOffsets(admin: admin, context: context, timeout: timeout) }
    private var chosen: ChosenPartitions {
        ChosenPartitions(admin: admin, timeout: timeout) { partition, count in
            ConsumerGroupsRunner.failure(
                "topic '\(partition.topic)' has no partition \(partition.partition): it has \(count)."
            )
        }
    }

    func run() async throws -> ExitStatus {
        let onlyGroup = command.selection.group.count == 1 ? command.selection.group[0] : nil
        let scenario = try ResetScenario(command.reset, onlyGroup: onlyGroup, nowMs: context.nowMs())
        if !command.reset.execute, !command.reset.dryRun {
            context.complain(
                "WARN: No action will be performed as the --execute option is missing. Add --dry-run to say that this is "
                    + "what you want.\n"
            )
        }
        var groups = Set(command.selection.group).sorted()
        if command.selection.allGroups {
            groups = try await GroupListings(admin: admin, context: context, timeout: timeout).consumers().groups.map(
                \.id
            )
        }
        let descriptions = try await admin.describeGroups(groups, timeout: timeout)
        var status = ExitStatus.success
        var plans: [(group: String, offsets: Offsets)] = []
        for group in groups {
            guard let answer = descriptions[group], try isInactive(group, answer) else {
                plans.append((group, [:]))
                status = .failure
                continue
            }
            guard let offsets = try await newOffsets(of: group, scenario) else {
                plans.append((group, [:]))
                status = .failure
                continue
            }
            plans.append((group, offsets))
        }
        if command.reset.execute { try await store(plans.filter { !$0.offsets.isEmpty }) }
        try print(plans)
        return status
    }

    /// Whether offsets may be set: the group has no members, or there is no such group.
    private func isInactive(
        _ group: String,
        _ answer: Result<GroupDescription, KafkaClientError>
    ) throws(KafkaClientError) -> Bool {
        switch answer {
        case .success(let description):
            if description.state == .empty || description.state == .dead { return true }
            context.complain(
                "\nError: Assignments can only be reset if the group '\(group)' is inactive, but the current state is "
                    + "\(description.state.rawValue).\n"
            )
            return false
        case .failure(let error):
            guard error.brokerError == .groupIdNotFound else { throw error }
            return true
        }
    }

    private func store(_ plans: [(group: String, offsets: Offsets)]) async throws {
        guard let first = plans.first else { return }
        let partitions = plans.reduce(0) { $0 + $1.offsets.count }
        let groups = plans.count == 1 ? "group \(first.group)" : "\(plans.count) groups"
        try Confirmation.ask(
            "Set \(groups) to other offsets in \(Confirmation.count(partitions, "partition"))",
            isGiven: command.actions.yes,
            refusal: "Nothing was changed.",
            context
        )
        for (group, offsets) in plans { try await store(offsets, of: group) }
    }

    private func store(_ offsets: Offsets, of group: String) async throws {
        let results = try await admin.alterGroupOffsets(
            offsets.mapValues { GroupOffset($0) },
            of: group,
            timeout: timeout
        )
        for (_, result) in results.sorted(by: { $0.key < $1.key }) { try result.get() }
    }

    // MARK: Which partitions

    private func newOffsets(of group: String, _ scenario: ResetScenario) async throws -> Offsets? {
        if case .plan(let plan) = scenario {
            guard let wanted = plan[group] else {
                context.complain("\nError: No reset plan for group \(group) found\n")
                return nil
            }
            try await chosen.checkExistence(of: wanted.keys.map(\.topic), partitions: Array(wanted.keys))
            return try await places.clamped(wanted)
        }
        let needsCommitted = command.selection.allTopics || scenario.usesCommitted
        var committed: [TopicPartition: GroupOffset] = [:]
        if needsCommitted {
            committed = try await admin.listGroupOffsets([group], timeout: timeout)[group]?.get() ?? [:]
        }
        let partitions: [TopicPartition]
        if command.selection.allTopics {
            partitions = committed.keys.sorted()
        } else {
            partitions = try await chosen.named(by: command.selection.topic)
        }
        return try await places.offsets(of: partitions, committed.mapValues(\.offset), scenario)
    }

    // MARK: Printing

    private func print(_ plans: [(group: String, offsets: Offsets)]) throws(OutputError) {
        if command.reset.export {
            let namesGroups = command.selection.group.count != 1
            return try context.output.write(ResetPlan.csv(plans, namesGroups: namesGroups))
        }
        let rows = plans.flatMap { plan in
            plan.offsets.sorted { $0.key < $1.key }.map { (group: plan.group, partition: $0.key, offset: $0.value) }
        }
        try context.print(
            command.output.format,
            text: { ResetOutput.text(rows) },
            table: { ResetOutput.table(rows, colour: $0) },
            value: { ResetOutput.value(rows, executed: command.reset.execute) }
        )
    }
}
