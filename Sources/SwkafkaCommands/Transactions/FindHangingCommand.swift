import ArgumentParser
import KafkaClient
import KafkaMessages

/// `swkafka transactions find-hanging`: open transactions that no coordinator knows.
struct FindHangingCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "find-hanging",
        abstract: "Find transactions that no coordinator will end.",
        discussion: """
            Looks at the partitions of a topic, or of all topics with a replica on a broker.

            JSON
              find-hanging: [{topic, partition, producerId, producerEpoch, coordinatorEpoch, startOffset, \
            lastTimestamp, durationMinutes}].

            EXAMPLES
              swkafka transactions find-hanging --bootstrap-server localhost:9092 --topic orders
              swkafka transactions find-hanging --bootstrap-server localhost:9092 --broker-id 1
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("Only partitions of this broker.", valueName: "id"))
    var brokerId: Int32?
    @Option(parsing: .unconditional, help: ArgumentHelp("Only this topic.", valueName: "name"))
    var topic: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Only this partition of --topic.", valueName: "number"))
    var partition: Int32?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only transactions that have been open for longer.", valueName: "minutes")
    )
    var maxTransactionTimeout: Int = 15

    func validate() throws {
        guard topic != nil || brokerId != nil else {
            throw ValidationError(
                "The `find-hanging` command requires either --topic or --broker-id to limit the scope of the search"
            )
        }
        guard partition == nil || topic != nil else {
            throw ValidationError("The --partition argument requires --topic to be provided")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ClientSession(connection).administer(context) { admin in
            do {
                let found = try await HangingTransactions(command: self, context: context, admin: admin).find()
                try TransactionsOutput.hanging(found, nowMs: context.nowMs()).print(output.format, context)
                return .success
            } catch let error as KafkaClientError {
                throw TransactionsCommand.failure("Failed to find hanging transactions", error.message)
            }
        }
    }
}

/// A transaction that is open in a partition.
struct OpenTransaction: Equatable {
    var partition: TopicPartition
    var producer: ActiveProducer
    var startOffset: Int64
}

/// The search for transactions that no coordinator knows.
struct HangingTransactions {
    /// How many partitions or ids one request asks about.
    private static let batchSize = 500

    var command: FindHangingCommand
    var context: CommandContext
    var admin: KafkaAdmin

    func find() async throws -> [OpenTransaction] {
        let old = try await openTransactions(in: try await partitions())
        guard !old.isEmpty else { return [] }
        var ids: [Int64: String] = [:]
        for (_, answer) in try await admin.listTransactions(producerIDs: Set(old.map(\.producer.id))) {
            for listed in try answer.get() { ids[listed.producerID] = listed.id }
        }
        var known: [String: Set<TopicPartition>] = [:]
        for (id, answer) in try await admin.describeTransactions(Set(ids.values).sorted()) {
            do throws(KafkaClientError) {
                known[id] = Set(try answer.get().partitions)
            } catch {
                guard error.brokerError == .transactionalIdNotFound else { throw error }
            }
        }
        return Self.hanging(old, ids: ids, known: known)
    }

    /// Those whose producer has no transactional id, or whose coordinator does not have their partition.
    static func hanging(
        _ open: [OpenTransaction],
        ids: [Int64: String],
        known: [String: Set<TopicPartition>]
    ) -> [OpenTransaction] {
        open.filter { transaction in
            guard let id = ids[transaction.producer.id] else { return true }
            return known[id]?.contains(transaction.partition) != true
        }
    }

    private func partitions() async throws -> [TopicPartition] {
        var names: [String] = []
        if let topic = command.topic {
            names = [topic]
        } else {
            names = try await admin.listTopics().map(\.name)
        }
        var partitions: [TopicPartition] = []
        for (name, result) in try await admin.describeTopics(names) {
            for partition in try result.get().partitions {
                if let wanted = command.partition, wanted != partition.metadata.index { continue }
                if let broker = command.brokerId, !partition.metadata.replicas.contains(broker) { continue }
                partitions.append(TopicPartition(topic: name, partition: partition.metadata.index))
            }
        }
        return partitions.sorted()
    }

    /// Transactions that have been open for longer than they may.
    private func openTransactions(in partitions: [TopicPartition]) async throws -> [OpenTransaction] {
        let (limit, overflow) = Int64(command.maxTransactionTimeout).multipliedReportingOverflow(by: 60_000)
        let nowMs = context.nowMs()
        var open: [OpenTransaction] = []
        var rest = partitions[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.batchSize))
            rest = rest.dropFirst(Self.batchSize)
            for (partition, answer) in try await admin.describeProducers(batch, broker: command.brokerId) {
                for producer in try answer.get() {
                    guard let start = producer.transactionStartOffset, !overflow,
                        nowMs.subtractingReportingOverflow(producer.lastTimestampMs).partialValue > limit
                    else { continue }
                    open.append(OpenTransaction(partition: partition, producer: producer, startOffset: start))
                }
            }
        }
        return open.sorted { ($0.partition, $0.startOffset) < ($1.partition, $1.startOffset) }
    }
}
