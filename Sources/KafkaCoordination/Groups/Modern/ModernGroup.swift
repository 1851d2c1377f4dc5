import KafkaMessages
import KafkaWire

/// A consumer group of KIP-848, as its records in `__consumer_offsets` say; it changes in `replay` only.
///
/// Three epochs: the group's grows with every change of subscriptions or of the topics subscribed to; the target's is
/// the group epoch for which the target was last computed; a member's is that of the target it has reached.
///
/// Compaction may have left out any record but the last of a key, so a record never relies on an earlier one: a
/// partition belongs to the member whose record claimed it last, and gives it up only if it is still that member's.
struct ModernGroup: Equatable, Sendable {
    /// The topics that a pattern stood for when it was last looked at.
    struct ResolvedPattern: Equatable, Sendable {
        var topics: [String]
        /// Of the metadata image.
        var version: Int64
        var timestamp: Int64
    }

    private struct Place: Hashable, Sendable {
        let topic: KafkaUUID
        let partition: Int32
    }

    enum State: String, Sendable {
        case empty = "Empty"
        case assigning = "Assigning"
        case reconciling = "Reconciling"
        case stable = "Stable"
        case dead = "Dead"
    }

    let id: String
    private(set) var epoch: Int32 = 0
    /// Of the topics that members subscribe to: another hash, another epoch.
    private(set) var metadataHash: Int64 = 0
    private(set) var targetEpoch: Int32 = 0
    private(set) var members = BucketMap<String, ModernMember>()
    private(set) var census = MemberCensus()
    private(set) var targets = BucketMap<String, AssignedPartitions>()
    /// Member ids by instance id.
    private(set) var staticMembers = BucketMap<String, String>()
    private(set) var patterns: [String: ResolvedPattern] = [:]
    /// The record of a broker up to 4.0 that still waits for its tombstone.
    private(set) var hasPartitionMetadata = false
    private var owners = BucketMap<Place, String>()

    init(id: String) { self.id = id }

    var state: State {
        if members.isEmpty { return .empty }
        if epoch > targetEpoch { return .assigning }
        return members.values.allSatisfy { $0.isReconciled(to: targetEpoch) } ? .stable : .reconciling
    }

    func owner(_ topic: KafkaUUID, _ partition: Int32) -> String? { owners[Place(topic: topic, partition: partition)] }

    func staticMember(_ instanceID: String) -> ModernMember? {
        staticMembers[instanceID].flatMap { members[$0] }
    }

    var hasOnlyClassicMembers: Bool { census.classicMembers == members.count }

    /// The topics of names and of patterns that members subscribe to, existing or not.
    var subscribedTopics: Set<String> {
        var topics = Set(census.topics.keys)
        for pattern in census.patterns.keys { topics.formUnion(patterns[pattern]?.topics ?? []) }
        return topics
    }

    // MARK: Replay

    /// Takes over a record of this group.
    mutating func replay(_ record: GroupRecord) {
        switch record {
        case .consumerGroup(_, let value):
            epoch = value?.epoch ?? 0
            metadataHash = value?.metadataHash ?? 0
        case .partitionMetadata(_, let value): hasPartitionMetadata = value != nil
        case .member(let key, let value): replay(key.memberId, value)
        case .targetAssignment(_, let value): targetEpoch = value?.assignmentEpoch ?? 0
        case .memberTarget(let key, let value):
            targets[key.memberId] = value.map { value in
                AssignedPartitions(value.topicPartitions.map { ($0.topicId, $0.partitions) })
            }
        case .memberAssignment(let key, let value): replay(key.memberId, value)
        case .regularExpression(let key, let value):
            patterns[key.regularExpression] = value.map {
                ResolvedPattern(topics: $0.topics, version: $0.version, timestamp: $0.timestamp)
            }
        case .offset, .group: break
        }
    }

    private mutating func replay(_ id: String, _ value: ConsumerGroupMemberMetadataValue?) {
        let former = members[id]
        if let instance = former?.instanceID, staticMembers[instance] == id { staticMembers[instance] = nil }
        guard let value else {
            if let former { disown(former.owned, id) }
            census.change(from: former, to: nil)
            members[id] = nil
            return
        }
        var member = former ?? ModernMember(id: id)
        member.update(with: value)
        census.change(from: former, to: member)
        if let instance = member.instanceID { staticMembers[instance] = id }
        members[id] = member
    }

    private mutating func replay(_ id: String, _ value: ConsumerGroupCurrentMemberAssignmentValue?) {
        let former = members[id]
        guard var member = former ?? value.map({ _ in ModernMember(id: id) }) else { return }
        if let former { disown(former.owned, id) }
        if let value {
            member.update(with: value)
        } else {
            member.epoch = ModernMember.left
            member.previousEpoch = ModernMember.left
            member.assigned = AssignedPartitions()
            member.revoking = AssignedPartitions()
        }
        for (topic, partitions) in member.owned.topics {
            for partition in partitions { owners[Place(topic: topic, partition: partition)] = id }
        }
        members[id] = member
    }

    private mutating func disown(_ partitions: AssignedPartitions, _ id: String) {
        for (topic, numbers) in partitions.topics {
            for number in numbers where owner(topic, number) == id {
                owners[Place(topic: topic, partition: number)] = nil
            }
        }
    }
}
