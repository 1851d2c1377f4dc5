package import KafkaWire

/// Who may get which partitions, and who had them in the former target.
package struct AssignmentProblem: Sendable {
    package struct Member: Sendable {
        package var id: String
        /// `group.instance.id`: outlives the member id.
        package var instanceID: String?
        /// Existing topics that the member subscribes to, without duplicates.
        package var topics: [KafkaUUID]
        /// The former target; it may hold what no longer exists or was no longer subscribed to.
        package var former: AssignedPartitions

        package init(
            id: String,
            instanceID: String? = nil,
            topics: [KafkaUUID],
            former: AssignedPartitions = AssignedPartitions()
        ) {
            self.id = id
            self.instanceID = instanceID
            self.topics = topics
            self.former = former
        }
    }

    /// In a fixed order: by instance id or else member id.
    package let members: [Member]
    /// Number of partitions of each topic.
    package let partitionCounts: [KafkaUUID: Int32]

    package init(members: [Member], partitionCounts: [KafkaUUID: Int32]) {
        // Names are sorted instead of members, which are costly to move about.
        let names = members.map { $0.instanceID ?? $0.id }
        let order = members.indices.sorted { left, right in
            names[left] == names[right] ? members[left].id < members[right].id : names[left] < names[right]
        }
        self.members = order.map { members[$0] }
        self.partitionCounts = partitionCounts
    }

    /// Positions in `members`, grouped by what they subscribe to; nil when two of these groups share a topic.
    var separateCrowds: [(topics: [KafkaUUID], members: [Int])]? {
        var crowds: [(topics: [KafkaUUID], members: [Int])] = []
        var places: [[KafkaUUID]: Int] = [:]
        var last = -1
        for (index, member) in members.enumerated() {
            if last < 0 || crowds[last].topics != member.topics {
                last = places[member.topics] ?? crowds.count
                if last == crowds.count {
                    places[member.topics] = last
                    crowds.append((member.topics, []))
                }
            }
            crowds[last].members.append(index)
        }
        var seen: Set<KafkaUUID> = []
        let areSeparate = crowds.allSatisfy { $0.topics.allSatisfy { seen.insert($0).inserted } }
        return areSeparate ? crowds : nil
    }

    /// Positions in `members` of those who subscribe to each topic that has partitions.
    var subscribers: [(topic: KafkaUUID, count: Int32, members: [Int])] {
        var subscribers: [KafkaUUID: [Int]] = [:]
        for (index, member) in members.enumerated() {
            for topic in member.topics { subscribers[topic, default: []].append(index) }
        }
        return subscribers.compactMap { topic, members in
            guard let count = partitionCounts[topic], count > 0 else { return nil }
            return (topic: topic, count: count, members: members)
        }
        .sorted { $0.topic.precedes($1.topic) }
    }
}
