import ArgumentParser
import KafkaClient

/// `swkafka transactions describe`: one transactional id.
struct TransactionsDescribeCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Describe a transactional id and its current or last transaction.",
        discussion: """
            JSON
              describe: [{coordinatorId, transactionalId, producerId, producerEpoch, state, timeoutMs, startTimeMs, \
            durationMs, topicPartitions}].

            EXAMPLES
              swkafka transactions describe --bootstrap-server localhost:9092 \\
                --transactional-id pay-1
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The transactional id.", valueName: "id"))
    var transactionalId: String

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ClientSession(connection).administer(context) { admin in
            let description: TransactionDescription?
            do throws(KafkaClientError) {
                description = try await admin.describeTransactions([transactionalId])[transactionalId]?.get()
            } catch {
                throw TransactionsCommand.failure(
                    "Failed to describe transaction state of transactional-id `\(transactionalId)`",
                    error.message
                )
            }
            guard let description else { return .failure }
            try TransactionsOutput.describe(description, nowMs: context.nowMs()).print(output.format, context)
            return .success
        }
    }
}
