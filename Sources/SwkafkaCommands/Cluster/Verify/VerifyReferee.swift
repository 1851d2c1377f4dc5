import KafkaClient

/// Finds out, once nothing is written any more, what of a workload is there.
struct VerifyReferee {
    let home: ClusterHome
    let setup: VerifyReport.Setup
    let admin: KafkaAdmin

    private static let glance = Duration.milliseconds(100)

    private func wait(_ patience: Duration, _ body: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + patience
        while true {
            // Whoever cannot answer yet will.
            if (try? await body()) == true { return true }
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: Self.glance)
        }
    }

    /// Waits until every replica is in sync.
    func awaitWhole(patience: Duration) async throws {
        let isWhole = try await wait(patience) {
            guard let topic = try await admin.describeTopics([setup.topic])[setup.topic]?.get() else { return false }
            return topic.partitions.allSatisfy { partition in
                partition.metadata.leader >= 0
                    && Set(partition.metadata.inSyncReplicas) == Set(partition.metadata.replicas)
            }
        }
        guard isWhole else {
            throw CommandFailure(
                "swkafka cluster verify: after \(patience) without faults not all replicas of \(setup.topic) are in sync.",
                hint: "See 'swkafka topics --describe' and 'swkafka cluster logs'."
            )
        }
    }

    /// Where partitions end, when what is written has been committed or aborted: transactions that were left open too.
    func settle(_ ledger: VerifyLedger, patience: Duration) async throws -> [Int32: Int64] {
        var (ends, stable): ([Int32: Int64], [Int32: Int64]) = ([:], [:])
        let isSettled = try await wait(patience) {
            ends = try await offsets(.readUncommitted)
            stable = try await offsets(.readCommitted)
            return ends == stable
        }
        guard ends.count == Int(setup.partitions) else {
            throw CommandFailure("swkafka cluster verify: not every partition of \(setup.topic) tells where it ends.")
        }
        ledger.update { history in
            history.highWatermarks = ends
            if !isSettled { history.stableOffsets = stable.filter { $0.value < ends[$0.key] ?? 0 } }
        }
        return ends
    }

    private func offsets(_ isolation: IsolationLevel) async throws -> [Int32: Int64] {
        let specs = (0..<setup.partitions).map {
            (TopicPartition(topic: setup.topic, partition: $0), OffsetSpec.latest)
        }
        let found = try await admin.listOffsets(Dictionary(uniqueKeysWithValues: specs), isolationLevel: isolation)
        var offsets: [Int32: Int64] = [:]
        for (partition, result) in found { offsets[partition.partition] = try result.get().offset }
        return offsets
    }

    /// Reads everything once more, and what the replicas have.
    func takeStock(
        _ ledger: VerifyLedger,
        _ workload: VerifyWorkload,
        _ ends: [Int32: Int64],
        patience: Duration
    ) async throws {
        let deadline = ContinuousClock.now + patience
        let all = try await VerifyReader(name: "stock of all", readsCommitted: false, workload: workload)
            .readAll(to: ends, deadline: deadline)
        let stable = ledger.history.stableOffsets
        let committed = try await VerifyReader(name: "stock of committed", readsCommitted: true, workload: workload)
            .readAll(to: ends.merging(stable) { $1 }, deadline: deadline)
        guard let topic = try await admin.describeTopics([setup.topic])[setup.topic]?.get() else { return }
        var replicas: [Int32: [Int32: [VerifyHistory.StoredBatch]]] = [:]
        for partition in topic.partitions.map(\.metadata) {
            for broker in partition.replicas {
                let batches = try VerifyReplicas.batches(
                    of: "\(setup.topic)-\(partition.index)",
                    in: home.folder(broker).dataPath,
                    below: ends[partition.index] ?? 0
                )
                replicas[partition.index, default: [:]][broker] = batches
            }
        }
        ledger.update { history in
            history.all = all
            history.committed = committed
            history.replicas = replicas
        }
    }
}
