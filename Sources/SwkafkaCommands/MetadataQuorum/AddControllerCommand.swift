import ArgumentParser
import KafkaClient

/// `swkafka metadata-quorum add-controller`: makes a controller a voter of the quorum.
struct AddControllerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-controller",
        abstract: "Make a controller a voter of the quorum.",
        discussion: """
            --command-config names the properties file of the controller that is to be added, on the machine where it \
            runs: its id, its directory and its listeners are taken from there. Needs a cluster whose kraft.version is 1; \
            the bundled controller is always alone.

            EXAMPLES
              swkafka metadata-quorum add-controller --bootstrap-server localhost:9092 \\
                --command-config controller.properties
            """
    )

    @OptionGroup(title: "Connection") var connection: ClusterConnection
    @Flag(help: "Only tell what would be done.") var dryRun = false

    func validate() throws {
        guard connection.config != nil else {
            throw ValidationError(
                "You must supply the configuration file of the controller you are adding when using "
                    + "add-controller: --command-config."
            )
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let controller = try AddedController(propertiesFile: connection.config ?? "")
        let endpoints = controller.endpoints.map { "\($0.name)://\($0.host):\($0.port)" }.joined(separator: ", ")
        let what =
            "controller \(controller.id) with directory id \(controller.directoryID) and endpoints: \(endpoints)\n"
        if dryRun {
            try context.output.write("DRY RUN of adding " + what)
            return .success
        }
        return try await connection.session(clientID: MetadataQuorumCommand.clientID).administer(context) { admin in
            try await admin.addVoter(
                controller.id,
                directoryID: controller.directoryID,
                endpoints: controller.endpoints
            )
            try context.output.write("Added " + what)
            return .success
        }
    }
}
