import KafkaClient
import KafkaMessages

/// Carries out what `share-groups` was asked for.
struct ShareGroupsRunner {
    var command: ShareGroupsCommand
    var context: CommandContext

    var timeout: Duration { .milliseconds(command.selection.timeout) }

    func run() async throws -> ExitStatus {
        guard let action = command.actions.chosen.first else { return .usage }
        do {
            return try await ClientSession(command.connection).administer(context) { admin in
                try await admin.requireShareGroups()
                switch action {
                case .list: return try await list(admin)
                case .describe: return try await describe(admin)
                case .resetOffsets:
                    return try await ShareOffsetResetter(command: command, context: context, admin: admin).run()
                case .delete: return try await delete(admin)
                case .deleteOffsets: return try await deleteOffsets(admin)
                case .validateRegex: return .usage
                }
            }
        } catch let error as KafkaClientError {
            throw Self.failure(error)
        }
    }

    /// A failure in the words of Kafka's script, with what may help where share groups are missing.
    static func failure(_ error: KafkaClientError) -> CommandFailure {
        guard error.code != .unsupportedByBroker else { return ShareGroupSupport.failure(error) }
        return CommandFailure("Error: Executing share group command failed due to \(error.message)")
    }

    /// Share groups, sorted by id.
    private func listings(
        _ admin: KafkaAdmin,
        states: Set<GroupStatus> = []
    ) async throws -> (groups: [GroupListing], status: ExitStatus) {
        try await GroupListings(admin: admin, context: context, timeout: timeout).all(states: states, types: [.share])
    }

    // MARK: List

    private func list(_ admin: KafkaAdmin) async throws -> ExitStatus {
        let (groups, status) = try await listings(admin, states: try ShareGroupsRules.states(command.view.state))
        try context.print(
            command.output.format,
            text: { ShareGroupsText.list(groups, states: command.view.state != nil) },
            table: { GroupsOutput.listTable(groups, colour: $0) },
            value: { GroupsOutput.listValue(groups) }
        )
        return status
    }

    // MARK: Describe

    private func describe(_ admin: KafkaAdmin) async throws -> ExitStatus {
        var status = ExitStatus.success
        var groups = Set(command.selection.group).sorted()
        if command.selection.allGroups {
            let listed = try await listings(admin)
            (groups, status) = (listed.groups.map(\.id), listed.status)
        }
        guard !groups.isEmpty else {
            try print([])
            return status
        }
        let showsOffsets = !command.view.members && command.view.state == nil
        let descriptions = try await admin.describeShareGroups(groups, timeout: timeout)
        let offsets = showsOffsets ? try await admin.listShareGroupOffsets(groups, timeout: timeout) : [:]
        var reports: [ShareGroupReport] = []
        for group in groups {
            do throws(KafkaClientError) {
                guard let description = try descriptions[group]?.get() else { continue }
                // What a group that was missing at first has read is not known either.
                let report = ShareGroupReport(description: description, offsets: try offsets[group]?.get() ?? [:])
                reports.append(report)
            } catch {
                guard error.code != .unsupportedByBroker else { throw error }
                // A group of --all-groups may have gone since it was listed.
                if command.selection.allGroups, error.brokerError == .groupIdNotFound { continue }
                tell(error, of: group)
                status = .failure
            }
        }
        try print(reports)
        return status
    }

    private func print(_ reports: [ShareGroupReport]) throws {
        let verbose = command.view.verbose
        guard command.output.format != .text else {
            for report in reports {
                if report.description.state == .empty, command.view.members || command.view.state != nil {
                    say("\nShare group '\(report.id)' has no active members.\n")
                }
                if command.view.members {
                    try context.output.write(ShareGroupsText.members(report, verbose: verbose))
                } else if command.view.state != nil {
                    try context.output.write(ShareGroupsText.state(report, verbose: verbose))
                } else {
                    try context.output.write(ShareGroupsText.offsets(report, verbose: verbose))
                }
            }
            return
        }
        try context.print(
            command.output.format,
            text: { "" },
            table: { colour in
                if command.view.members { return ShareGroupsData.membersTable(reports, colour: colour) }
                if command.view.state != nil { return ShareGroupsData.statesTable(reports, colour: colour) }
                return ShareGroupsData.offsetsTable(reports, colour: colour)
            },
            value: {
                if command.view.members { return ShareGroupsData.members(reports) }
                if command.view.state != nil { return ShareGroupsData.states(reports) }
                return ShareGroupsData.offsets(reports)
            }
        )
    }

    private func tell(_ error: KafkaClientError, of group: String) {
        if error.brokerError == .groupIdNotFound {
            say("\nError: Share group '\(group)' does not exist.\n")
        } else {
            say(Self.failure(error).text)
        }
    }

    /// Says something after what was printed before it.
    private func say(_ text: String) {
        try? context.output.flush()
        context.complain(text)
    }

    // MARK: Delete

    private func delete(_ admin: KafkaAdmin) async throws -> ExitStatus {
        // DeleteGroups deletes groups of any type: only share groups are wanted here.
        let listed = try await listings(admin).groups
        let groups = command.selection.allGroups ? listed.map(\.id) : Set(command.selection.group).sorted()
        guard !groups.isEmpty else { return .success }
        let states = Dictionary(listed.map { ($0.id, $0.state) }) { first, _ in first }
        var failures: [String: String] = [:]
        for group in groups {
            switch states[group] {
            case .empty, .unknown: continue
            case nil: failures[group] = "Group '\(group)' is not a share group."
            case .some(let state):
                failures[group] = "Share group '\(group)' is not EMPTY: its state is \(state.rawValue)."
            }
        }
        let chosen = groups.filter { failures[$0] == nil }
        var deleted: [String] = []
        if !chosen.isEmpty {
            let what = chosen.count == 1 ? "share group \(chosen[0])" : "\(chosen.count) share groups"
            try Confirmation.ask(
                "Delete \(what) (\(chosen.joined(separator: ", "))) with all that is known of what was read",
                isGiven: command.actions.yes,
                context
            )
            for (group, result) in try await admin.deleteGroups(chosen, timeout: timeout) {
                switch result {
                case .success: deleted.append(group)
                case .failure(let error): failures[group] = JavaExceptionText.text(error)
                }
            }
        }
        let names = deleted.sorted().map { "'\($0)'" }.joined(separator: ", ")
        guard !failures.isEmpty else {
            try context.output.write("Deletion of requested share groups (\(names)) was successful.\n")
            return .success
        }
        let lines = failures.sorted { $0.key < $1.key }.map {
            "* Group '\($0.key)' could not be deleted due to: \($0.value)\n"
        }
        context.complain("\nError: Deletion of some share groups failed:\n" + lines.joined())
        if !deleted.isEmpty {
            try context.output.write("\nThese share groups were deleted successfully: \(names)\n")
        }
        return .failure
    }

    private func deleteOffsets(_ admin: KafkaAdmin) async throws -> ExitStatus {
        guard let group = command.selection.group.first else { return .usage }
        let topics = Set(command.selection.topic).sorted()
        try Confirmation.ask(
            "Let share group \(group) forget what it has read of \(topics.joined(separator: ", "))",
            isGiven: command.actions.yes,
            context
        )
        let results = try await admin.deleteShareGroupOffsets(topics: topics, of: group, timeout: timeout)
        let rows = topics.map { topic in
            var error: String?
            switch results[topic] {
            case .success: break
            case .failure(let failure): error = failure.message
            case nil: error = "The broker did not answer for it."
            }
            return (topic: topic, error: error)
        }
        try context.print(
            command.output.format,
            text: { ShareGroupsText.deletions(rows) },
            table: { ShareGroupsData.deletionsTable(rows, colour: $0) },
            value: { ShareGroupsData.deletions(rows) }
        )
        return rows.contains { $0.error != nil } ? .failure : .success
    }
}
