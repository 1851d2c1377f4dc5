import ArgumentParser
import KafkaClient

/// `swkafka transactions abort`: ends a transaction that hangs in a partition.
struct TransactionsAbortCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Abort a transaction that hangs in a partition.",
        discussion: """
            Names the transaction by the offset where it starts, or, for brokers before 3.0, by --producer-id, \
            --producer-epoch and --coordinator-epoch. Prints nothing when it worked.

            EXAMPLES
              swkafka transactions abort --bootstrap-server localhost:9092 --topic orders \\
                --partition 0 --start-offset 4711
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic.", valueName: "name"))
    var topic: String
    @Option(parsing: .unconditional, help: ArgumentHelp("The partition.", valueName: "number"))
    var partition: Int32
    @Option(parsing: .unconditional, help: ArgumentHelp("Where the transaction starts.", valueName: "offset"))
    var startOffset: Int64?
    @Option(parsing: .unconditional, help: ArgumentHelp("The producer.", valueName: "id"))
    var producerId: Int64?
    @Option(parsing: .unconditional, help: ArgumentHelp("The producer's epoch.", valueName: "epoch"))
    var producerEpoch: Int16?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The epoch of the coordinator; -1 counts as 0.", valueName: "epoch")
    )
    var coordinatorEpoch: Int32?

    @Flag(help: "Do it without a question, which is asked on a terminal only.") var yes = false

    func validate() throws {
        guard startOffset == nil else { return }
        guard producerId != nil else {
            throw ValidationError(
                "The transaction to abort must be identified either with --start-offset (for brokers on 3.0 or above) or "
                    + "with --producer-id, --producer-epoch, and --coordinator-epoch (for older brokers)"
            )
        }
        guard producerEpoch != nil else { throw ValidationError("Missing required argument --producer-epoch") }
        guard coordinatorEpoch != nil else { throw ValidationError("Missing required argument --coordinator-epoch") }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let target = TopicPartition(topic: topic, partition: partition)
        return try await ClientSession(connection).administer(context) { admin in
            let abort = try await self.target(admin, target)
            try Confirmation.ask(
                "Abort the transaction of producer \(abort.producerID) in \(target)",
                isGiven: yes,
                refusal: "Nothing was changed.",
                context
            )
            do throws(KafkaClientError) {
                try await admin.abortTransaction(abort)
            } catch {
                throw TransactionsCommand.failure(
                    "Failed to abort the transaction of producer \(abort.producerID) in \(target)",
                    error.message
                )
            }
            return .success
        }
    }

    private func target(_ admin: KafkaAdmin, _ partition: TopicPartition) async throws -> AbortTarget {
        guard let startOffset else {
            return AbortTarget(
                partition: partition,
                producerID: producerId ?? -1,
                producerEpoch: producerEpoch ?? -1,
                coordinatorEpoch: max(0, coordinatorEpoch ?? 0)
            )
        }
        let producers: [ActiveProducer]
        do throws(KafkaClientError) {
            try await admin.requirePartition(partition)
            producers = try await admin.describeProducers([partition])[partition]?.get() ?? []
        } catch {
            throw TransactionsCommand.failure(
                "Failed to validate producer state for partition \(partition)",
                error.message
            )
        }
        guard let producer = producers.first(where: { $0.transactionStartOffset == startOffset }) else {
            throw CommandFailure(
                "Could not find any open transactions starting at offset \(startOffset) on partition \(partition)"
            )
        }
        return AbortTarget(
            partition: partition,
            producerID: producer.id,
            producerEpoch: Int16(clamping: producer.epoch),
            coordinatorEpoch: producer.coordinatorEpoch ?? 0
        )
    }
}
