import ArgumentParser

/// `swkafka transactions`: the group of commands that look into transactions.
struct TransactionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transactions",
        abstract: "List and describe transactions, and end those that hang.",
        discussion: """
            A transaction hangs in a partition when its coordinator no longer knows of it: nobody will end it, and \
            read_committed consumers wait for it for ever. find-hanging looks for such transactions, abort ends one.

            Options may stand before the name of the subcommand, as Kafka's script wants them, or after it.

            EXAMPLES
              swkafka transactions list --bootstrap-server localhost:9092
              swkafka transactions describe --bootstrap-server localhost:9092 \\
                --transactional-id pay-1
              swkafka transactions find-hanging --bootstrap-server localhost:9092 --topic orders
              swkafka transactions abort --bootstrap-server localhost:9092 --topic orders \\
                --partition 0 --start-offset 4711
            """,
        subcommands: [
            TransactionsListCommand.self, TransactionsDescribeCommand.self, DescribeProducersCommand.self,
            TransactionsAbortCommand.self, FindHangingCommand.self, ForceTerminateCommand.self,
        ]
    )

    /// A failure in the words of Kafka's script.
    static func failure(_ what: String, _ reason: String) -> CommandFailure {
        CommandFailure("\(what): \(reason)")
    }
}
