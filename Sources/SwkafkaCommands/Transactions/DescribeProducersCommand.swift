import ArgumentParser
import KafkaClient

/// `swkafka transactions describe-producers`: the producers that a partition remembers.
struct DescribeProducersCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe-producers",
        abstract: "Describe the producers that a partition remembers.",
        discussion: """
            JSON
              describe-producers: [{producerId, producerEpoch, coordinatorEpoch, lastSequence, lastTimestamp, \
            transactionStartOffset}].

            EXAMPLES
              swkafka transactions describe-producers --bootstrap-server localhost:9092 \\
                --topic orders --partition 0
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The topic.", valueName: "name"))
    var topic: String
    @Option(parsing: .unconditional, help: ArgumentHelp("The partition.", valueName: "number"))
    var partition: Int32
    @Option(parsing: .unconditional, help: ArgumentHelp("Ask this replica, not the leader.", valueName: "id"))
    var brokerId: Int32?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let target = TopicPartition(topic: topic, partition: partition)
        return try await ClientSession(connection).administer(context) { admin in
            let producers: [ActiveProducer]
            do throws(KafkaClientError) {
                try await admin.requirePartition(target)
                producers = try await admin.describeProducers([target], broker: brokerId)[target]?.get() ?? []
            } catch {
                let whom = brokerId.map { "broker \($0)" } ?? "leader"
                throw TransactionsCommand.failure(
                    "Failed to describe producers for partition \(target) on \(whom)",
                    error.message
                )
            }
            try TransactionsOutput.producers(producers.sorted { $0.id < $1.id }).print(output.format, context)
            return .success
        }
    }
}

extension KafkaAdmin {
    /// Fails at once for a partition that does not exist, which other calls would wait for.
    func requirePartition(_ partition: TopicPartition) async throws(KafkaClientError) {
        let topic = try await describeTopics([partition.topic])[partition.topic]?.get()
        guard let topic, topic.partitions.contains(where: { $0.metadata.index == partition.partition }) else {
            throw KafkaClientError(
                .unknownPartition,
                "Topic '\(partition.topic)' has no partition \(partition.partition): it has "
                    + "\(topic?.partitions.count ?? 0)."
            )
        }
    }
}
