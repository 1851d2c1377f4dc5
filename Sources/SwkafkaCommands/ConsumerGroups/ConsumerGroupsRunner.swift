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
                case .list: try await list(admin)
                case .describe: try await GroupsDescriber(command: command, context: context, admin: admin).run()
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

    func print(
        text: () -> String,
        table: (_ colour: Bool) -> String,
        value: () -> DataValue
    ) throws(OutputError) {
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
        let what =
            groups.count == 1 ? "group \(groups[0])" : "\(groups.count) groups (\(groups.joined(separator: ", ")))"
        try Confirmation.ask("Delete \(what) with all offsets", isGiven: command.actions.yes, context)
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
