import KafkaClient
import KafkaWire
import NIOCore

/// Carries out `e2e-latency`.
struct EndToEndLatencyRunner {
    var command: EndToEndLatencyCommand
    var plan: EndToEndLatencyCommand.Plan
    var context: CommandContext

    private struct Settings {
        var writing: ProducerConfiguration
        var reading: ConsumerConfiguration
    }

    /// How long a record may take to come back.
    private static let patience: Duration = .seconds(60)

    func run() async throws -> ExitStatus {
        var properties = ["client.id": "e2e-latency"]
        if let file = plan.file { properties.merge(try PropertyFiles.read(file)) { $1 } }
        properties["linger.ms"] = "0"
        properties["acks"] = plan.acks
        properties["fetch.max.wait.ms"] = "0"
        return try await ClientSession(
            servers: plan.servers,
            properties: properties,
            profile: command.settings.profile
        ).run(
            context,
            configure: { set throws(KafkaClientError) in
                var reading = try ConsumerConfiguration(properties: &set)
                reading.group = nil
                return Settings(writing: try ProducerConfiguration(properties: &set), reading: reading)
            }
        ) { cluster, settings in
            let starts = try await prepare(KafkaAdmin(cluster: cluster))
            let consumer = KafkaConsumer(cluster: cluster, configuration: settings.reading)
            consumer.assign(starts)
            let producer = try KafkaProducer(cluster: cluster, configuration: settings.writing)
            context.interruptions.start(watching: nil)
            let interruptions = context.interruptions
            async let _: Void = {
                guard await interruptions.wait() != nil else { return }
                consumer.wakeup()
            }()
            do {
                let status = try await measure(producer, consumer)
                await producer.close()
                await consumer.close()
                return status
            } catch {
                await producer.close()
                await consumer.close()
                throw error
            }
        }
    }

    /// The end of each partition of the topic, which is made if it does not exist.
    private func prepare(_ admin: KafkaAdmin) async throws -> [TopicPartition: StartPosition] {
        if try await !admin.listTopics().contains(where: { $0.name == plan.topic }) {
            if command.output.format == .text {
                try context.output.write(
                    "Topic \"\(plan.topic)\" does not exist. "
                        + "Will create topic with 1 partition(s) and replication factor = 1\n"
                )
            }
            let results = try await admin.createTopics([NewTopic(plan.topic, partitions: 1, replicationFactor: 1)])
            _ = try results[plan.topic]?.get()
        }
        let described = try await admin.describeTopics([plan.topic])
        let partitions = try described[plan.topic]?.get().partitions.map(\.metadata.index) ?? []
        let wanted = partitions.map { (TopicPartition(topic: plan.topic, partition: $0), OffsetSpec.latest) }
        let ends = try await admin.listOffsets(Dictionary(wanted, uniquingKeysWith: { first, _ in first }))
        return try ends.mapValues { StartPosition.offset(try $0.get().offset ?? 0) }
    }

    // MARK: Measuring

    private func measure(_ producer: KafkaProducer, _ consumer: KafkaConsumer) async throws -> ExitStatus {
        var generator = SplitMix(seed: 0)
        var histogram = LatencyHistogram()
        var total: Double = 0
        for number in 0..<plan.count {
            guard context.interruptions.first == nil else { break }
            let record = record(&generator)
            let begin = ContinuousClock.now
            _ = try await producer.send(record)
            try await expect(record, number: number, consumer)
            let ms = Double(begin.elapsedNs) / 1e6
            total += ms
            histogram.add(1, from: Int(ms), to: Int(ms))
            if number % 1000 == 0, command.output.format == .text {
                try context.output.write("\(number)\t\(ms)\n")
                try context.output.flush()
            }
        }
        try finish(histogram, average: total / Double(max(1, histogram.count)))
        return context.interruptions.first?.status ?? .success
    }

    private func record(_ generator: inout SplitMix) -> ProducerRecord {
        func letters(_ count: Int) -> ByteBuffer {
            // One letter, over and over: it is not the content that takes time.
            ByteBuffer(repeating: UInt8(ascii: "A") + UInt8(generator.next() % 26), count: count)
        }
        let headers = (0..<command.numHeaders).map { _ in
            RecordHeader(
                key: String(buffer: letters(command.recordHeaderKeySize)),
                value: command.recordHeaderSize < 0 ? nil : letters(command.recordHeaderSize)
            )
        }
        return ProducerRecord(
            topic: plan.topic,
            key: command.recordKeySize == 0 ? nil : letters(command.recordKeySize),
            value: letters(plan.size),
            headers: headers
        )
    }

    private func expect(_ sent: ProducerRecord, number: Int, _ consumer: KafkaConsumer) async throws {
        guard let batch = try await consumer.nextBatch(timeout: Self.patience) else {
            throw CommandFailure("Record \(number) did not come back within \(Self.patience).")
        }
        var records = try batch.records()
        guard let found = try records.next() else {
            throw CommandFailure("An empty batch came back instead of record \(number).")
        }
        guard try records.next() == nil, found.key == sent.key, found.value == sent.value else {
            throw CommandFailure(
                "Something else came back than record \(number): does another program write to \(plan.topic)?"
            )
        }
    }

    private func finish(_ histogram: LatencyHistogram, average: Double) throws {
        let percentiles: KeyValuePairs<String, Double> = ["50th": 0.5, "99th": 0.99, "99.9th": 0.999]
        let texts = percentiles.map { "\($0.key) = \(histogram.percentile($0.value))" }
        let text =
            "Avg latency: \(FixedPoint.text(average, places: 4)) ms\nPercentiles: "
            + texts.joined(separator: ", ") + "\n"
        let report = PerfReport(
            title: "swkafka e2e-latency",
            facts: [
                ("topic", plan.topic), ("records", "\(histogram.count)"),
                ("average latency", "\(FixedPoint.text(average, places: 4)) ms"),
                ("maximum latency", "\(histogram.maximumMs) ms"),
            ] + percentiles.map { ("\($0.key) percentile", "\(histogram.percentile($0.value)) ms") },
            latencies: histogram
        )
        try context.print(
            command.output.format,
            text: { text },
            table: { _ in text },
            value: {
                .object(
                    [
                        DataValue.Member(name: "records", value: .number(histogram.count)),
                        DataValue.Member(name: "averageMs", value: .double(average)),
                        DataValue.Member(name: "maximumMs", value: .number(histogram.maximumMs)),
                    ]
                        + percentiles.map {
                            DataValue.Member(name: $0.key + "Ms", value: .number(histogram.percentile($0.value)))
                        } + [DataValue.Member(name: "latencyHistogram", value: report.histogramValue)]
                )
            }
        )
        try context.output.flush()
        if context.outputIsTerminal, command.output.format == .text {
            context.complain(report.plots(width: context.width ?? 80))
        }
        try report.write(html: command.html)
    }
}
