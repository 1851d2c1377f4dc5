import KafkaClient
import KafkaMessages

/// Carries out what `consumer-groups` was asked for.
struct ConsumerGroupsRunner {
    var command: ConsumerGroupsCommand
    var context: CommandContext

    var timeout: Duration { .milliseconds(command.selection.timeout) }

    /// A failure in the words of Kafka's script.
    static func failure(_ reason: String) -> CommandFailure {
        CommandFailure("Error: Executing consumer group command failed due to \(reason)")
    }

    func run() async throws -> ExitStatus {
        let session = try ClientSession(command.connection)
        guard let action = command.actions.chosen.first else { return .usage }
        do {
            return try await session.administer(context) { admin in
                switch action {
                case .list: try await repeated { try await list(admin) }
                case .describe:
                    try await repeated {
                        try await GroupsDescriber(command: command, context: context, admin: admin).run()
                    }
                case .resetOffsets: try await OffsetResetter(command: command, context: context, admin: admin).run()
                case .delete: try await delete(admin)
                case .deleteOffsets: try await OffsetDeleter(command: command, context: context, admin: admin).run()
                case .validateRegex: .usage
                }
            }
        } catch let error as KafkaClientError {
            throw Self.failure(error.message)
        }
    }

    // MARK: Watching

    /// Does something once, or again and again until an interruption.
    private func repeated(_ work: () async throws -> ExitStatus) async throws -> ExitStatus {
        guard let seconds = command.view.watch else { return try await work() }
        context.interruptions.start(watching: context.outputDescriptor)
        while true {
            if context.outputIsTerminal { try context.output.write("\u{1B}[H\u{1B}[2J") }
            do {
                _ = try await work()
            } catch let error as KafkaClientError {
                // The next look may work again.
                context.complain(Self.failure(error.message).text)
            }
            try context.output.flush()
            if let interruption = try await interruption(within: .seconds(seconds)) { return interruption.status }
        }
    }

    private func interruption(within pause: Duration) async throws -> Interruption? {
        let interruptions = context.interruptions
        return await withTaskGroup(of: Interruption?.self) { tasks in
            tasks.addTask { await interruptions.wait() }
            tasks.addTask {
                try? await Task.sleep(for: pause)
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
    }

    // MARK: List

    private func list(_ admin: KafkaAdmin) async throws -> ExitStatus {
        let filter = try GroupFilter(command.view)
        let (groups, status) = try await GroupListings(admin: admin, context: context, timeout: timeout)
            .consumers(states: filter.states, types: filter.types)
        try print(
            text: {
                GroupsOutput.listText(groups, types: command.view.type != nil, states: command.view.state != nil)
            },
            table: { GroupsOutput.listTable(groups, colour: $0) },
            value: { GroupsOutput.listValue(groups) }
        )
        return status
    }

    /// One line for each look when JSON is watched, so that `jq` can follow.
    func print(
        text: () -> String,
        table: (_ colour: Bool) -> String,
        value: () -> DataValue
    ) throws(OutputError) {
        if command.view.watch != nil, command.output.format == .json {
            return try context.output.write(JSONText.compact(value()) + "\n")
        }
        try context.print(command.output.format, text: text, table: table, value: value)
    }

    // MARK: Delete

    private func delete(_ admin: KafkaAdmin) async throws -> ExitStatus {
        var groups = Set(command.selection.group).sorted()
        if command.selection.allGroups {
            groups = try await GroupListings(admin: admin, context: context, timeout: timeout).consumers().groups.map(
                \.id
            )
        }
        guard !groups.isEmpty else { return .success }
        let results = try await admin.deleteGroups(groups, timeout: timeout)
        var deleted: [String] = []
        var failures = ""
        for (group, result) in results.sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success: deleted.append(group)
            case .failure(let error):
                failures += "* Group '\(group)' could not be deleted due to: \(JavaExceptionText.execution(error))\n"
            }
        }
        let names = deleted.map { "'\($0)'" }.joined(separator: ", ")
        guard !failures.isEmpty else {
            try context.output.write("Deletion of requested consumer groups (\(names)) was successful.\n")
            return .success
        }
        context.complain("\nError: Deletion of some consumer groups failed:\n" + failures)
        if !deleted.isEmpty {
            try context.output.write("\nThese consumer groups were deleted successfully: \(names)\n")
        }
        return .failure
    }
}
