import KafkaMessages
import KafkaWire

/// A member of a consumer group, as its two records in the log say.
struct ModernMember: Equatable, Sendable {
    /// Where a member is on its way to the target, with Kafka's numbers.
    enum Progress: Int8, Sendable {
        case stable = 0
        /// Still has partitions that it was told to give back; stays in its epoch.
        case unrevoked = 1
        /// In the target's epoch, but others have not yet given back some of its partitions.
        case unreleased = 2
        /// Written by a later version: the member has to begin anew.
        case unknown = 127
    }

    let id: String
    var instanceID: String?
    var rackID: String?
    var rebalanceTimeoutMs: Int32 = -1
    var clientID = ""
    var clientHost = ""
    /// Ascending, without duplicates.
    var topics: [String] = []
    /// nil, not empty, without one.
    var pattern: String?
    /// The assignor that the member asks for.
    var assignor: String?
    /// What a member of the classic protocol said in JoinGroup; nil for the others.
    var classic: ConsumerGroupMemberMetadataValue.ClassicMemberMetadata?

    var epoch: Int32 = 0
    var previousEpoch: Int32 = -1
    var progress: Progress = .stable
    var assigned = AssignedPartitions()
    var revoking = AssignedPartitions()

    /// A static member that left for a while is in this epoch.
    static let leftForAWhile: Int32 = -2
    static let left: Int32 = -1

    init(id: String) { self.id = id }

    /// The same member under another id, about to begin anew; it keeps what it owns.
    init(_ member: ModernMember, id: String) {
        self.init(id: id)
        instanceID = member.instanceID
        update(with: member.subscriptionValue)
        update(with: member.assignmentValue)
        epoch = 0
        previousEpoch = 0
    }

    var isClassic: Bool { classic != nil }

    func isReconciled(to epoch: Int32) -> Bool { progress == .stable && self.epoch == epoch }

    /// Everything that nobody else may own.
    var owned: AssignedPartitions { revoking.isEmpty ? assigned : assigned.union(revoking) }

    // MARK: Records

    var subscriptionValue: ConsumerGroupMemberMetadataValue {
        ConsumerGroupMemberMetadataValue(
            instanceId: instanceID,
            rackId: rackID,
            clientId: clientID,
            clientHost: clientHost,
            subscribedTopicNames: topics,
            subscribedTopicRegex: pattern,
            rebalanceTimeoutMs: rebalanceTimeoutMs,
            serverAssignor: assignor,
            classicMemberMetadata: classic
        )
    }

    var assignmentValue: ConsumerGroupCurrentMemberAssignmentValue {
        ConsumerGroupCurrentMemberAssignmentValue(
            memberEpoch: epoch,
            previousMemberEpoch: previousEpoch,
            state: progress.rawValue,
            assignedPartitions: assigned.sorted.map { .init(topicId: $0.topic, partitions: $0.partitions) },
            partitionsPendingRevocation: revoking.sorted.map { .init(topicId: $0.topic, partitions: $0.partitions) }
        )
    }

    mutating func update(with value: ConsumerGroupMemberMetadataValue) {
        instanceID = value.instanceId
        rackID = value.rackId
        clientID = value.clientId
        clientHost = value.clientHost
        topics = Self.normalized(value.subscribedTopicNames)
        pattern = value.subscribedTopicRegex.flatMap { $0.isEmpty ? nil : $0 }
        rebalanceTimeoutMs = value.rebalanceTimeoutMs
        assignor = value.serverAssignor
        classic = value.classicMemberMetadata
    }

    mutating func update(with value: ConsumerGroupCurrentMemberAssignmentValue) {
        epoch = value.memberEpoch
        previousEpoch = value.previousMemberEpoch
        progress = Progress(rawValue: value.state) ?? .unknown
        assigned = AssignedPartitions(value.assignedPartitions.map { ($0.topicId, $0.partitions) })
        revoking = AssignedPartitions(value.partitionsPendingRevocation.map { ($0.topicId, $0.partitions) })
    }

    /// Ascending, without duplicates.
    static func normalized(_ topics: [String]) -> [String] {
        var result: [String] = []
        for topic in topics.sorted() where topic != result.last { result.append(topic) }
        return result
    }
}
