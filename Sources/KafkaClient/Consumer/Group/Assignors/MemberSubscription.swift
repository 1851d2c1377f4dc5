import KafkaMessages
package import NIOCore

/// What the leader of a classic group knows about a member when it assigns partitions.
package struct MemberSubscription: Equatable, Sendable {
    /// The id that the broker gave the member.
    package var memberID: String
    /// The member's own name, if it is a static member.
    package var instanceID: String?
    /// The topics that it wants, each once.
    package var topics: [String]
    /// The partitions that it says it holds.
    package var owned: [TopicPartition]
    /// The generation in which it got ``owned``, -1 for unknown.
    package var generation: Int32
    /// Where the member runs, if it says so (`client.rack`).
    package var rack: String?

    package init(
        memberID: String,
        instanceID: String? = nil,
        topics: [String],
        owned: [TopicPartition] = [],
        generation: Int32 = -1,
        rack: String? = nil
    ) {
        self.memberID = memberID
        self.instanceID = instanceID
        self.topics = topics
        self.owned = owned
        self.generation = generation
        self.rack = rack
    }

    /// Reads a member's metadata. A member whose bytes cannot be read gets no partitions, as it could not be understood.
    ///
    /// - Parameter strategy: tells where the member's earlier partitions are written.
    package init(
        memberID: String,
        instanceID: String?,
        metadata: ByteBuffer,
        strategy: AssignmentStrategy
    ) {
        self.init(memberID: memberID, instanceID: instanceID, topics: [])
        guard let read = try? ConsumerProtocolSubscription(versioned: metadata, acceptingNewer: true) else { return }
        topics = Array(Set(read.topics)).sorted()
        owned = read.ownedPartitions.flatMap { entry in
            entry.partitions.map { TopicPartition(topic: entry.topic, partition: $0) }
        }
        generation = read.generationId
        rack = read.rackId.flatMap { $0.isEmpty ? nil : $0 }
        // An eager member has given everything back before it joins: what it had stands in the strategy's own data.
        if strategy == .sticky, let memory = read.userData.flatMap({ StickyMemory(reading: $0) }) {
            owned = memory.partitions
            generation = memory.generation
        } else if strategy == .cooperativeSticky, generation < 0, let data = read.userData {
            // Clients that speak an older version of the layout put the generation there.
            let number: Int32? = data.readableBytes == 4 ? data.getInteger(at: data.readerIndex) : nil
            generation = number ?? StickyMemory(reading: data)?.generation ?? -1
        }
    }

    /// Static members in the order of their names, then the others in the order of their ids: an order that all
    /// strategies of all clients go by.
    package static func isInOrder(_ left: MemberSubscription, _ right: MemberSubscription) -> Bool {
        switch (left.instanceID, right.instanceID) {
        case (let first?, let second?): first == second ? left.memberID < right.memberID : first < second
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): left.memberID < right.memberID
        }
    }
}
