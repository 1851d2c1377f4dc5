import ArgumentParser
import KafkaClient

/// Which options go together.
enum ConsumerGroupsRules {
    static func check(_ command: ConsumerGroupsCommand) throws {
        let chosen = command.actions.chosen
        guard let action = chosen.first, chosen.count == 1 else {
            throw ValidationError(
                "Give exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets or "
                    + "--validate-regex."
            )
        }
        try checkColumns(command, action)
        try checkSelection(command, action)
        switch action {
        case .list: _ = try GroupFilter(command.view)
        case .describe: try checkDescribe(command.view)
        case .resetOffsets: try checkReset(command)
        case .delete, .deleteOffsets, .validateRegex: break
        }
        guard command.selection.timeout > 0 else {
            throw ValidationError("--timeout must be at least 1 ms.")
        }
    }

    /// Each option with the actions that it makes sense for.
    private static func checkColumns(_ command: ConsumerGroupsCommand, _ action: GroupsAction) throws {
        let selection = command.selection
        let view = command.view
        let reset = command.reset
        if action == .delete, !selection.topic.isEmpty {
            throw ValidationError(
                "--topic cannot be used with --delete: --delete-offsets deletes a group's offsets for one topic."
            )
        }
        var uses: [(used: Bool, name: String, actions: [GroupsAction])] = [
            (!selection.group.isEmpty, "group", [.describe, .resetOffsets, .delete, .deleteOffsets]),
            (selection.allGroups, "all-groups", [.describe, .resetOffsets, .delete]),
            (!selection.topic.isEmpty, "topic", [.resetOffsets, .deleteOffsets]),
            (selection.allTopics, "all-topics", [.resetOffsets]),
            (view.offsets, "offsets", [.describe]), (view.members, "members", [.describe]),
            (view.state != nil, "state", [.list, .describe]), (view.type != nil, "type", [.list]),
            (view.verbose, "verbose", [.describe]), (command.watching.watch != nil, "watch", [.list, .describe]),
            (command.actions.yes, "yes", [.delete, .deleteOffsets, .resetOffsets]),
            (reset.dryRun, "dry-run", [.resetOffsets]), (reset.execute, "execute", [.resetOffsets]),
            (reset.export, "export", [.resetOffsets]),
            (command.output.format != .text, "output", [.list, .describe, .resetOffsets]),
        ]
        uses += reset.scenarios.map { (true, $0, [.resetOffsets]) }
        for use in uses where use.used && !use.actions.contains(action) {
            throw ValidationError("Option --\(use.name) cannot be used with --\(action.rawValue).")
        }
    }

    private static func checkSelection(_ command: ConsumerGroupsCommand, _ action: GroupsAction) throws {
        let selection = command.selection
        switch action {
        case .list, .validateRegex: return
        case .describe, .delete, .resetOffsets:
            guard selection.allGroups || !selection.group.isEmpty else {
                throw ValidationError("--\(action.rawValue) needs --group or --all-groups.")
            }
            guard !selection.allGroups || selection.group.isEmpty else {
                throw ValidationError("Option --group cannot be used with --all-groups.")
            }
        case .deleteOffsets:
            guard !selection.group.isEmpty, !selection.topic.isEmpty else {
                throw ValidationError("--delete-offsets needs --group and --topic.")
            }
            guard selection.group.count == 1 else { throw ValidationError("--delete-offsets takes one --group.") }
        }
        for topic in selection.topic {
            do throws(CommandFailure) {
                _ = try TopicSelection(topic)
            } catch {
                throw ValidationError(error.message)
            }
        }
    }

    private static func checkDescribe(_ view: GroupsViewOptions) throws {
        if let state = view.state, !state.isEmpty {
            throw ValidationError("--state takes no value with --describe, but got '\(state)'.")
        }
        let views = [view.members, view.offsets, view.state != nil].filter { $0 }
        guard views.count <= 1 else {
            throw ValidationError("--describe takes at most one of --members, --offsets and --state.")
        }
    }

    private static func checkReset(_ command: ConsumerGroupsCommand) throws {
        let reset = command.reset
        guard !(reset.dryRun && reset.execute) else {
            throw ValidationError("Give --dry-run or --execute, not both.")
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
        let selection = command.selection
        guard selection.allTopics || !selection.topic.isEmpty || reset.fromFile != nil else {
            throw ValidationError("--reset-offsets needs one of the scopes --all-topics and --topic.")
        }
        guard !reset.export || command.output.format == .text else {
            throw ValidationError("Option --export cannot be used with --output.")
        }
    }
}
