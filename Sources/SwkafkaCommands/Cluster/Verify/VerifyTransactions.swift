import KafkaClient

/// Writes numbered records in transactions, some of which it aborts, until the workload is over.
struct VerifyTransactions: Sendable {
    let worker: Int
    let workload: VerifyWorkload
    /// Decides what is aborted.
    let seed: UInt64

    /// How long to try to end a transaction.
    private static let patience = Duration.seconds(60)
    /// Of so many transactions one is aborted.
    private static let abortedOne = 4

    func run() async throws {
        var chance = SplitMix(seed: seed)
        while !workload.isOver.isSet {
            do {
                try await live(&chance)
            } catch {
                workload.ledger.failed(error)
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// One life of the producer; the next one has the same transactional id, and ends what this one has left open.
    private func live(_ chance: inout SplitMix) async throws {
        let id = workload.ledger.newProducer()
        let properties = [
            "transactional.id": "\(workload.topic)-\(worker)", "transaction.timeout.ms": "10000",
            "delivery.timeout.ms": "15000",
        ]
        var fate = chance
        defer { chance = fate }
        try await workload.withCluster("verify-transactions-\(worker)", properties) { cluster, set in
            let configuration = try ProducerConfiguration(properties: &set)
            try await KafkaProducer.withProducer(cluster, configuration: configuration) { producer in
                try await producer.initTransactions()
                while !workload.isOver.isSet {
                    try await transaction(id, producer, &fate)
                    try await Task.sleep(for: .milliseconds(VerifyWorkload.tickMs))
                }
            }
        }
    }

    private func transaction(_ id: Int32, _ producer: KafkaProducer, _ chance: inout SplitMix) async throws {
        let transaction = workload.ledger.newTransaction()
        let count = Int.random(in: 1...max(2, 2 * workload.rate * VerifyWorkload.tickMs / 1000), using: &chance)
        let aborts = Int.random(in: 0..<Self.abortedOne, using: &chance) == 0
        try producer.beginTransaction()
        var flights: [(VerifyRecord, PendingDelivery)] = []
        var isCommitting = false
        do {
            for _ in 0..<count {
                let record = workload.ledger.write(id, in: transaction)
                flights.append((record, try await workload.send(record, producer)))
            }
            if aborts {
                // What is not sent yet is dropped: some of it has to be there.
                for (record, delivery) in flights {
                    workload.ledger.acknowledged(record, try await delivery.value, by: worker)
                }
                try await end { () async throws(KafkaClientError) in
                    try await producer.abortTransaction(timeout: .seconds(10))
                }
                workload.ledger.ended(transaction, .aborted)
                return
            }
            isCommitting = true
            try await end { () async throws(KafkaClientError) in
                try await producer.commitTransaction(timeout: .seconds(10))
            }
            workload.ledger.ended(transaction, .committed)
        } catch {
            workload.ledger.failed(error)
            await settle(flights)
            // Never committed: whoever ends it aborts it.
            if !isCommitting { workload.ledger.ended(transaction, .aborted) }
            try await end { () async throws(KafkaClientError) in
                try await producer.abortTransaction(timeout: .seconds(10))
            }
            workload.ledger.ended(transaction, .aborted)
            return
        }
        await settle(flights)
    }

    /// Tries again while the outcome is open.
    private func end(_ attempt: () async throws(KafkaClientError) -> Void) async throws(KafkaClientError) {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do throws(KafkaClientError) {
                return try await attempt()
            } catch {
                guard error.code == .timedOut, ContinuousClock.now < deadline, !Task.isCancelled else { throw error }
            }
        }
    }

    private func settle(_ flights: [(VerifyRecord, PendingDelivery)]) async {
        for (record, delivery) in flights {
            guard let written = try? await delivery.value else { continue }
            workload.ledger.acknowledged(record, written, by: worker)
        }
    }
}
