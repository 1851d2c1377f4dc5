import Glibc
import KafkaClient
import KafkaWire

/// Carries out `producer-perf-test`.
struct ProducerPerfTestRunner {
    var command: ProducerPerfTestCommand
    var context: CommandContext

    /// Kafka's tool prints in its own transactions what belongs together: three seconds unless told otherwise.
    private static let transactionDurationMs: Int64 = 3000

    func run() async throws -> ExitStatus {
        var properties = try command.connection.properties(["client.id": "perf-producer-client"])
        let servers = properties.removeValue(forKey: "bootstrap.servers").map { ServerChoice.servers($0) }
        if let id = command.transactionalId { properties["transactional.id"] = id }
        if command.transactionDurationMs != nil, properties["transactional.id"] == nil {
            properties["transactional.id"] = "performance-producer-\(UInt64.random(in: 0...UInt64.max))"
        }
        let payload = try payload()
        let session = ClientSession(
            servers: servers ?? .configured,
            properties: properties,
            profile: command.connection.settings.profile
        )
        return try await session.run(
            context,
            configure: { set throws(KafkaClientError) in try ProducerConfiguration(properties: &set) }
        ) { cluster, configuration in
            try await measure(cluster, configuration, payload)
        }
    }

    private func payload() throws -> (source: PerfPayload, averageBytes: Double) {
        if let size = command.payload.recordSize { return (PerfPayload(letters: size), Double(size)) }
        guard let path = command.payload.payloadFile else { return (PerfPayload(), 0) }
        let file = try PerfPayloadFile(path: path, delimiter: command.payload.payloadDelimiter)
        if command.output.format == .text {
            try context.output.write("Reading payloads from: \(path)\nNumber of messages read: \(file.items.count)\n")
        }
        return (PerfPayload(block: file.block, items: file.items), file.averageBytes)
    }

    // MARK: Measuring

    private func measure(
        _ cluster: KafkaCluster,
        _ configuration: ProducerConfiguration,
        _ payload: (source: PerfPayload, averageBytes: Double)
    ) async throws -> ExitStatus {
        let tally = DeliveryTally(errors: context.errors)
        let (intervals, feed) = AsyncStream<SendStatistics.Interval>.makeStream()
        let statistics = SendStatistics(
            averageBytes: command.payload.payloadMonotonic
                ? Self.averageDigits(command.numRecords) : payload.averageBytes,
            warmup: command.warmupRecords,
            intervalMs: command.reportingInterval,
            nowMs: context.nowMs
        ) { feed.yield($0) }
        let producer = try KafkaProducer(cluster: cluster, configuration: configuration) { report in
            tally.take(report)
            statistics.take(report)
        }
        context.interruptions.start(watching: nil)
        let sender = sender(producer, payload.source, tally)
        let transactionMs = configuration.transactionalID.map { _ in
            command.transactionDurationMs ?? Self.transactionDurationMs
        }
        async let failure: (any Error)? = {
            defer { feed.finish() }
            do {
                try await sender.sendAll(transactionMs: transactionMs)
                await producer.close()
                return nil
            } catch {
                await producer.close()
                return error
            }
        }()
        for await interval in intervals where command.output.format == .text {
            try context.output.write(ProducerPerfTestOutput.interval(interval.window, nowMs: interval.endMs))
            try context.output.flush()
        }
        let wrong = await failure
        try report(statistics)
        if let wrong { throw wrong }
        if tally.failed > 0 {
            context.complain("\(tally.failed) of \(tally.total) records were not acknowledged.\n")
        }
        if let interruption = context.interruptions.first { return interruption.status }
        return tally.failed == 0 ? .success : .failure
    }

    /// The mean length of the numbers below `count` as text.
    private static func averageDigits(_ count: Int) -> Double {
        var digits = 0
        var (low, length) = (0, 1)
        while low < count {
            let high = min(count, low == 0 ? 10 : low * 10)
            digits += (high - low) * length
            (low, length) = (high, length + 1)
        }
        return Double(digits) / Double(count)
    }

    private func sender(_ producer: KafkaProducer, _ payload: PerfPayload, _ tally: DeliveryTally) -> PerfSender {
        PerfSender(
            producer: producer,
            topic: command.topic,
            count: command.numRecords,
            pace: SendPace(
                rate: command.throughput > 0 ? command.throughput : nil,
                chunk: max(1, min(1000, (256 << 10) / (command.payload.recordSize ?? 100)))
            ),
            payload: payload,
            tally: tally,
            interruptions: context.interruptions
        )
    }

    // MARK: The end

    private func report(_ statistics: SendStatistics) throws {
        let nowMs = context.nowMs()
        let whole = statistics.whole
        let report = ProducerPerfTestOutput.report(
            whole,
            intervals: statistics.intervals(endMs: nowMs),
            failed: statistics.failed,
            topic: command.topic,
            nowMs: nowMs
        )
        let value = { ProducerPerfTestOutput.value(whole, report, failed: statistics.failed, nowMs: nowMs) }
        try context.print(
            command.output.format,
            text: { ProducerPerfTestOutput.total(whole, nowMs: nowMs) },
            table: { _ in ProducerPerfTestOutput.total(whole, nowMs: nowMs) },
            value: value
        )
        if command.printMetrics, command.output.format == .text {
            try context.output.write(metrics(whole, statistics.failed, nowMs))
        }
        try context.output.flush()
        if context.outputIsTerminal, command.output.format == .text {
            context.complain(report.plots(width: context.width ?? 80))
        }
        try report.write(html: command.html)
    }

    private func metrics(_ whole: SendStatistics.Window, _ failed: Int, _ nowMs: Int64) -> String {
        let tags = "{client-id=perf-producer-client}"
        let values: KeyValuePairs<String, Double> = [
            "record-error-total": Double(failed),
            "record-send-rate": whole.recordsPerSecond(nowMs: nowMs),
            "record-send-total": Double(whole.records),
            "request-latency-avg": whole.latencies.averageMs,
            "request-latency-max": Double(whole.latencies.maximumMs),
        ]
        let names = values.map { "producer-metrics:\($0.key):\(tags)" }
        let width = names.map(\.count).max() ?? 0
        let padded = { (text: String) in text + String(repeating: " ", count: max(0, width - text.count)) }
        var text = "\n\(padded("Metric Name"))   Value\n"
        for (name, value) in zip(names, values) {
            text += "\(padded(name)) : \(FixedPoint.text(value.value, places: 3))\n"
        }
        return text
    }
}
