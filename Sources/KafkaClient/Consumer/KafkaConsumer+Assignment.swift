import KafkaMessages
import Synchronization

extension KafkaConsumer {
    /// Starts to read certain partitions; one that is being read already gets the new position.
    ///
    /// Whether they exist is found out later: reading one that does not waits until it does.
    public func assign(_ starts: [TopicPartition: StartPosition]) {
        let sorted = starts.sorted { $0.key < $1.key }.map { (partition: $0.key, start: $0.value) }
        state.withLock { $0.core.assign(sorted) }
        learnLeaders()
        ensureRunning()
        notifyAll()
    }

    /// Reads all partitions of topics, those that are added later too.
    ///
    /// - Parameters:
    ///   - start: where to start in the partitions that exist now; partitions that appear later are read from their
    ///     beginning.
    ///   - timeout: how long to wait for the topics to exist; `default.api.timeout.ms` when `nil`.
    /// - Throws: ``KafkaClientError/Code/unknownTopic`` when one does not exist by then.
    public func assign(
        topics: [String],
        from start: StartPosition,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) {
        let deadline = timeout.map { Deadline.after($0) } ?? cluster.callDeadline()
        var known: [TopicMetadata] = []
        for name in topics {
            known.append(try await cluster.topic(name, deadline: deadline))
        }
        state.withLock { state in
            state.subscription.add(topics: topics, start: start)
            for topic in known {
                let found = state.subscription.take(topic: topic.name, partitions: topic.partitions.map(\.index))
                state.core.assign(found)
            }
        }
        learnLeaders()
        ensureRunning()
        notifyAll()
    }

    /// Reads all topics whose names a closure chooses, those that are created later too.
    ///
    /// New topics are noticed when metadata are refreshed (`metadata.max.age.ms`).
    ///
    /// - Parameters:
    ///   - start: where to start in the topics that exist now and in those that appear later.
    ///   - includesInternal: whether topics that Kafka itself owns may be chosen.
    /// - Returns: the topics that were chosen now.
    @discardableResult
    public func assign(
        topicsMatching matches: @escaping @Sendable (String) -> Bool,
        from start: StartPosition,
        includesInternal: Bool = false
    ) async throws(KafkaClientError) -> [String] {
        let internalTopics = try await internalTopicNames()
        state.withLock { state in
            state.subscription.setPattern(start: start) { name in
                (includesInternal || !internalTopics.contains(name)) && matches(name)
            }
        }
        let chosen = try await findMatchingTopics(deadline: cluster.callDeadline())
        ensureRunning()
        notifyAll()
        return chosen
    }

    private func internalTopicNames() async throws(KafkaClientError) -> Set<String> {
        let deadline = cluster.callDeadline()
        let response = try await cluster.withRetries(deadline: deadline) {
            [cluster] (_) async throws(KafkaClientError) in
            try await cluster.fetchMetadata(topics: nil, allowsTopicCreation: false, deadline: deadline)
        }
        return Set(response.topics.filter(\.isInternal).compactMap(\.name))
            .union(["__consumer_offsets", "__transaction_state", "__share_group_state"])
    }

    /// Stops to read partitions.
    public func unassign(_ partitions: Set<TopicPartition>) {
        state.withLock { $0.core.unassign(partitions) }
        notifyAll()
    }

    /// Stops to read anything.
    public func unassignAll() {
        state.withLock { state in
            state.subscription.removeAll()
            state.core.unassign(Set(state.core.partitions.keys))
        }
        notifyAll()
    }

    /// The partitions that are being read, sorted.
    public var assignment: [TopicPartition] {
        state.withLock { $0.core.partitions.keys.sorted() }
    }

    /// Continues a partition elsewhere; what was fetched from it is dropped.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidArgument`` when the partition is not assigned.
    public func seek(_ partition: TopicPartition, to start: StartPosition) throws(KafkaClientError) {
        guard state.withLock({ $0.core.seek(partition, to: start) }) else {
            throw KafkaClientError(.invalidArgument, "\(partition) is not assigned to this consumer.")
        }
        notifyAll()
    }

    /// Holds back the records of partitions until they are resumed.
    public func pause(_ partitions: some Sequence<TopicPartition>) {
        state.withLock { state in
            for partition in partitions {
                state.core.setPaused(true, partition)
            }
        }
    }

    /// Hands out the records of paused partitions again.
    public func resume(_ partitions: some Sequence<TopicPartition>) {
        state.withLock { state in
            for partition in partitions {
                state.core.setPaused(false, partition)
            }
        }
        notifyAll()
    }

    // What is known about positions

    /// The offset after the last record that was handed out, or where reading starts; `nil` while that is looked up.
    public func position(of partition: TopicPartition) -> Int64? {
        state.withLock { $0.core.partitions[partition]?.position }
    }

    /// The offset after the last record that consumers may see, as of the last answer; `nil` before the first.
    ///
    /// With ``IsolationLevel/readCommitted`` this is the last stable offset, else the high watermark.
    public func endOffset(of partition: TopicPartition) -> Int64? {
        let isolationLevel = configuration.isolationLevel
        return state.withLock { state in
            guard let progress = state.core.partitions[partition] else { return nil }
            let end =
                isolationLevel == .readCommitted && progress.lastStableOffset >= 0
                ? progress.lastStableOffset : progress.highWatermark
            return end >= 0 ? end : nil
        }
    }

    /// The offset of the first record that is still there, as of the last answer; `nil` before the first.
    public func beginningOffset(of partition: TopicPartition) -> Int64? {
        state.withLock { state in
            guard let start = state.core.partitions[partition]?.logStartOffset, start >= 0 else { return nil }
            return start
        }
    }

    /// Whether everything that consumers may see, as of each partition's last answer, has been handed out.
    public var hasReachedEnd: Bool {
        let isolationLevel = configuration.isolationLevel
        return state.withLock { state in
            state.core.partitions.values.allSatisfy { progress in
                let end = isolationLevel == .readCommitted ? progress.lastStableOffset : progress.highWatermark
                guard let position = progress.position, end >= 0 else { return false }
                return position >= end
            }
        }
    }
}
