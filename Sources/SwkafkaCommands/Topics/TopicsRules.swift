import ArgumentParser

/// Which options go together.
enum TopicsRules {
    static func check(_ command: TopicsCommand) throws {
        let chosen = command.actions.chosen
        guard let action = chosen.first, chosen.count == 1 else {
            throw ValidationError("Give exactly one action: --list, --describe, --create, --alter or --delete.")
        }
        if let word = command.words.first {
            guard action == .describe, command.words.count == 1, command.topics.topic == nil,
                command.topics.topicId == nil
            else { throw ValidationError("Unexpected argument '\(word)'") }
        }
        try checkColumns(command, action)
        try checkRequired(command, action)
        try checkConflicts(command, action)
    }

    /// Each option with the actions that it makes sense for.
    private static func checkColumns(_ command: TopicsCommand, _ action: TopicsAction) throws {
        let topics = command.topics
        let filters = command.filters
        if !topics.config.isEmpty, action == .alter {
            throw ValidationError("--config cannot be used with --alter: 'swkafka configs --alter' changes settings.")
        }
        let uses: [(used: Bool, name: String, actions: [TopicsAction])] = [
            (topics.topicId != nil, "topic-id", [.describe]),
            (topics.partitions != nil, "partitions", [.create, .alter]),
            (topics.replicationFactor != nil, "replication-factor", [.create]),
            (topics.replicaAssignment != nil, "replica-assignment", [.create, .alter]),
            (!topics.config.isEmpty, "config", [.create]),
            (topics.ifExists, "if-exists", [.describe, .alter, .delete]),
            (topics.ifNotExists, "if-not-exists", [.create]),
            (topics.excludeInternal, "exclude-internal", [.list, .describe]),
            (filters.underReplicatedPartitions, "under-replicated-partitions", [.describe]),
            (filters.unavailablePartitions, "unavailable-partitions", [.describe]),
            (filters.underMinIsrPartitions, "under-min-isr-partitions", [.describe]),
            (filters.atMinIsrPartitions, "at-min-isr-partitions", [.describe]),
            (filters.topicsWithOverrides, "topics-with-overrides", [.describe]),
            (command.output.format != .text, "output", [.list, .describe]),
            (command.watching.watch != nil, "watch", [.list, .describe]),
            (command.actions.yes, "yes", [.delete]),
        ]
        for use in uses where use.used && !use.actions.contains(action) {
            throw ValidationError("Option --\(use.name) cannot be used with --\(action.rawValue).")
        }
    }

    private static func checkRequired(_ command: TopicsCommand, _ action: TopicsAction) throws {
        let topics = command.topics
        switch action {
        case .create, .delete:
            guard topics.topic != nil else { throw missing("topic", action) }
        case .alter:
            guard topics.topic != nil else { throw missing("topic", action) }
            guard topics.partitions != nil else { throw missing("partitions", action) }
        case .describe:
            if topics.ifExists, command.topic == nil, topics.topicId == nil {
                throw ValidationError("--describe with --if-exists needs --topic or --topic-id.")
            }
        case .list: break
        }
        guard command.filters.partitionSizeLimitPerResponse > 0 else {
            throw ValidationError("--partition-size-limit-per-response must be at least 1.")
        }
    }

    private static func missing(_ option: String, _ action: TopicsAction) -> ValidationError {
        ValidationError("Missing required option --\(option) for --\(action.rawValue).")
    }

    private static func checkConflicts(_ command: TopicsCommand, _ action: TopicsAction) throws {
        let topics = command.topics
        let filters = command.filters
        if action == .create, topics.replicaAssignment != nil {
            if topics.partitions != nil { throw conflict("replica-assignment", "partitions") }
            if topics.replicationFactor != nil { throw conflict("replica-assignment", "replication-factor") }
        }
        guard filters.topicsWithOverrides else { return }
        let partitionFilters = [
            (filters.underReplicatedPartitions, "under-replicated-partitions"),
            (filters.unavailablePartitions, "unavailable-partitions"),
            (filters.underMinIsrPartitions, "under-min-isr-partitions"),
            (filters.atMinIsrPartitions, "at-min-isr-partitions"),
        ]
        for (used, name) in partitionFilters where used { throw conflict(name, "topics-with-overrides") }
    }

    private static func conflict(_ first: String, _ second: String) -> ValidationError {
        ValidationError("Option --\(first) cannot be used with --\(second).")
    }
}
