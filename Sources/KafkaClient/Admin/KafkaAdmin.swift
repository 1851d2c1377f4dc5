import KafkaMessages
import Synchronization

/// Administrative calls: topics, configurations, offsets, and the cluster itself.
///
/// A call that concerns several things has a result for each of them: one failure does not hide what worked. The call as
/// a whole throws only when no broker could be asked. Retriable failures are repeated until `default.api.timeout.ms`, or
/// the call's own `timeout`, is over.
public struct KafkaAdmin: Sendable {
    let cluster: KafkaCluster

    /// Calls on a cluster, which must stay open as long as this is used.
    public init(cluster: KafkaCluster) {
        self.cluster = cluster
    }

    func deadline(_ timeout: Duration?) -> Deadline {
        timeout.map { Deadline.after($0) } ?? cluster.callDeadline()
    }

    /// Asks the leaders of partitions, all at once, and again where that may help.
    ///
    /// - Parameter ask: asks one broker about partitions that it leads; partitions that it leaves out count as
    ///   unanswered.
    func askLeaders<Answer: Sendable>(
        about partitions: [TopicPartition],
        deadline: Deadline,
        ask:
            @escaping @Sendable (_ node: Int32, _ partitions: [TopicPartition]) async throws(KafkaClientError)
            -> [TopicPartition: Result<Answer, KafkaClientError>]
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Answer, KafkaClientError>] {
        var results: [TopicPartition: Result<Answer, KafkaClientError>] = [:]
        var attempt = 0
        while true {
            var pending: [TopicPartition] = []
            for partition in partitions {
                switch results[partition] {
                case nil: pending.append(partition)
                case .failure(let error) where error.isRetriable: pending.append(partition)
                case .failure, .success: continue
                }
            }
            guard !pending.isEmpty else { return results }
            if attempt > 0 {
                guard await cluster.sleep(cluster.backoff.pause(afterFailures: attempt), deadline: deadline) else {
                    if Task.isCancelled { throw .wasCancelled }
                    return results
                }
            }
            do throws(KafkaClientError) {
                try await cluster.learn(topics: Set(pending.map(\.topic)), freshly: attempt > 0, deadline: deadline)
            } catch {
                // After the first round every partition has its own answer, which a late look must not take away.
                guard attempt > 0, error.isRetriable || error.code == .timedOut else { throw error }
                attempt += 1
                continue
            }
            attempt += 1
            var routed: [(node: Int32, partition: TopicPartition)] = []
            for partition in pending {
                switch cluster.route(to: partition) {
                case .success(let node): routed.append((node, partition))
                case .failure(let error): results[partition] = .failure(error)
                }
            }
            let answers = await askEach(grouped(routed, by: \.node), ask)
            results.merge(answers) { _, new in new }
        }
    }

    /// Asks several brokers at once; a broker that cannot be asked answers for all its partitions with the failure.
    private func askEach<Answer: Sendable>(
        _ groups: [(key: Int32, elements: [(node: Int32, partition: TopicPartition)])],
        _ ask:
            @escaping @Sendable (Int32, [TopicPartition]) async throws(KafkaClientError)
            -> [TopicPartition: Result<Answer, KafkaClientError>]
    ) async -> [TopicPartition: Result<Answer, KafkaClientError>] {
        await withTaskGroup(of: [TopicPartition: Result<Answer, KafkaClientError>].self) { tasks in
            for (node, elements) in groups {
                let partitions = elements.map(\.partition)
                tasks.addTask {
                    var answers: [TopicPartition: Result<Answer, KafkaClientError>] = [:]
                    do throws(KafkaClientError) {
                        answers = try await ask(node, partitions)
                    } catch {
                        for partition in partitions {
                            answers[partition] = .failure(error)
                        }
                    }
                    for partition in partitions where answers[partition] == nil {
                        answers[partition] = .failure(
                            KafkaClientError(.protocolViolation, "Broker \(node) did not answer for \(partition).")
                        )
                    }
                    return answers
                }
            }
            return await tasks.reduce(into: [:]) { all, some in all.merge(some) { _, new in new } }
        }
    }
}

extension KafkaCluster {
    /// Makes sure that topics are known, or that it is known that they are not. Never creates one.
    func learn(topics: Set<String>, freshly: Bool, deadline: Deadline) async throws(KafkaClientError) {
        let isKnown = withMetadata { cache in topics.allSatisfy { cache.topic($0) != nil } }
        guard !isKnown || freshly else { return }
        let response = try await withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            try await fetchMetadata(topics: topics.sorted(), allowsTopicCreation: false, deadline: deadline)
        }
        let nowMs = MonotonicClock.nowMs
        state.withLock { $0.cache.apply(response, nowMs: nowMs) }
        metadataChanged.notify()
    }

    /// The node that leads a partition, or why it cannot be told.
    func route(to partition: TopicPartition) -> Result<Int32, KafkaClientError> {
        withMetadata { cache in
            guard let topic = cache.topic(partition.topic) else {
                let error = cache.failure(of: partition.topic)?.error ?? .unknownTopicOrPartition
                return .failure(KafkaClientError("Topic '\(partition.topic)' cannot be used", error))
            }
            guard let entry = topic.partition(partition.partition) else {
                return .failure(
                    KafkaClientError(
                        .unknownPartition,
                        "Topic '\(partition.topic)' has no partition \(partition.partition): "
                            + "it has \(topic.partitions.count).",
                        brokerError: .unknownTopicOrPartition
                    )
                )
            }
            guard cache.nodes[entry.leader] != nil else {
                return .failure(KafkaClientError("\(partition) has no leader at the moment", .leaderNotAvailable))
            }
            return .success(entry.leader)
        }
    }
}
