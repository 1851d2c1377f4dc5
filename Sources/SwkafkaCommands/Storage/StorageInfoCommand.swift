import ArgumentParser
import KafkaStorage

/// `swkafka storage info`: what the directories of a configuration are.
struct StorageInfoCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Tell which node and cluster the data directories of a configuration belong to.",
        discussion: """
            The status is 1 if one of them is missing, not formatted or of another cluster.

            EXAMPLES
              swkafka storage info --config server.properties
            """
    )

    @Option(
        name: [.customShort("c"), .customLong("config")],
        parsing: .unconditional,
        help: ArgumentHelp("The configuration of the broker.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var config: String

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let settings = try StorageSettings(file: config)
        var found: [String] = []
        var problems: [String] = []
        var metadata: FormattedDirectory?
        for directory in settings.directories {
            switch try StorageSettings.state(of: directory) {
            case .missing: problems.append("\(directory) does not exist")
            case .unformatted: problems.append("\(directory) is not formatted.")
            case .damaged(let reason): problems.append("\(directory) cannot be used: \(reason)")
            case .formatted(let properties):
                found.append(directory)
                if let first = metadata, first.properties["cluster.id"] != properties["cluster.id"] {
                    problems.append("\(directory) belongs to another cluster than \(first.path).")
                }
                metadata = metadata ?? FormattedDirectory(path: directory, properties: properties)
            }
        }
        let section = { (one: String, many: String, lines: [String]) -> String in
            lines.isEmpty ? "" : "\(lines.count == 1 ? one : many):\n" + lines.map { "  \($0)\n" }.joined() + "\n"
        }
        try context.output.write(section("Found log directory", "Found log directories", found))
        if let metadata {
            let pairs = metadata.properties.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            try context.output.write("Found metadata: {\(pairs.joined(separator: ", "))}\n\n")
        }
        try context.output.write(section("Found problem", "Found problems", problems))
        return problems.isEmpty ? .success : .failure
    }

    private struct FormattedDirectory {
        var path: String
        var properties: [String: String]
    }
}
