import KafkaClient
import NIOCore
import Synchronization

/// Carries out `verifiable-consumer`.
struct VerifiableConsumerRunner {
    var command: VerifiableConsumerCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        let session = ClientSession(
            servers: command.connection.servers,
            properties: try command.properties(),
            profile: command.connection.profile
        )
        return try await session.run(
            context,
            configure: { set throws(KafkaClientError) in try ConsumerConfiguration(properties: &set) }
        ) { cluster, configuration in
            try await read(KafkaConsumer(cluster: cluster, configuration: configuration))
        }
    }

    private func read(_ consumer: KafkaConsumer) async throws -> ExitStatus {
        let printer = EventPrinter(context: context)
        let rebalances = Rebalances()
        try printer.print("startup_complete")
        try consumer.subscribe(topics: [command.topic]) { rebalances.append($0) }
        context.interruptions.start(watching: nil)
        let interruptions = context.interruptions
        async let _: Void = {
            guard await interruptions.wait() != nil else { return }
            consumer.wakeup()
        }()
        var status = ExitStatus.success
        do {
            try await readAll(consumer, printer, rebalances)
        } catch let error as KafkaClientError {
            if context.interruptions.first == nil {
                context.complain("\(error.message)\n")
                status = .failure
            }
        }
        await consumer.close()
        try tell(rebalances, printer)
        try printer.print("shutdown_complete")
        return context.interruptions.first?.status ?? status
    }

    private func readAll(_ consumer: KafkaConsumer, _ printer: EventPrinter, _ rebalances: Rebalances) async throws {
        var read = 0
        while command.maxMessages < 0 || read < command.maxMessages, context.interruptions.first == nil {
            // Rebalances happen in this call; a bound lets them be told while nothing is written.
            let batch = try await consumer.nextBatch(timeout: .milliseconds(200))
            try tell(rebalances, printer)
            guard let batch else { continue }
            let limit = command.maxMessages < 0 ? Int.max : command.maxMessages - read
            read += try await take(batch, limit, consumer, printer)
        }
    }

    /// Tells of the first `limit` records of a batch, and commits them.
    private func take(
        _ batch: ConsumedBatch,
        _ limit: Int,
        _ consumer: KafkaConsumer,
        _ printer: EventPrinter
    ) async throws -> Int {
        var records = try batch.records()
        var (count, all) = (0, 0)
        var (first, last) = (Int64.max, Int64.min)
        while let record = try records.next() {
            all += 1
            guard count < limit else { continue }
            count += 1
            first = min(first, record.offset)
            last = max(last, record.offset)
            guard command.verbose else { continue }
            try printer.print(
                "record_data",
                [
                    "key": .optional(record.key.map { String(buffer: $0) }),
                    "value": .optional(record.value.map { String(buffer: $0) }),
                    "topic": .string(record.partition.topic), "partition": .number(record.partition.partition),
                    "offset": .number(record.offset),
                ]
            )
        }
        guard count > 0 else { return 0 }
        try printer.print(
            "records_consumed",
            [
                "count": .number(all),
                "partitions": .array([
                    .members([
                        "topic": .string(batch.partition.topic), "partition": .number(batch.partition.partition),
                        "count": .number(count), "minOffset": .number(first), "maxOffset": .number(last),
                    ])
                ]),
            ]
        )
        if all > count { try consumer.seek(batch.partition, to: .offset(last + 1)) }
        if !command.enableAutocommit { try await commit(batch.partition, last + 1, consumer, printer) }
        return count
    }

    private func commit(
        _ partition: TopicPartition,
        _ offset: Int64,
        _ consumer: KafkaConsumer,
        _ printer: EventPrinter
    ) async throws {
        let offsets = DataValue.array([
            .members([
                "topic": .string(partition.topic), "partition": .number(partition.partition), "offset": .number(offset),
            ])
        ])
        do throws(KafkaClientError) {
            try await consumer.commit([partition: OffsetAndMetadata(offset)])
        } catch {
            try? printer.print(
                "offsets_committed",
                ["offsets": offsets, "success": .bool(false), "error": .string(error.message)]
            )
            throw error
        }
        try printer.print("offsets_committed", ["offsets": offsets, "success": .bool(true)])
    }

    private func tell(_ rebalances: Rebalances, _ printer: EventPrinter) throws {
        for event in rebalances.take() {
            switch event {
            case .assigned(let partitions): try tell("partitions_assigned", partitions, printer)
            case .revoked(let partitions), .lost(let partitions):
                try tell("partitions_revoked", partitions, printer)
            }
        }
    }

    private func tell(_ name: String, _ partitions: [TopicPartition], _ printer: EventPrinter) throws {
        let list = partitions.sorted().map { partition -> DataValue in
            .members(["topic": .string(partition.topic), "partition": .number(partition.partition)])
        }
        try printer.print(name, ["partitions": .array(list)])
    }
}

/// Rebalances that are still to be told.
private final class Rebalances: Sendable {
    private let waiting = Mutex<[RebalanceEvent]>([])

    func append(_ event: RebalanceEvent) { waiting.withLock { $0.append(event) } }

    func take() -> [RebalanceEvent] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
