import KafkaMessages
import KafkaWire

/// The offsets of all groups of a coordinator; they change in `replay` and with the end of a transaction only.
struct OffsetStore: Sendable {
    /// Partitions by topic.
    typealias Topics = [String: [Int32: CommittedOffset]]

    private struct PartitionKey: Hashable {
        var group: String
        var topic: String
        var partition: Int32

        init(_ group: String, _ topic: String, _ partition: Int32) {
            self.group = group
            self.topic = topic
            self.partition = partition
        }
    }

    private(set) var groups: [String: Topics] = [:]
    /// By producer and group: what counts when its transaction commits.
    private var pending: [Int64: [String: Topics]] = [:]
    /// Open transactions that have an offset for the partition.
    private var open: [PartitionKey: Int] = [:]
    /// Open transactions that have offsets for the group.
    private var openGroups: [String: Int] = [:]
    private var nextOrder: UInt64 = 0

    // MARK: Reading

    func offset(_ group: String, _ topic: String, _ partition: Int32) -> CommittedOffset? {
        groups[group]?[topic]?[partition]
    }

    /// A transaction that may change the offset is not decided.
    func isUnstable(_ group: String, _ topic: String, _ partition: Int32) -> Bool {
        !open.isEmpty && open[PartitionKey(group, topic, partition)] != nil
    }

    /// Whether there are offsets, or may be when a transaction commits.
    func hasOffsets(_ group: String) -> Bool { groups[group] != nil || openGroups[group] != nil }

    /// An open transaction may bring offsets for the group.
    func hasOpenTransactions(_ group: String) -> Bool { openGroups[group] != nil }

    var count: Int { groups.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } } }

    // MARK: The log

    /// - Parameter topicID: of the topic that the key names now, if that is known.
    mutating func replay(
        _ key: OffsetCommitKey,
        _ value: OffsetCommitValue?,
        topicID: KafkaUUID? = nil,
        producerID: Int64?
    ) {
        guard let value else { return remove(key) }
        nextOrder += 1
        let offset = CommittedOffset(
            offset: value.offset,
            leaderEpoch: value.leaderEpoch,
            metadata: value.metadata,
            commitTimestampMs: value.commitTimestamp,
            expireTimestampMs: value.expireTimestamp == -1 ? nil : value.expireTimestamp,
            topicID: topicID,
            order: nextOrder
        )
        guard let producerID else {
            groups[key.group, default: [:]][key.topic, default: [:]][key.partition] = offset
            return
        }
        if pending[producerID]?[key.group] == nil { openGroups[key.group, default: 0] += 1 }
        let former = pending[producerID, default: [:]][key.group, default: [:]][key.topic, default: [:]]
            .updateValue(offset, forKey: key.partition)
        if former == nil { open[PartitionKey(key.group, key.topic, key.partition), default: 0] += 1 }
    }

    /// Also what open transactions would bring: who deletes an offset deletes those that were committed before.
    private mutating func remove(_ key: OffsetCommitKey) {
        if isUnstable(key.group, key.topic, key.partition) { removePending(key) }
        groups[key.group]?[key.topic]?[key.partition] = nil
        if groups[key.group]?[key.topic]?.isEmpty == true { groups[key.group]?[key.topic] = nil }
        if groups[key.group]?.isEmpty == true { groups[key.group] = nil }
    }

    private mutating func removePending(_ key: OffsetCommitKey) {
        for producer in pending.keys {
            guard var topics = pending[producer]?[key.group],
                topics[key.topic]?.removeValue(forKey: key.partition) != nil
            else { continue }
            if topics[key.topic]?.isEmpty == true { topics[key.topic] = nil }
            pending[producer]?[key.group] = topics.isEmpty ? nil : topics
            if topics.isEmpty { decrement(&openGroups, key.group) }
            if pending[producer]?.isEmpty == true { pending[producer] = nil }
        }
        open[PartitionKey(key.group, key.topic, key.partition)] = nil
    }

    /// Returns the groups that have offsets now through the transaction.
    mutating func endTransaction(producerID: Int64, isCommit: Bool) -> [String] {
        guard let ended = pending.removeValue(forKey: producerID) else { return [] }
        for (group, topics) in ended {
            decrement(&openGroups, group)
            for (topic, partitions) in topics {
                for (partition, offset) in partitions {
                    decrement(&open, PartitionKey(group, topic, partition))
                    guard isCommit else { continue }
                    if let known = self.offset(group, topic, partition), known.order > offset.order { continue }
                    groups[group, default: [:]][topic, default: [:]][partition] = offset
                }
            }
        }
        return isCommit ? ended.keys.sorted() : []
    }

    private func decrement<Key>(_ counts: inout [Key: Int], _ key: Key) {
        let count = (counts[key] ?? 1) - 1
        counts[key] = count == 0 ? nil : count
    }

    // MARK: Tombstones

    /// Records that delete all offsets of a topic, of every group, also those that are pending. Offsets of another topic
    /// that has got its name meanwhile stay.
    func tombstones(topic: RemovedTopic) -> [CoordinatorRecord] {
        let own = { (offset: CommittedOffset) in offset.topicID == nil || offset.topicID == topic.id }
        var records: [CoordinatorRecord] = []
        for (group, topics) in groups {
            for (partition, offset) in topics[topic.name] ?? [:] where own(offset) {
                if let record = Self.tombstone(group, topic.name, partition) { records.append(record) }
            }
        }
        for (group, topics) in pending.values.joined() {
            for (partition, offset) in topics[topic.name] ?? [:] where own(offset) {
                // The offset that counts now is deleted above, or belongs to the other topic.
                guard self.offset(group, topic.name, partition) == nil else { continue }
                if let record = Self.tombstone(group, topic.name, partition) { records.append(record) }
            }
        }
        return records
    }

    func tombstones(group: String) -> [CoordinatorRecord] {
        (groups[group] ?? [:]).flatMap { topic, partitions in
            partitions.keys.compactMap { Self.tombstone(group, topic, $0) }
        }
    }

    static func tombstone(_ group: String, _ topic: String, _ partition: Int32) -> CoordinatorRecord? {
        try? GroupRecord.offset(OffsetCommitKey(group: group, topic: topic, partition: partition), nil).encoded()
    }
}
