import KafkaClient
import KafkaMessages

/// Carries out `consumer-groups --describe`.
struct GroupsDescriber {
    var command: ConsumerGroupsCommand
    var context: CommandContext
    var admin: KafkaAdmin

    private var timeout: Duration { .milliseconds(command.selection.timeout) }
    private var showsOffsets: Bool { !command.view.members && command.view.state == nil }

    func run() async throws -> ExitStatus {
        var status = ExitStatus.success
        var groups = Set(command.selection.group).sorted()
        if command.selection.allGroups {
            let listed = try await GroupListings(admin: admin, context: context, timeout: timeout).consumers()
            groups = listed.groups.map(\.id)
            status = listed.status
        }
        let (reports, failures) = try await collect(groups)
        let isText = command.output.format == .text
        var shown: [GroupReport] = []
        for group in groups {
            if let report = reports[group] {
                shown.append(report)
                tell(report)
                if isText { try context.output.write(text(report)) }
            } else if let error = failures[group] {
                // A group of --all-groups may have gone since it was listed.
                if command.selection.allGroups, error.brokerError == .groupIdNotFound { continue }
                tell(error, of: group)
                if isText, command.view.members, error.brokerError == .groupIdNotFound {
                    try context.output.write(
                        GroupDescriptionText.members(.nobody(group), verbose: command.view.verbose)
                    )
                }
                status = .failure
            }
        }
        if !isText { try print(shown) }
        return status
    }

    // MARK: Collecting

    /// - Returns: what was found, and why nothing was, by group.
    private func collect(
        _ groups: [String]
    ) async throws -> ([String: GroupReport], [String: KafkaClientError]) {
        guard !groups.isEmpty else { return ([:], [:]) }
        let (admin, timeout, wantsOffsets) = (admin, timeout, showsOffsets)
        async let asked = wantsOffsets ? admin.listGroupOffsets(groups, timeout: timeout) : [:]
        let descriptions = try await admin.describeGroups(groups, timeout: timeout)
        let offsets = try await asked
        var reports: [String: GroupReport] = [:]
        var failures: [String: KafkaClientError] = [:]
        var committed: [String: [TopicPartition: GroupOffset]] = [:]
        for group in groups {
            do throws(KafkaClientError) {
                guard let description = try descriptions[group]?.get() else { continue }
                committed[group] = try offsets[group]?.get() ?? [:]
                reports[group] = GroupReport(description: description)
            } catch {
                failures[group] = error
            }
        }
        guard showsOffsets else { return (reports, failures) }
        var partitions: Set<TopicPartition> = []
        for (group, report) in reports {
            partitions.formUnion(committed[group, default: [:]].keys)
            for member in report.description.members { partitions.formUnion(member.assignment ?? []) }
        }
        let ends = try await ends(of: partitions)
        for (group, report) in reports {
            reports[group]?.partitions = PartitionLag.rows(
                report.description.members,
                committed: committed[group, default: [:]],
                ends: ends
            )
        }
        if command.output.format != .text { try await addTimes(&reports) }
        return (reports, failures)
    }

    /// The ends of the partitions that exist and have a leader, uncommitted records included.
    private func ends(of partitions: Set<TopicPartition>) async throws -> [TopicPartition: Int64] {
        guard !partitions.isEmpty else { return [:] }
        let topics = try await admin.describeTopics(Set(partitions.map(\.topic)).sorted(), timeout: timeout)
        var specs: [TopicPartition: OffsetSpec] = [:]
        for (name, result) in topics {
            guard case .success(let topic) = result else { continue }
            for partition in topic.partitions where partition.metadata.leader >= 0 {
                let key = TopicPartition(topic: name, partition: partition.metadata.index)
                if partitions.contains(key) { specs[key] = .latest }
            }
        }
        var ends: [TopicPartition: Int64] = [:]
        for (partition, result) in try await admin.listOffsets(specs, timeout: timeout) {
            switch result {
            case .success(let answer): ends[partition] = answer.offset
            case .failure(let error): context.complain("Warning: \(error.message)\n")
            }
        }
        return ends
    }

    /// When the records that come next were written.
    private func addTimes(_ reports: inout [String: GroupReport]) async throws {
        var wanted: [TopicPartition: Set<Int64>] = [:]
        for report in reports.values {
            for row in report.partitions {
                guard let offset = row.committed?.offset, (row.lag ?? 0) > 0 else { continue }
                wanted[row.partition, default: []].insert(offset)
            }
        }
        var times: [TopicPartition: [Int64: Int64]] = [:]
        // Groups that have read the same partition differently far need a look each.
        while !wanted.isEmpty {
            let round = wanted.compactMapValues(\.first)
            let answers = try await admin.recordTimestamps(at: round, timeout: timeout)
            for (partition, offset) in round {
                wanted[partition]?.remove(offset)
                if wanted[partition]?.isEmpty == true { wanted[partition] = nil }
                guard case .success(let time?)? = answers[partition] else { continue }
                times[partition, default: [:]][offset] = time
            }
        }
        for (group, report) in reports {
            for (index, row) in report.partitions.enumerated() {
                guard let offset = row.committed?.offset else { continue }
                reports[group]?.partitions[index].nextRecordMs = times[row.partition]?[offset]
            }
        }
    }

    // MARK: Telling

    private func text(_ report: GroupReport) -> String {
        let verbose = command.view.verbose
        if command.view.members { return GroupDescriptionText.members(report, verbose: verbose) }
        if command.view.state != nil { return GroupDescriptionText.state(report, verbose: verbose) }
        return GroupDescriptionText.offsets(report, verbose: verbose)
    }

    private func print(_ reports: [GroupReport]) throws(OutputError) {
        let nowMs = context.nowMs()
        let runner = ConsumerGroupsRunner(command: command, context: context)
        if command.view.members {
            try runner.print(
                text: { "" },
                table: { GroupDescriptionData.membersTable(reports, colour: $0) },
                value: { GroupDescriptionData.members(reports) }
            )
        } else if command.view.state != nil {
            try runner.print(
                text: { "" },
                table: { GroupDescriptionData.statesTable(reports, colour: $0) },
                value: { GroupDescriptionData.states(reports) }
            )
        } else {
            try runner.print(
                text: { "" },
                table: { GroupDescriptionData.offsetsTable(reports, nowMs: nowMs, colour: $0) },
                value: { GroupDescriptionData.offsets(reports, nowMs: nowMs) }
            )
        }
    }

    /// What is to be said about a group's state, before its table.
    private func tell(_ report: GroupReport) {
        // Structured output has the state in it.
        guard command.output.format == .text else { return }
        switch report.description.state {
        case .empty: say("\nConsumer group '\(report.id)' has no active members.\n")
        case .preparingRebalance, .completingRebalance, .assigning, .reconciling, .notReady:
            say("\nWarning: Consumer group '\(report.id)' is rebalancing.\n")
        case .stable, .dead, .unknown: return
        }
    }

    private func tell(_ error: KafkaClientError, of group: String) {
        if error.brokerError == .groupIdNotFound {
            say("\nError: Consumer group '\(group)' does not exist.\n")
        } else {
            say(ConsumerGroupsRunner.failure(error.message).text)
        }
    }

    /// Says something after what was printed before it.
    private func say(_ text: String) {
        try? context.output.flush()
        context.complain(text)
    }
}

extension GroupReport {
    /// What is printed for a group that does not exist where at least a header is expected.
    fileprivate static func nobody(_ id: String) -> GroupReport {
        let nowhere = Node(id: -1, host: "", port: 0)
        return GroupReport(description: GroupDescription(id: id, type: .unknown, state: .dead, coordinator: nowhere))
    }
}
