import ArgumentParser
import KafkaClient

/// `swkafka groups`: groups of all types.
struct GroupsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups",
        abstract: "List groups of all types.",
        discussion: """
            Lists consumer groups of both protocols, share groups, streams groups, and what else coordinates itself \
            through brokers, such as Connect. 'swkafka consumer-groups' shows more of consumer groups.

            JSON
              --list: [{group, type, state, protocol}].

            EXAMPLES
              swkafka groups --bootstrap-server localhost:9092 --list
              swkafka groups --bootstrap-server localhost:9092 --list --group-type classic
              swkafka groups --bootstrap-server localhost:9092 --list --consumer --output json

            DIFFERENCES
              Errors go to standard error. Groups come sorted.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Flag(help: "List groups (the one action).") var list = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only groups of this type: classic, consumer, share or streams.", valueName: "type")
    )
    var groupType: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Only groups of this protocol.", valueName: "protocol"))
    var `protocol`: String?
    @Flag(help: "Only groups of consumers, those included that only have offsets.") var consumer = false
    @Flag(help: "Only share groups.") var share = false
    @Flag(help: "Only streams groups.") var streams = false

    func validate() throws {
        guard list else { throw ValidationError("Give the action --list.") }
        if let groupType, GroupType(name: groupType) == .unknown {
            throw ValidationError("'\(groupType)' is no group type: give classic, consumer, share or streams.")
        }
        let filters = [consumer, share, streams, groupType != nil || `protocol` != nil].filter { $0 }
        guard filters.count <= 1 else {
            throw ValidationError("Give only one of --consumer, --share, --streams, and --group-type with --protocol.")
        }
    }

    /// Whether a group is to be shown.
    func shows(_ group: GroupListing) -> Bool {
        if consumer {
            return group.type == .consumer || group.protocolType == "consumer" || group.protocolType.isEmpty
        }
        if share { return group.type == .share }
        if streams { return group.type == .streams }
        return (groupType.map { GroupType(name: $0) == group.type } ?? true)
            && (`protocol`.map { $0 == group.protocolType } ?? true)
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        do {
            return try await ClientSession(connection).administer(context) { admin in
                let (groups, status) = try await GroupListings(admin: admin, context: context).all()
                let shown = groups.filter(shows)
                try context.print(
                    output.format,
                    text: { Self.text(shown) },
                    table: { GroupsOutput.listTable(shown, colour: $0) },
                    value: { GroupsOutput.listValue(shown) }
                )
                return status
            }
        } catch let error as KafkaClientError {
            throw CommandFailure("Error while executing groups command : \(error.message)")
        }
    }

    /// Kafka's own text: three columns of one width; rows end with a blank, the header does not.
    static func text(_ groups: [GroupListing]) -> String {
        let rows = groups.map { group in
            [group.id, group.type == .unknown ? "" : group.type.rawValue, group.protocolType]
        }
        let width = max(20, rows.joined().map(\.count).max() ?? 0)
        let header = ["GROUP", "TYPE", "PROTOCOL"].map { $0.padded(to: width) }.joined(separator: " ") + "\n"
        return header + rows.map { row in row.map { $0.padded(to: width) + " " }.joined() + "\n" }.joined()
    }
}
