package import KafkaMessages
package import KafkaWire

/// What is known about the cluster: nodes, topics, who leads what.
///
/// Rules:
/// - A partition's entry is replaced only by one with the same or a higher leader epoch, as long as the topic's id is
///   the same; a new id means a new topic, whose epochs start afresh.
/// - An epoch of -1 comes from a broker too old to have epochs and always replaces.
/// - Hints that come with Produce and Fetch errors (KIP-951) count only when their epoch is higher than the known one.
/// - A topic that nobody has used for a while is forgotten and no longer asked for.
///
/// Pure: time comes in as `nowMs` of a clock that never goes back.
package struct MetadataCache: Sendable {
    /// A topic that could not be described, and why.
    package struct Failure: Equatable, Sendable {
        package var error: ErrorCode
        package var sinceMs: Int64

        package init(error: ErrorCode, sinceMs: Int64) {
            self.error = error
            self.sinceMs = sinceMs
        }
    }

    private struct Entry: Sendable {
        var metadata: TopicMetadata
        var updatedMs: Int64
    }

    /// The cluster's id, once a broker has told it.
    package private(set) var clusterID: String?
    /// The node that takes administrative requests, once a broker has told it.
    package private(set) var controllerID: Int32?
    /// The live brokers by id.
    package private(set) var nodes: [Int32: Node] = [:]
    /// When the last answer was taken in; `nil` before the first.
    package private(set) var updatedMs: Int64?
    /// Goes up with every change of anything here.
    package private(set) var version: UInt64 = 0

    private var topics: [String: Entry] = [:]
    private var names: [KafkaUUID: String] = [:]
    private var failures: [String: Failure] = [:]
    private var lastUsedMs: [String: Int64] = [:]

    package init() {}

    /// The topic's description, if one is known.
    package func topic(_ name: String) -> TopicMetadata? {
        topics[name]?.metadata
    }

    /// The name that belongs to a topic id.
    package func name(of id: KafkaUUID) -> String? {
        names[id]
    }

    /// Why the last answer did not describe the topic.
    package func failure(of name: String) -> Failure? {
        failures[name]
    }

    /// When the topic was last described.
    package func updatedMs(of name: String) -> Int64? {
        topics[name]?.updatedMs
    }

    /// The partition's description, if one is known.
    package func partition(_ partition: TopicPartition) -> PartitionMetadata? {
        topics[partition.topic]?.metadata.partition(partition.partition)
    }

    /// The node that leads the partition, if there is one and its address is known.
    package func leader(of partition: TopicPartition) -> (node: Node, epoch: Int32)? {
        guard let entry = self.partition(partition), let node = nodes[entry.leader] else { return nil }
        return (node, entry.leaderEpoch)
    }

    /// The topics that somebody uses, and that a refresh therefore asks for.
    package var usedTopics: [String] {
        lastUsedMs.keys.sorted()
    }

    /// Notes that a topic is in use, so that it is kept and refreshed.
    package mutating func use(_ topic: String, nowMs: Int64) {
        lastUsedMs[topic] = nowMs
    }

    /// Forgets topics that were last used before a time, and says which.
    package mutating func expire(usedBeforeMs: Int64) -> [String] {
        let expired = lastUsedMs.filter { $0.value < usedBeforeMs }.map(\.key)
        for name in expired {
            lastUsedMs[name] = nil
            failures[name] = nil
            remove(name)
        }
        if !expired.isEmpty {
            version += 1
        }
        return expired.sorted()
    }

    /// Takes in an answer. Topics that it does not mention keep what is known about them.
    package mutating func apply(_ response: MetadataResponse, nowMs: Int64) {
        if !response.brokers.isEmpty {
            nodes = Dictionary(
                response.brokers.map { ($0.nodeId, Node($0)) },
                uniquingKeysWith: { _, last in last }
            )
        }
        clusterID = response.clusterId ?? clusterID
        controllerID = response.controllerId >= 0 ? response.controllerId : nil
        updatedMs = nowMs
        version += 1
        for topic in response.topics {
            apply(topic, nowMs: nowMs)
        }
    }

    /// Takes in who leads a partition now, as an error answer said (KIP-951).
    ///
    /// - Returns: whether anything was news.
    package mutating func applyHint(
        _ partition: TopicPartition,
        leader: Int32,
        epoch: Int32,
        endpoints: [Node]
    ) -> Bool {
        guard
            leader >= 0,
            var entry = topics[partition.topic],
            let index = entry.metadata.partitions.firstIndex(where: { $0.index == partition.partition }),
            epoch > entry.metadata.partitions[index].leaderEpoch,
            nodes[leader] != nil || endpoints.contains(where: { $0.id == leader })
        else { return false }
        for node in endpoints where node.id == leader {
            nodes[node.id] = node
        }
        entry.metadata.partitions[index].leader = leader
        entry.metadata.partitions[index].leaderEpoch = epoch
        entry.metadata.partitions[index].error = .none
        topics[partition.topic] = entry
        version += 1
        return true
    }

    /// Takes in the address of a broker that an answer other than metadata told, such as who coordinates a group.
    package mutating func learn(_ node: Node) {
        if let known = nodes[node.id], known.address == node.address { return }
        nodes[node.id] = node
        version += 1
    }

    /// Forgets nodes and what depends on them, before starting again from the bootstrap list.
    package mutating func forgetNodes() {
        nodes = [:]
        controllerID = nil
        version += 1
    }

    private mutating func apply(_ topic: MetadataResponse.MetadataResponseTopic, nowMs: Int64) {
        guard let name = topic.name ?? names[topic.topicId] else { return }
        guard topic.errorCode == .none else {
            failures[name] = Failure(error: topic.errorCode, sinceMs: failures[name]?.sinceMs ?? nowMs)
            if topic.errorCode == .unknownTopicOrPartition || topic.errorCode == .unknownTopicId {
                remove(name)
            }
            return
        }
        failures[name] = nil
        let known = topics[name]?.metadata
        let isSameTopic = known?.id == topic.topicId
        if !isSameTopic {
            remove(name)
        }
        let partitions = topic.partitions.map { (incoming) -> PartitionMetadata in
            let fresh = PartitionMetadata(incoming)
            guard
                isSameTopic, let old = known?.partition(fresh.index),
                fresh.leaderEpoch >= 0, fresh.leaderEpoch < old.leaderEpoch
            else { return fresh }
            return old
        }
        topics[name] = Entry(
            metadata: TopicMetadata(
                name: name,
                id: topic.topicId,
                isInternal: topic.isInternal,
                partitions: partitions
            ),
            updatedMs: nowMs
        )
        if topic.topicId != .zero {
            names[topic.topicId] = name
        }
    }

    private mutating func remove(_ name: String) {
        guard let entry = topics.removeValue(forKey: name) else { return }
        if names[entry.metadata.id] == name {
            names[entry.metadata.id] = nil
        }
    }
}
