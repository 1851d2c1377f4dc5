import KafkaClient

/// Reads the topic while it is written, and to its end.
struct VerifyReader: Sendable {
    let name: String
    let readsCommitted: Bool
    let workload: VerifyWorkload

    private static let glance = Duration.milliseconds(200)

    /// Reads until the end is known and reached, or time is up.
    func run() async throws {
        let place = workload.ledger.newReader(name, readsCommitted: readsCommitted)
        try await consume { consumer in
            var hasFailed = false
            while !Task.isCancelled {
                do throws(KafkaClientError) {
                    if let batch = try await consumer.nextBatch(timeout: Self.glance) {
                        let sightings = try Self.sightings(batch)
                        workload.ledger.update { history in
                            history.readers[place].sightings[batch.partition.partition, default: []] += sightings
                        }
                    }
                } catch {
                    if note(error, place) { hasFailed = true }
                }
                guard let (ends, deadline) = workload.ends.known else { continue }
                let missing = ends.filter { partition, end in
                    consumer.position(of: TopicPartition(topic: workload.topic, partition: partition)) ?? 0 < end
                }
                // What it was told that must not happen keeps it from the end, too.
                if missing.isEmpty || hasFailed { return }
                guard ContinuousClock.now > deadline else { continue }
                for partition in missing.keys {
                    let position = consumer.position(of: TopicPartition(topic: workload.topic, partition: partition))
                    workload.ledger.update { $0.readers[place].stuckAt[partition] = position ?? 0 }
                }
                return
            }
        }
    }

    /// Everything from the beginning to `ends`, or as far as it gets by `deadline`.
    func readAll(
        to ends: [Int32: Int64],
        deadline: ContinuousClock.Instant
    ) async throws -> [Int32: [VerifyHistory.Sighting]] {
        try await consume { consumer in
            var found: [Int32: [VerifyHistory.Sighting]] = [:]
            while ContinuousClock.now < deadline {
                let isThrough = ends.allSatisfy { partition, end in
                    end == 0
                        || consumer.position(of: TopicPartition(topic: workload.topic, partition: partition)) ?? 0
                            >= end
                }
                if isThrough { break }
                guard let batch = try await consumer.nextBatch(timeout: Self.glance) else { continue }
                found[batch.partition.partition, default: []] += try Self.sightings(batch)
            }
            return found
        }
    }

    private func consume<Result>(_ body: (KafkaConsumer) async throws -> Result) async throws -> Result {
        let properties = [
            "isolation.level": readsCommitted ? "read_committed" : "read_uncommitted", "auto.offset.reset": "none",
        ]
        return try await workload.withCluster("verify-\(name)", properties) { cluster, set in
            let consumer = KafkaConsumer(cluster: cluster, configuration: try ConsumerConfiguration(properties: &set))
            consumer.assign(
                Dictionary(
                    uniqueKeysWithValues: (0..<workload.partitions).map {
                        (TopicPartition(topic: workload.topic, partition: $0), StartPosition.offset(0))
                    }
                )
            )
            do {
                let result = try await body(consumer)
                await consumer.close()
                return result
            } catch {
                await consumer.close()
                throw error
            }
        }
    }

    private static func sightings(_ batch: ConsumedBatch) throws(KafkaClientError) -> [VerifyHistory.Sighting] {
        var found: [VerifyHistory.Sighting] = []
        var records = try batch.records()
        while let record = try records.next() {
            found.append(.init(offset: record.offset, record: VerifyRecord(key: record.key, value: record.value)))
        }
        return found
    }

    /// Errors that stand for lost or damaged records are violations; others are the weather.
    ///
    /// - Returns: whether it was a violation.
    private func note(_ error: KafkaClientError, _ place: Int) -> Bool {
        workload.ledger.failed(error)
        let grave: [KafkaClientError.Code] = [.offsetOutOfRange, .logTruncated, .corruptBatch]
        guard grave.contains(error.code) else { return false }
        workload.ledger.update { $0.readers[place].complaints.append(error.message) }
        return true
    }
}
