import KafkaMessages
import KafkaWire
import NIOCore

@testable import KafkaCoordination

/// A consumer of a simulated group: it does what KIP-848 or the classic protocol asks of a client, may lose answers and
/// may die.
struct SimulatedConsumer {
    enum Kind: CaseIterable {
        case modern
        /// Gives back everything before it rejoins.
        case eager
        /// Keeps what it may keep while it rejoins.
        case cooperative
    }

    enum Step {
        case join
        case sync
        case beat
    }

    let kind: Kind
    var id: String
    var instance: String?
    var topics: [String]
    var pattern: String?
    var assignor: String?
    var epoch: Int32 = 0
    /// Partitions that the application works on.
    var owned = AssignedPartitions()
    /// What it is to own; nil before it was told.
    var told: AssignedPartitions?
    var step = Step.join
    /// The next heartbeat has to say everything.
    var saysAll = true
    var isAlive = true

    // MARK: KIP-848

    mutating func request(_ group: String) -> ConsumerGroupHeartbeatRequest {
        var request = ConsumerGroupHeartbeatRequest(
            groupId: group,
            memberId: id,
            memberEpoch: epoch,
            instanceId: instance
        )
        let isJoining = epoch == 0
        if isJoining || saysAll {
            request.rebalanceTimeoutMs = 20_000
            request.subscribedTopicNames = topics
            request.subscribedTopicRegex = pattern ?? ""
            request.serverAssignor = assignor
        }
        request.topicPartitions =
            isJoining ? [] : owned.sorted.map { .init(topicId: $0.topic, partitions: $0.partitions) }
        return request
    }

    /// Whether the consumer is still of the group.
    mutating func take(_ response: ConsumerGroupHeartbeatResponse) {
        switch response.errorCode {
        case .none:
            epoch = response.memberEpoch
            saysAll = false
            if let assignment = response.assignment {
                told = AssignedPartitions(assignment.topicPartitions.map { ($0.topicId, $0.partitions) })
            }
        case .unknownMemberId, .fencedMemberEpoch, .groupIdNotFound: begin()
        case .unreleasedInstanceId, .coordinatorNotAvailable: saysAll = true
        default: isAlive = false
        }
    }

    /// Gives back what is no longer its own, or begins with what is new.
    mutating func follow(isPartial: Bool) {
        guard let told else { return }
        let surplus = owned.subtracting(told)
        if !surplus.isEmpty {
            owned = owned.intersection(told)
        } else if !isPartial {
            owned = told
        }
    }

    /// Everything is lost: the group does not know this consumer any more.
    mutating func begin() {
        epoch = 0
        owned = AssignedPartitions()
        told = nil
        saysAll = true
        step = .join
    }

    // MARK: Classic

    func subscription(_ image: MetadataImage) -> ByteBuffer {
        var subscription = ConsumerProtocolSubscription(topics: topics)
        if kind == .cooperative {
            subscription.ownedPartitions = owned.sorted.compactMap { topic, partitions in
                image.topicNames[topic].map { .init(topic: $0, partitions: partitions) }
            }
        }
        return (try? subscription.versioned(1)) ?? ByteBuffer()
    }

    mutating func walk(_ world: inout ModernWorld, _ group: String, loses: Bool) {
        switch step {
        case .join:
            if kind == .eager { owned = AssignedPartitions() }
            let request = JoinGroupRequest(
                groupId: group,
                sessionTimeoutMs: 10_000,
                rebalanceTimeoutMs: 20_000,
                memberId: id,
                groupInstanceId: instance,
                protocolType: "consumer",
                protocols: [.init(name: "range", metadata: subscription(world.image))]
            )
            let response = world.join(request)
            if loses { return }
            if !response.memberId.isEmpty { id = response.memberId }
            if response.errorCode == .none {
                epoch = response.generationId
                step = .sync
            } else {
                refuse(response.errorCode)
            }
        case .sync:
            let response = world.sync(
                SyncGroupRequest(groupId: group, generationId: epoch, memberId: id, groupInstanceId: instance)
            )
            if loses { return }
            guard response.errorCode == .none else { return refuse(response.errorCode) }
            let assignment = try? ConsumerProtocolAssignment(versioned: response.assignment)
            let assigned = world.image.partitions(assignment?.assignedPartitions ?? [])
            // A cooperative consumer that had to give something back joins again at once.
            step = kind == .cooperative && !owned.isSubset(of: assigned) ? .join : .beat
            owned = assigned
        case .beat:
            let code = world.heartbeat(
                HeartbeatRequest(groupId: group, generationId: epoch, memberId: id, groupInstanceId: instance)
            )
            if !loses, code != .none { refuse(code) }
        }
    }

    private mutating func refuse(_ code: ErrorCode) {
        switch code {
        case .rebalanceInProgress, .memberIdRequired: step = .join
        case .illegalGeneration:
            owned = AssignedPartitions()
            step = .join
        case .unknownMemberId:
            id = ""
            begin()
        case .coordinatorNotAvailable: break
        case .groupIdNotFound: begin()
        default: isAlive = false
        }
    }
}
