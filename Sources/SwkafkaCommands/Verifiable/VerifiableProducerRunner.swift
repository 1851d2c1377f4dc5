import KafkaClient
import NIOCore

/// Carries out `verifiable-producer`.
struct VerifiableProducerRunner {
    var command: VerifiableProducerCommand
    var context: CommandContext

    /// A record on its way.
    private struct Sent {
        var key: String?
        var value: String
        var delivery: Result<PendingDelivery, KafkaClientError>
    }

    /// So many records may wait for their answer before the next is sent.
    private static let window = 1000

    func run() async throws -> ExitStatus {
        var properties = ["client.id": "verifiable-producer", "acks": String(command.acks)]
        if let file = command.connection.commandConfig ?? command.producerConfig {
            properties.merge(try PropertyFiles.read(file)) { $1 }
        }
        if command.acks != -1, properties["enable.idempotence"] == nil { properties["enable.idempotence"] = "false" }
        return try await ClientSession(
            servers: command.connection.servers,
            properties: properties,
            profile: command.connection.profile
        ).run(
            context,
            configure: { set throws(KafkaClientError) in try ProducerConfiguration(properties: &set) }
        ) { cluster, configuration in
            let producer = try KafkaProducer(cluster: cluster, configuration: configuration)
            context.interruptions.start(watching: nil)
            do {
                let status = try await send(producer)
                await producer.close()
                return status
            } catch {
                await producer.close()
                throw error
            }
        }
    }

    private func send(_ producer: KafkaProducer) async throws -> ExitStatus {
        let printer = EventPrinter(context: context)
        let pace = SendPace(rate: command.throughput > 0 ? Double(command.throughput) : nil, chunk: Self.window)
        let start = ContinuousClock.now
        var (sent, acknowledged) = (0, 0)
        try printer.print("startup_complete")
        while command.maxMessages < 0 || sent < command.maxMessages, context.interruptions.first == nil {
            let left = command.maxMessages < 0 ? Int.max : command.maxMessages - sent
            switch pace.step(sent: sent, left: left, elapsedNs: start.elapsedNs) {
            case .sleep(let ns): try await Task.sleep(for: .nanoseconds(ns))
            case .send(let count):
                var flights: [Sent] = []
                for number in sent..<sent + count { flights.append(await enqueue(number, start, producer)) }
                sent += count
                for flight in flights where try await tell(flight, printer) { acknowledged += 1 }
            }
        }
        try printer.print("shutdown_complete")
        let seconds = max(0.001, Double(start.elapsedNs) / 1e9)
        try printer.print(
            "tool_data",
            [
                "sent": .number(sent), "acked": .number(acknowledged), "target_throughput": .number(command.throughput),
                "avg_throughput": .double(Double(acknowledged) / seconds),
            ]
        )
        if let interruption = context.interruptions.first { return interruption.status }
        return acknowledged == sent ? .success : .failure
    }

    private func enqueue(_ number: Int, _ start: ContinuousClock.Instant, _ producer: KafkaProducer) async -> Sent {
        let key = command.repeatingKeys.map { String(number % $0) }
        let value = command.valuePrefix.map { "\($0).\(number)" } ?? String(number)
        var record = ProducerRecord(topic: command.topic, key: key, value: value)
        if command.messageCreateTime >= 0 {
            record.timestampMs = command.messageCreateTime + Int64(start.elapsedNs / 1_000_000)
        }
        do throws(KafkaClientError) {
            return Sent(key: key, value: value, delivery: .success(try await producer.enqueue(record)))
        } catch {
            return Sent(key: key, value: value, delivery: .failure(error))
        }
    }

    /// - Returns: whether the record was acknowledged.
    private func tell(_ sent: Sent, _ printer: EventPrinter) async throws -> Bool {
        let outcome: Result<RecordMetadata, KafkaClientError>
        do throws(KafkaClientError) {
            outcome = .success(try await sent.delivery.get().value)
        } catch {
            outcome = .failure(error)
        }
        switch outcome {
        case .success(let written):
            try printer.print(
                "producer_send_success",
                [
                    "key": .optional(sent.key), "value": .string(sent.value), "offset": .number(written.offset),
                    "topic": .string(written.topic), "partition": .number(written.partition),
                ]
            )
            return true
        case .failure(let error):
            try printer.print(
                "producer_send_error",
                [
                    "key": .optional(sent.key), "value": .string(sent.value), "exception": .string("\(error.code)"),
                    "message": .string(error.message), "topic": .string(command.topic),
                ]
            )
            return false
        }
    }
}
