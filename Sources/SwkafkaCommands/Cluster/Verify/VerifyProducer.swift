import KafkaClient

/// Writes numbered records as an idempotent producer, until the workload is over.
struct VerifyProducer: Sendable {
    let worker: Int
    let workload: VerifyWorkload

    /// So many records may wait for their answer.
    private static let window = 500

    private typealias Flight = (record: VerifyRecord, delivery: PendingDelivery)

    func run() async throws {
        while !workload.isOver.isSet {
            do {
                try await live()
            } catch {
                // A producer that cannot go on is replaced, as an application would have it.
                workload.ledger.failed(error)
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// One life of the producer.
    private func live() async throws {
        let id = workload.ledger.newProducer()
        try await workload.withCluster("verify-producer-\(worker)", ["acks": "all", "delivery.timeout.ms": "15000"]) {
            cluster,
            set in
            let configuration = try ProducerConfiguration(properties: &set)
            try await KafkaProducer.withProducer(cluster, configuration: configuration) { producer in
                try await write(id, producer)
            }
        }
    }

    private func write(_ id: Int32, _ producer: KafkaProducer) async throws {
        var flights: [Flight] = []
        do {
            while !workload.isOver.isSet {
                for _ in 0..<max(1, workload.rate * VerifyWorkload.tickMs / 1000) {
                    let record = workload.ledger.write(id)
                    flights.append((record, try await workload.send(record, producer)))
                }
                if flights.count > Self.window {
                    for flight in flights.prefix(Self.window / 2) { await settle(flight) }
                    flights.removeFirst(Self.window / 2)
                }
                try await Task.sleep(for: .milliseconds(VerifyWorkload.tickMs))
            }
        } catch {
            for flight in flights { await settle(flight) }
            throw error
        }
        for flight in flights { await settle(flight) }
    }

    private func settle(_ flight: Flight) async {
        do throws(KafkaClientError) {
            workload.ledger.acknowledged(flight.record, try await flight.delivery.value, by: worker)
        } catch {
            workload.ledger.failed(error)
        }
    }
}
