import KafkaClient
import KafkaMessages

/// Carries out `expect`.
struct Expectation {
    let topic: String
    let bounds: ReadingBounds
    /// As the user wrote it.
    let time: String
    let patience: Duration
    /// How many records must pass.
    let count: Int
    /// Whether none must come.
    let isOfNothing: Bool

    private static let glance = Duration.milliseconds(50)

    func run(_ session: ClientSession, _ context: CommandContext, _ printer: BatchPrinter) async throws -> ExitStatus {
        var session = session
        // To look for a topic must not make it, and what an aborted transaction wrote is not there.
        session.properties.merge(["allow.auto.create.topics": "false", "isolation.level": "read_committed"]) { $1 }
        context.interruptions.start(watching: context.outputDescriptor)
        var printer = printer
        try await session.run(
            context,
            configure: { set throws(KafkaClientError) in try ConsumerConfiguration(properties: &set) }
        ) { cluster, configuration in
            let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
            let interruptions = context.interruptions
            // Ends with this scope, which cancels the wait.
            async let _: Void = {
                if await interruptions.wait() != nil { consumer.wakeup() }
            }()
            do {
                try await read(consumer, KafkaAdmin(cluster: cluster), &printer, context)
            } catch let error as KafkaClientError where error.code == .wokenUp {
                // The interruption says how it ends.
            } catch {
                await consumer.close()
                throw error
            }
            await consumer.close()
        }
        try context.output.flush()
        if let interruption = context.interruptions.first { return interruption.status }
        return verdict(printer, context)
    }

    private func read(
        _ consumer: KafkaConsumer,
        _ admin: KafkaAdmin,
        _ printer: inout BatchPrinter,
        _ context: CommandContext
    ) async throws {
        let deadline = ContinuousClock.now + patience
        guard let partitions = try await partitions(admin, until: deadline, context) else { return }
        // What is there when the reading begins is read however long it takes; the time is for what comes.
        var here = bounds
        here.exitsAtEnd = true
        let ranges = try await here.ranges(of: partitions, admin, isolationLevel: .readCommitted)
        try await read(consumer, ranges, &printer, context, until: nil)
        let rest = ranges.mapValues { ReadingBounds.Range(start: max($0.start, $0.end ?? 0), end: nil) }
        try await read(consumer, rest, &printer, context, until: deadline)
    }

    /// - Parameter deadline: nil to read to the end of the ranges.
    private func read(
        _ consumer: KafkaConsumer,
        _ ranges: [TopicPartition: ReadingBounds.Range],
        _ printer: inout BatchPrinter,
        _ context: CommandContext,
        until deadline: ContinuousClock.Instant?
    ) async throws {
        let output = context.output
        var reader = RangeReader(consumer, ranges)
        while !printer.isDone, context.interruptions.first == nil {
            let left = deadline.map { max(.zero, $0 - .now) }
            switch try await reader.next(timeout: left, idle: { try output.flush() }) {
            case .batch(let batch, let end): try printer.print(batch, before: end, to: output)
            case .nothing, .finished: return
            }
        }
    }

    /// The topic's partitions, once there is such a topic; nil when the time is up first.
    private func partitions(
        _ admin: KafkaAdmin,
        until deadline: ContinuousClock.Instant,
        _ context: CommandContext
    ) async throws -> [TopicPartition]? {
        while true {
            switch try await admin.describeTopics([topic])[topic] {
            case .success(let found)?:
                return found.partitions.map { TopicPartition(topic: topic, partition: $0.metadata.index) }
            case .failure(let error)?:
                guard error.code == .unknownTopic else { throw error }
            case nil: break
            }
            guard ContinuousClock.now < deadline, context.interruptions.first == nil else { return nil }
            try await Task.sleep(for: Self.glance)
        }
    }

    private func verdict(_ printer: BatchPrinter, _ context: CommandContext) -> ExitStatus {
        let read = "\(printer.examined) record\(printer.examined == 1 ? " was" : "s were") read"
        guard !isOfNothing else {
            guard printer.count > 0 else { return .success }
            context.complain("swkafka expect: topic '\(topic)' has a record that was not to come; \(read).\n")
            return .failure
        }
        guard !printer.isDone else { return .success }
        let found = printer.count == 0 ? "No record" : "Only \(printer.count) of \(count) records"
        context.complain("swkafka expect: \(found) of topic '\(topic)' passed within \(time); \(read).\n")
        return .failure
    }
}
