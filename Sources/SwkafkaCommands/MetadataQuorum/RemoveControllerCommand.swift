import ArgumentParser
import KafkaClient
import KafkaWire

/// `swkafka metadata-quorum remove-controller`: takes a controller out of the quorum.
struct RemoveControllerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove-controller",
        abstract: "Take a controller out of the quorum.",
        discussion: """
            Needs a cluster whose kraft.version is 1; the bundled controller is always alone.

            EXAMPLES
              swkafka metadata-quorum remove-controller --bootstrap-server localhost:9092 \\
                --controller-id 4 --controller-directory-id 3Db5QLSqSZieL3rJBUUegA
            """
    )

    @OptionGroup(title: "Connection") var connection: ClusterConnection
    @Option(name: [.customShort("i"), .long], help: ArgumentHelp("The controller.", valueName: "id")) var controllerId:
        Int32
    @Option(
        name: [.customShort("d"), .long],
        parsing: .unconditional,
        help: ArgumentHelp("The directory that holds its metadata log.", valueName: "directory-id")
    )
    var controllerDirectoryId: String
    @Flag(help: "Only tell what would be done.") var dryRun = false

    func validate() throws {
        guard controllerId >= 0 else { throw ValidationError("Invalid negative --controller-id: \(controllerId)") }
        guard directory != nil else {
            throw ValidationError("Failed to parse --controller-directory-id: \(controllerDirectoryId) is no id.")
        }
    }

    private var directory: KafkaUUID? { KafkaUUID(base64: controllerDirectoryId) }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let what = " KRaft controller \(controllerId) with directory id \(controllerDirectoryId)\n"
        // Two blanks, as Kafka writes it.
        if dryRun {
            try context.output.write("DRY RUN of removing " + what)
            return .success
        }
        let directory = directory ?? .zero
        return try await connection.session(clientID: MetadataQuorumCommand.clientID).administer(context) { admin in
            try await admin.removeVoter(controllerId, directoryID: directory)
            try context.output.write("Removed " + what)
            return .success
        }
    }
}
