import ArgumentParser
import KafkaClient

/// `swkafka transactions force-terminate`: fences a producer and aborts what it has open.
struct ForceTerminateCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "force-terminate",
        abstract: "Fence a producer and abort its open transaction.",
        discussion: """
            The producer's next request fails. Prints nothing when it worked.

            EXAMPLES
              swkafka transactions force-terminate --bootstrap-server localhost:9092 \\
                --transactional-id pay-1
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The transactional id.", valueName: "id"))
    var transactionalId: String

    @Flag(help: "Do it without a question, which is asked on a terminal only.") var yes = false

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ClientSession(connection).administer(context) { admin in
            do throws(KafkaClientError) {
                // An id that was never used would be made by fencing it.
                _ = try await admin.describeTransactions([transactionalId])[transactionalId]?.get()
            } catch {
                throw failure(error)
            }
            try Confirmation.ask(
                "Fence the producer \(transactionalId) and abort what it has open",
                isGiven: yes,
                refusal: "Nothing was changed.",
                context
            )
            do throws(KafkaClientError) {
                try await admin.fenceProducers([transactionalId])[transactionalId]?.get()
            } catch {
                throw failure(error)
            }
            return .success
        }
    }

    private func failure(_ error: KafkaClientError) -> CommandFailure {
        TransactionsCommand.failure(
            "Failed to terminate the transaction of transactional-id `\(transactionalId)`",
            error.message
        )
    }
}
