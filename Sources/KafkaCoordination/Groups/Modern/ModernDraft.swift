import KafkaMessages
import KafkaWire

/// A consumer group with the records of one decision already applied: later steps of the decision see what earlier ones
/// wrote. The group itself changes when the records come back by replay.
struct ModernDraft {
    private(set) var group: ModernGroup
    private(set) var records: [GroupRecord] = []

    init(_ group: ModernGroup) { self.group = group }

    mutating func write(_ record: GroupRecord) {
        group.replay(record)
        records.append(record)
    }

    mutating func write(epoch: Int32, hash: Int64) {
        write(.consumerGroup(.init(groupId: group.id), .init(epoch: epoch, metadataHash: hash)))
    }

    mutating func writeSubscription(_ member: ModernMember) {
        write(.member(.init(groupId: group.id, memberId: member.id), member.subscriptionValue))
    }

    mutating func writeAssignment(_ member: ModernMember) {
        write(.memberAssignment(.init(groupId: group.id, memberId: member.id), member.assignmentValue))
    }

    mutating func writeTarget(_ id: String, _ partitions: AssignedPartitions) {
        let value = ConsumerGroupTargetAssignmentMemberValue(
            topicPartitions: partitions.sorted.map { .init(topicId: $0.topic, partitions: $0.partitions) }
        )
        write(.memberTarget(.init(groupId: group.id, memberId: id), value))
    }

    mutating func write(targetEpoch: Int32) {
        write(.targetAssignment(.init(groupId: group.id), .init(assignmentEpoch: targetEpoch)))
    }

    /// Tombstones in an order that leaves no trace of the member after any of them but the last.
    mutating func removeMember(_ id: String) {
        write(.memberAssignment(.init(groupId: group.id, memberId: id), nil))
        write(.memberTarget(.init(groupId: group.id, memberId: id), nil))
        write(.member(.init(groupId: group.id, memberId: id), nil))
    }

    /// Another id for a static member, which keeps its target and what it owns.
    mutating func replace(_ former: ModernMember, with member: ModernMember) {
        let target = group.targets[former.id] ?? AssignedPartitions()
        removeMember(former.id)
        writeSubscription(member)
        writeTarget(member.id, target)
        writeAssignment(member)
    }

    /// Tombstones for the group and all of its members.
    mutating func removeGroup() {
        for id in group.members.keys.sorted() { removeMember(id) }
        for id in group.targets.keys.sorted() { write(.memberTarget(.init(groupId: group.id, memberId: id), nil)) }
        for pattern in group.patterns.keys.sorted() { removePattern(pattern) }
        write(.targetAssignment(.init(groupId: group.id), nil))
        if group.hasPartitionMetadata { write(.partitionMetadata(.init(groupId: group.id), nil)) }
        write(.consumerGroup(.init(groupId: group.id), nil))
    }

    private mutating func removePattern(_ pattern: String) {
        write(.regularExpression(.init(groupId: group.id, regularExpression: pattern), nil))
    }

    // MARK: Topics

    /// Looks up patterns and topics in the metadata; tells the hash of what the group now subscribes to.
    ///
    /// - Parameter hasNewTopics: whether the topics may have changed since the group's patterns were looked up.
    mutating func refreshTopics(_ image: MetadataImage, hasNewTopics: Bool, nowMs: Int64) -> Int64 {
        let wanted = group.census.patterns
        for pattern in group.patterns.keys.sorted() where wanted[pattern] == nil { removePattern(pattern) }
        for pattern in wanted.keys.sorted() where hasNewTopics || group.patterns[pattern] == nil {
            // What the log has from a broker that reads expressions differently matches nothing.
            let expression = try? LinearPattern(pattern)
            let topics = image.topics.keys.filter { expression?.matchesWhole($0) == true }.sorted()
            guard group.patterns[pattern]?.topics != topics else { continue }
            write(
                .regularExpression(
                    .init(groupId: group.id, regularExpression: pattern),
                    .init(topics: topics, version: image.offset, timestamp: nowMs)
                )
            )
        }
        if group.hasPartitionMetadata { write(.partitionMetadata(.init(groupId: group.id), nil)) }
        return SubscriptionHash.of(group.subscribedTopics, image)
    }

    // MARK: Target

    /// A new target for the group's epoch, by the assignor that most members name.
    mutating func computeTarget(_ image: MetadataImage, default fallback: ServerAssignor) {
        let assignor = group.preferredAssignor ?? fallback
        var counts: [KafkaUUID: Int32] = [:]
        var ids: [String: KafkaUUID] = [:]
        for name in group.subscribedTopics {
            guard let topic = image.topics[name] else { continue }
            ids[name] = topic.id
            counts[topic.id] = Int32(clamping: topic.partitions.count)
        }
        // Mostly all subscribe to the same.
        var last: (topics: [String], pattern: String?, ids: [KafkaUUID]) = ([], nil, [])
        let members = group.members.values.map { member in
            if member.topics != last.topics || member.pattern != last.pattern {
                last = (member.topics, member.pattern, group.topics(of: member).compactMap { ids[$0] })
            }
            return AssignmentProblem.Member(
                id: member.id,
                instanceID: member.instanceID,
                topics: last.ids,
                former: group.targets[member.id] ?? AssignedPartitions()
            )
        }
        let problem = AssignmentProblem(members: members, partitionCounts: counts)
        let target = assignor.assign(problem)
        for member in problem.members {
            let partitions = target[member.id] ?? AssignedPartitions()
            if group.targets[member.id] != partitions { writeTarget(member.id, partitions) }
        }
        write(targetEpoch: group.epoch)
    }
}

extension ModernGroup {
    /// The assignor that most members name; the first by name among equals.
    var preferredAssignor: ServerAssignor? {
        let votes = census.assignors.compactMap { name, votes in
            ServerAssignor(rawValue: name).map { (assignor: $0, votes: votes) }
        }
        return votes.min { ($1.votes, $0.assignor.rawValue) < ($0.votes, $1.assignor.rawValue) }?.assignor
    }

    /// By name and by pattern, without duplicates.
    func topics(of member: ModernMember) -> [String] {
        guard let pattern = member.pattern, let resolved = patterns[pattern] else { return member.topics }
        return ModernMember.normalized(member.topics + resolved.topics)
    }
}
