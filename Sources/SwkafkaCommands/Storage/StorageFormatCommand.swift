import ArgumentParser
import KafkaStorage
import KafkaWire

/// `swkafka storage format`: makes data directories belong to a node and a cluster.
struct StorageFormatCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "format",
        abstract: "Prepare the data directories of a configuration for a cluster.",
        discussion: """
            Writes meta.properties and bootstrap.checkpoint into each directory, which is made if it is not there. The \
            bundled broker does not need it; Apache Kafka does.

            EXAMPLES
              swkafka storage format --config server.properties \\
                --cluster-id "$(swkafka storage random-uuid)"
              swkafka storage format --config server.properties --cluster-id ID \\
                --add-scram 'SCRAM-SHA-256=[name=admin,password=secret]'

            DIFFERENCES
            Directories are told in the order of the configuration. The bundled broker starts in such directories, too, \
            with features, voters and users of its own.
            """
    )

    static let repeatable: Set<String> = ["feature", "add-scram"]

    @Option(
        name: [.customShort("c"), .customLong("config")],
        parsing: .unconditional,
        help: ArgumentHelp("The configuration of the broker.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var config: String

    @Option(
        name: [.customShort("t"), .customLong("cluster-id")],
        parsing: .unconditional,
        help: ArgumentHelp("The cluster that the directories are for.", valueName: "id")
    )
    var clusterID: String

    @Flag(name: [.customShort("g"), .customLong("ignore-formatted")], help: "Pass over what is formatted already.")
    var ignoreFormatted = false

    @Option(
        name: [.customShort("r"), .customLong("release-version")],
        parsing: .unconditional,
        help: ArgumentHelp("The release whose metadata version the cluster begins with.", valueName: "version")
    )
    var releaseVersion: String?

    @Option(
        name: [.customShort("f"), .customLong("feature")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The level of a feature; may be repeated.", valueName: "name=level")
    )
    var feature: [String] = []

    @Flag(
        name: [.customShort("N"), .customLong("no-initial-controllers")],
        help: "The voters of the quorum are not known yet."
    )
    var noInitialControllers = false

    @Flag(
        name: [.customShort("s"), .customLong("standalone")],
        help: "This controller is the only voter of the quorum at first."
    )
    var standalone = false
    @Option(
        name: [.customShort("I"), .customLong("initial-controllers")],
        parsing: .unconditional,
        help: ArgumentHelp(
            "The first voters of the quorum, with the ids of their directories.",
            valueName: "id@host:port:directory,…"
        )
    )
    var initialControllers: String?
    @Option(
        name: [.customShort("S"), .customLong("add-scram")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A user who may log in: SCRAM-SHA-256=[name=admin,password=secret]. May be repeated.",
            valueName: "credential"
        )
    )
    var addScram: [String] = []

    func validate() throws {
        guard [standalone, noInitialControllers, initialControllers != nil].count(where: { $0 }) < 2 else {
            throw ValidationError("Give one of --standalone, --initial-controllers and --no-initial-controllers.")
        }
        if clusterID.isEmpty || clusterID.contains(where: \.isNewline) {
            throw ValidationError("--cluster-id must be an id, as from swkafka storage random-uuid.")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let settings = try StorageSettings(file: config)
        guard let nodeID = settings.nodeID, nodeID >= 0, !settings.roles.isEmpty else {
            throw CommandFailure("\(config) must set node.id and process.roles.")
        }
        let voters = try FirstVoters(command: self, settings: settings, nodeID: nodeID)
        if settings.roles.contains("controller"), !settings.hasStaticVoters, !noInitialControllers, voters == nil {
            throw CommandFailure(
                "controller.quorum.voters is not set in \(config).",
                hint: "Set it, or give --standalone, --initial-controllers or --no-initial-controllers."
            )
        }
        guard let version = MetadataVersion(releaseVersion ?? MetadataVersion.newest.name) else {
            throw CommandFailure("There is no release '\(releaseVersion ?? "")'.")
        }
        let credentials = try addScram.map { text throws(CommandFailure) in try FormatCredential(text).record }
        let waiting = try unformatted(settings)
        if waiting.isEmpty {
            try context.output.write("All of the log directories are already formatted.\n")
            return .success
        }
        if voters != nil, version.kraftVersion < 1 {
            throw CommandFailure("Voters that can change need a metadata.version of 3.9-IV0, not \(version.name).")
        }
        let levels = try levels(version)
        for directory in waiting {
            let holdsMetadata = directory == settings.directories[0]
            let kind = holdsMetadata ? voters?.kind ?? "metadata" : "data"
            try context.output.write(
                "Formatting \(kind) directory \(directory) with metadata.version \(version.name).\n"
            )
            let directoryID = (holdsMetadata ? voters?.ownDirectoryID : nil) ?? .random()
            let identity = MetaProperties(clusterID: clusterID, nodeID: nodeID, directoryID: directoryID)
            do throws(StorageError) {
                try DirectoryFormatter(path: directory).format(
                    identity,
                    features: levels,
                    credentials: credentials,
                    voters: holdsMetadata ? voters?.record : nil,
                    nowMs: context.nowMs()
                )
            } catch {
                throw CommandFailure("swkafka storage format: \(error).")
            }
        }
        return .success
    }

    private func unformatted(_ settings: StorageSettings) throws(CommandFailure) -> [String] {
        var waiting: [String] = []
        for directory in settings.directories {
            switch try StorageSettings.state(of: directory) {
            case .missing, .unformatted: waiting.append(directory)
            case .damaged(let reason): throw CommandFailure("\(directory) cannot be formatted: \(reason).")
            case .formatted(let properties):
                guard ignoreFormatted else {
                    throw CommandFailure(
                        "Log directory \(directory) is already formatted. Use --ignore-formatted to ignore this "
                            + "directory and format the others."
                    )
                }
                let known = properties["cluster.id"] ?? ""
                guard known == clusterID else {
                    throw CommandFailure("\(directory) belongs to cluster \(known), not \(clusterID).")
                }
            }
        }
        return waiting
    }

    /// Levels that Kafka does not know are its own affair; ours must be numbers.
    private func levels(_ version: MetadataVersion) throws(CommandFailure) -> [(name: String, level: Int16)] {
        var levels: [(name: String, level: Int16)] = [("metadata.version", version.level)]
        if version.groupVersion > 0 { levels.append(("group.version", version.groupVersion)) }
        for text in feature {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let level = Int16(parts[1]), level >= 0 else {
                throw CommandFailure("'\(text)' is not a feature and its level: give name=level.", status: .usage)
            }
            // The release wins over a metadata.version given beside it.
            if parts[0] == "metadata.version" { continue }
            levels.removeAll { $0.name == parts[0] }
            if level > 0 { levels.append((String(parts[0]), level)) }
        }
        return levels
    }
}
