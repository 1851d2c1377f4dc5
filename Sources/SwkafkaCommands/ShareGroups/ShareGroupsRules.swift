import ArgumentParser
import KafkaClient

/// Which options of `share-groups` go together.
enum ShareGroupsRules {
    private static let knownStates: [GroupStatus] = [.empty, .stable, .dead]

    static func check(_ command: ShareGroupsCommand) throws {
        let chosen = command.actions.chosen
        guard let action = chosen.first, chosen.count == 1 else {
            throw ValidationError(
                "Give exactly one action: --list, --describe, --delete, --reset-offsets or --delete-offsets."
            )
        }
        try checkColumns(command, action)
        try checkSelection(command.selection, action)
        switch action {
        case .list: _ = try states(command.view.state)
        case .describe: try checkDescribe(command.view)
        case .resetOffsets: try checkReset(command)
        case .delete, .deleteOffsets, .validateRegex: break
        }
        guard command.selection.timeout > 0 else { throw ValidationError("--timeout must be at least 1 ms.") }
    }

    /// Each option with the actions that it makes sense for.
    private static func checkColumns(_ command: ShareGroupsCommand, _ action: GroupsAction) throws {
        let (selection, view, reset) = (command.selection, command.view, command.reset)
        var uses: [(used: Bool, name: String, actions: [GroupsAction])] = [
            (!selection.group.isEmpty, "group", [.describe, .resetOffsets, .delete, .deleteOffsets]),
            (selection.allGroups, "all-groups", [.describe, .delete]),
            (!selection.topic.isEmpty, "topic", [.resetOffsets, .deleteOffsets]),
            (selection.allTopics, "all-topics", [.resetOffsets]),
            (view.offsets, "offsets", [.describe]), (view.members, "members", [.describe]),
            (view.state != nil, "state", [.list, .describe]), (view.verbose, "verbose", [.describe]),
            (command.watching.watch != nil, "watch", [.list, .describe]),
            (command.actions.yes, "yes", [.delete, .deleteOffsets, .resetOffsets]),
            (reset.dryRun, "dry-run", [.resetOffsets]), (reset.execute, "execute", [.resetOffsets]),
            (reset.export, "export", [.resetOffsets]),
            (command.output.format != .text, "output", [.list, .describe, .resetOffsets, .deleteOffsets]),
        ]
        uses += reset.scenarios.map { (true, $0, [.resetOffsets]) }
        for use in uses where use.used && !use.actions.contains(action) {
            throw ValidationError("Option --\(use.name) cannot be used with --\(action.rawValue).")
        }
    }

    private static func checkSelection(_ selection: ShareGroupsSelectionOptions, _ action: GroupsAction) throws {
        guard !selection.allGroups || selection.group.isEmpty else {
            throw ValidationError("Option --group cannot be used with --all-groups.")
        }
        switch action {
        case .list, .validateRegex: break
        case .describe, .delete:
            guard selection.allGroups || !selection.group.isEmpty else {
                throw ValidationError("--\(action.rawValue) needs --group or --all-groups.")
            }
        case .resetOffsets, .deleteOffsets:
            guard selection.group.count == 1 else { throw ValidationError("--\(action.rawValue) needs one --group.") }
        }
        guard action != .deleteOffsets || !selection.topic.isEmpty else {
            throw ValidationError("--delete-offsets needs --topic.")
        }
        for topic in selection.topic {
            do throws(CommandFailure) {
                let chosen = try TopicSelection(topic)
                guard action != .deleteOffsets || chosen.partitions == nil else {
                    throw CommandFailure("--delete-offsets takes whole topics, not some partitions ('\(topic)').")
                }
            } catch {
                throw ValidationError(error.message)
            }
        }
    }

    private static func checkDescribe(_ view: ShareGroupsViewOptions) throws {
        if let state = view.state, !state.isEmpty {
            throw ValidationError("--state takes no value with --describe, but got '\(state)'.")
        }
        guard [view.members, view.offsets, view.state != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("--describe takes at most one of --members, --offsets and --state.")
        }
    }

    private static func checkReset(_ command: ShareGroupsCommand) throws {
        let (reset, selection) = (command.reset, command.selection)
        guard reset.dryRun != reset.execute else {
            throw ValidationError("--reset-offsets needs one of --dry-run and --execute.")
        }
        let scenarios = reset.scenarios
        guard let scenario = scenarios.first else {
            throw ValidationError(
                "--reset-offsets needs one of --to-offset, --to-current, --to-datetime, --from-file, --by-duration, "
                    + "--to-earliest, --to-latest and --shift-by."
            )
        }
        guard scenarios.count == 1 else {
            throw ValidationError("Option --\(scenario) cannot be used with --\(scenarios[1]).")
        }
        guard !selection.allTopics || selection.topic.isEmpty else {
            throw ValidationError("Option --topic cannot be used with --all-topics.")
        }
        guard selection.allTopics || !selection.topic.isEmpty || reset.fromFile != nil else {
            throw ValidationError("--reset-offsets needs one of --topic and --all-topics.")
        }
        guard !reset.export || command.output.format == .text else {
            throw ValidationError("Option --export cannot be used with --output.")
        }
    }

    /// The states of a list; none for all.
    static func states(_ list: String?) throws -> Set<GroupStatus> {
        guard let list, !list.isEmpty else { return [] }
        return try list.split(separator: ",", omittingEmptySubsequences: false).reduce(into: []) { states, word in
            let state = GroupStatus(name: KeyValueOptions.trimmed(word))
            guard knownStates.contains(state) else {
                throw ValidationError(
                    "Invalid state list '\(list)'. Valid states are: "
                        + knownStates.map(\.rawValue).joined(separator: ", ")
                )
            }
            states.insert(state)
        }
    }
}
