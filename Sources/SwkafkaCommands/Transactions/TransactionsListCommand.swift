import ArgumentParser
import KafkaClient

/// `swkafka transactions list`: all transactional ids.
struct TransactionsListCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List transactional ids.",
        discussion: """
            JSON
              list: [{transactionalId, coordinator, producerId, state}].

            EXAMPLES
              swkafka transactions list --bootstrap-server localhost:9092
              swkafka transactions list --bootstrap-server localhost:9092 --duration-filter 60000
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only transactions that run for longer; a negative number for all.", valueName: "ms")
    )
    var durationFilter: Int64 = -1
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only ids that match (RE2; needs Kafka 4.1).", valueName: "regex")
    )
    var transactionalIdPattern: String?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ClientSession(connection).administer(context) { admin in
            let answers: [Node: Result<[TransactionListing], KafkaClientError>]
            do throws(KafkaClientError) {
                answers = try await admin.listTransactions(
                    longerThan: durationFilter >= 0 ? .milliseconds(durationFilter) : nil,
                    pattern: transactionalIdPattern
                )
            } catch {
                throw TransactionsCommand.failure("Failed to list transactions", error.message)
            }
            var rows: [TransactionsOutput.ListedTransaction] = []
            var status = ExitStatus.success
            for (node, answer) in answers.sorted(by: { $0.key.id < $1.key.id }) {
                switch answer {
                case .success(let listed):
                    rows += listed.map { TransactionsOutput.ListedTransaction(transaction: $0, coordinator: node.id) }
                case .failure(let error):
                    context.complain("Failed to list transactions of broker \(node.id): \(error.message)\n")
                    status = .failure
                }
            }
            rows.sort { $0.transaction.id < $1.transaction.id }
            try TransactionsOutput.list(rows).print(output.format, context)
            return status
        }
    }
}
