import KafkaMessages
import Logging
import Synchronization

extension KafkaConsumer {
    /// The background work: looks up positions, notices partitions, and keeps one fetch going for each broker.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in await followMetadata() }
            group.addTask { [self] in await watchTopics() }
            group.addTask { [self] in await commitFromTimeToTime() }
            while !Task.isCancelled {
                let seen = positions.version
                learnLeaders()
                let nowMs = MonotonicClock.nowMs
                let work = state.withLock { $0.takeWork(nowMs: nowMs) }
                if work.needsMetadata {
                    cluster.requestMetadataRefresh()
                }
                for (leader, lookUps) in grouped(work.lookUps, by: \.leader) {
                    group.addTask { [self] in await lookUp(lookUps, at: leader) }
                }
                if !work.committedLookUps.isEmpty {
                    group.addTask { [self] in await lookUpCommitted(work.committedLookUps) }
                }
                for (leader, checks) in grouped(work.checks, by: \.leader) {
                    group.addTask { [self] in await check(checks, at: leader) }
                }
                for node in work.newSources {
                    group.addTask { [self] in await fetch(from: node) }
                }
                _ = await positions.wait(past: seen, untilMs: work.nextDueMs)
            }
            group.cancelAll()
        }
    }

    /// Tells the partitions who leads them.
    func learnLeaders() {
        let partitions = state.withLock { Array($0.core.partitions.keys) }
        guard !partitions.isEmpty else { return }
        let nowMs = MonotonicClock.nowMs
        let topics = Set(partitions.map(\.topic))
        let known = cluster.state.withLock { state in
            for topic in topics {
                state.cache.use(topic, nowMs: nowMs)
            }
            return Dictionary(
                uniqueKeysWithValues: topics.compactMap { name in
                    state.cache.topic(name).map { (name, $0) }
                }
            )
        }
        let nodes = cluster.withMetadata { $0.nodes }
        state.withLock { state in
            state.core.metadataChanged { partition in
                guard let topic = known[partition.topic], let entry = topic.partition(partition.partition) else {
                    return nil
                }
                return (nodes[entry.leader] == nil ? nil : entry.leader, entry.leaderEpoch, topic.id)
            }
        }
    }

    private func followMetadata() async {
        var seen: UInt64 = 0
        while !Task.isCancelled {
            guard await cluster.metadataChanged.wait(past: seen) else { return }
            seen = cluster.metadataChanged.version
            noticePartitions()
            positions.notify()
            room.notify()
        }
    }

    /// Takes in partitions that were added to topics which are read as a whole, and lets go of deleted topics.
    private func noticePartitions() {
        let topics = state.withLock { $0.subscription.namedTopics }
        guard !topics.isEmpty else { return }
        let nowMs = MonotonicClock.nowMs
        let (known, deleted) = cluster.state.withLock { state in
            for topic in topics {
                state.cache.use(topic, nowMs: nowMs)
            }
            return (
                topics.compactMap { state.cache.topic($0) },
                topics.filter { state.cache.failure(of: $0)?.error == .unknownTopicOrPartition }
            )
        }
        state.withLock { state in
            for name in deleted {
                state.core.unassign(state.subscription.removed(topic: name))
            }
            for topic in known {
                state.core.assign(
                    state.subscription.take(topic: topic.name, partitions: topic.partitions.map(\.index))
                )
            }
        }
    }

    /// Lists all topics from time to time when topics are chosen by name.
    private func watchTopics() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: cluster.configuration.metadata.maxAge)
            } catch {
                return
            }
            guard state.withLock({ $0.subscription.hasPattern }) else { continue }
            do {
                try await findMatchingTopics(deadline: cluster.callDeadline())
                positions.notify()
            } catch {
                logger.debug("Topics could not be listed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Lists all topics, and starts to read those that are chosen and not being read yet.
    @discardableResult
    func findMatchingTopics(deadline: Deadline) async throws(KafkaClientError) -> [String] {
        let response = try await cluster.withRetries(deadline: deadline) {
            [cluster] (_) async throws(KafkaClientError) in
            try await cluster.fetchMetadata(topics: nil, allowsTopicCreation: false, deadline: deadline)
        }
        let nowMs = MonotonicClock.nowMs
        let chosen = state.withLock { state in
            response.topics.filter { topic in
                topic.errorCode == .none && topic.name.map { state.subscription.wants($0) } == true
            }
        }
        var wanted = response
        wanted.topics = chosen
        cluster.state.withLock { state in
            state.cache.apply(wanted, nowMs: nowMs)
            for name in chosen.compactMap(\.name) {
                state.cache.use(name, nowMs: nowMs)
            }
        }
        state.withLock { state in
            for topic in chosen {
                guard let name = topic.name else { continue }
                let partitions = topic.partitions.map(\.partitionIndex)
                state.core.assign(state.subscription.take(topic: name, partitions: partitions))
            }
        }
        return chosen.compactMap(\.name).sorted()
    }
}

extension KafkaConsumer.State {
    struct Work {
        var lookUps: [ConsumerCore<FetchedRecords>.LookUp]
        var committedLookUps: [ConsumerCore<FetchedRecords>.LookUp]
        var checks: [ConsumerCore<FetchedRecords>.Check]
        var newSources: [Int32]
        var needsMetadata: Bool
        var nextDueMs: Int64?
    }

    /// What has to be started now.
    mutating func takeWork(nowMs: Int64) -> Work {
        let sources = core.sources(nowMs: nowMs).subtracting(fetchingNodes)
        fetchingNodes.formUnion(sources)
        return Work(
            lookUps: core.takeLookUps(nowMs: nowMs),
            committedLookUps: group?.holdsPositions == true ? [] : core.takeCommittedLookUps(nowMs: nowMs),
            checks: core.takeChecks(nowMs: nowMs),
            newSources: sources.sorted(),
            needsMetadata: core.partitions.values.contains { $0.leader == nil },
            nextDueMs: core.nextDueMs(nowMs: nowMs)
        )
    }
}
