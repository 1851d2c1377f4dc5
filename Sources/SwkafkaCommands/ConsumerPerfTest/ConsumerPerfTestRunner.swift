import KafkaClient
import KafkaWire
import Synchronization

/// Carries out `consumer-perf-test`.
struct ConsumerPerfTestRunner {
    var command: ConsumerPerfTestCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        let session = ClientSession(
            servers: command.connection.servers,
            properties: try properties(),
            profile: command.connection.profile
        )
        let output = ConsumerPerfTestOutput(dates: try JavaDateFormat(command.dateFormat))
        return try await session.run(
            context,
            configure: { set throws(KafkaClientError) in try ConsumerConfiguration(properties: &set) }
        ) { cluster, configuration in
            try await measure(KafkaConsumer(cluster: cluster, configuration: configuration), output)
        }
    }

    /// The command's own options win over the file, even by their defaults, as in Kafka.
    private func properties() throws(CommandFailure) -> [String: String] {
        var properties = ["client.id": "perf-consumer-client"]
        if let file = command.connection.commandConfig ?? command.consumerConfig {
            properties.merge(try PropertyFiles.read(file)) { $1 }
        }
        properties.merge(KeyValueOptions.parse(command.commandProperty)) { $1 }
        properties["group.id"] = command.group ?? "perf-consumer-\(Int.random(in: 0..<100_000))"
        properties["max.partition.fetch.bytes"] = String(command.fetchSize)
        properties["receive.buffer.bytes"] = String(command.socketBufferSize)
        properties["auto.offset.reset"] = command.fromLatest ? "latest" : "earliest"
        return properties
    }

    private func measure(_ consumer: KafkaConsumer, _ output: ConsumerPerfTestOutput) async throws -> ExitStatus {
        let nowMs = context.nowMs
        let shared = SharedStatistics(startMs: nowMs())
        let listener: RebalanceListener = { event in
            shared.statistics.withLock { statistics in
                switch event {
                case .assigned: statistics.assigned(nowMs: nowMs())
                case .revoked, .lost: statistics.revoked(nowMs: nowMs())
                }
            }
        }
        if let topic = command.topic {
            try consumer.subscribe(topics: [topic], onRebalance: listener)
        } else {
            let pattern = try TopicPattern(expression: command.include ?? "")
            try consumer.subscribe(topicsMatching: { pattern.matches($0) }, onRebalance: listener)
        }
        if command.output.format == .text, !command.hideHeader {
            try context.output.write(
                command.showDetailedStats ? ConsumerPerfTestOutput.detailedHeader : ConsumerPerfTestOutput.header
            )
        }
        context.interruptions.start(watching: nil)
        let interruptions = context.interruptions
        async let _: Void = {
            guard await interruptions.wait() != nil else { return }
            consumer.wakeup()
        }()
        let isComplete: Bool
        do {
            isComplete = try await read(consumer, shared, output)
        } catch {
            await consumer.close()
            throw error
        }
        let endMs = nowMs()
        await consumer.close()
        return try finish(shared.statistics.withLock { $0 }, endMs, output, isComplete: isComplete)
    }

    /// - Returns: false when no record came in time.
    private func read(
        _ consumer: KafkaConsumer,
        _ shared: SharedStatistics,
        _ output: ConsumerPerfTestOutput
    ) async throws -> Bool {
        var read = 0
        var isInTime = true
        while read < command.count, context.interruptions.first == nil {
            let batch: ConsumedBatch?
            do throws(KafkaClientError) {
                batch = try await consumer.nextBatch(timeout: .milliseconds(command.timeout))
            } catch {
                if error.code == .wokenUp { break }
                throw error
            }
            guard let batch else {
                isInTime = false
                break
            }
            var (records, bytes) = (0, 0)
            try batch.forEachRecord { record in
                records += 1
                bytes += (record.key?.count ?? 0) + (record.value?.count ?? 0)
                return true
            }
            read += records
            shared.statistics.withLock { $0.add(records: records, bytes: bytes, nowMs: context.nowMs()) }
            try reportInterval(shared, output, lengthMs: command.reportingInterval)
        }
        try reportInterval(shared, output, lengthMs: 1)
        return isInTime
    }

    private func reportInterval(
        _ shared: SharedStatistics,
        _ output: ConsumerPerfTestOutput,
        lengthMs: Int64
    ) throws {
        guard command.showDetailedStats, command.output.format == .text else { return }
        let nowMs = context.nowMs()
        let line = shared.statistics.withLock { statistics -> String? in
            guard let (count, startMs) = statistics.interval(ofMs: lengthMs, nowMs: nowMs), count.records > 0 else {
                return nil
            }
            return output.interval(count, whole: statistics.whole, startMs: startMs, endMs: nowMs)
        }
        guard let line else { return }
        try context.output.write(line)
        try context.output.flush()
    }

    private func finish(
        _ statistics: ReadStatistics,
        _ endMs: Int64,
        _ output: ConsumerPerfTestOutput,
        isComplete: Bool
    ) throws -> ExitStatus {
        if !isComplete {
            context.complain(
                "WARNING: Exiting before consuming the expected number of messages: timeout (\(command.timeout) ms) "
                    + "exceeded. You can use the --timeout option to increase the timeout.\n"
            )
        }
        let report = ConsumerPerfTestOutput.report(
            statistics,
            topic: command.topic ?? command.include ?? "",
            endMs: endMs
        )
        let text = { command.showDetailedStats ? "" : output.total(statistics, endMs: endMs) }
        try context.print(
            command.output.format,
            text: text,
            table: { _ in text() },
            value: { ConsumerPerfTestOutput.value(statistics, report, endMs: endMs) }
        )
        if context.outputIsTerminal, command.output.format == .text {
            context.complain(report.plots(width: context.width ?? 80))
        }
        try report.write(html: command.html)
        if command.printMetrics { context.complain("--print-metrics: this consumer keeps no metrics of its own.\n") }
        if let interruption = context.interruptions.first { return interruption.status }
        return isComplete ? .success : .failure
    }
}

/// The statistics, which the rebalance listener changes too.
private final class SharedStatistics: Sendable {
    let statistics: Mutex<ReadStatistics>

    init(startMs: Int64) { statistics = Mutex(ReadStatistics(startMs: startMs)) }
}
