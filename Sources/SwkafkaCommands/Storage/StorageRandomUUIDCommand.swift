import ArgumentParser
import KafkaWire

/// `swkafka storage random-uuid`: an id for a cluster or a directory.
struct StorageRandomUUIDCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "random-uuid",
        abstract: "Print a random id for a cluster.",
        discussion: """
            22 characters, never with a dash in front.

            EXAMPLES
              swkafka storage random-uuid
            """
    )

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try context.output.write("\(KafkaUUID.random())\n")
        return .success
    }
}
