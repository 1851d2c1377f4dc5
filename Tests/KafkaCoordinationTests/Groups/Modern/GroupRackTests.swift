import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

/// What a consumer group makes of the racks of its topics' replicas (KIP-1101).
@Suite struct GroupRackTests {
    private func world(racks: [Int32: String?]) throws -> ModernWorld {
        var settings = ModernSettings()
        settings.migration = .upgrade
        var world = ModernWorld(settings: settings)
        for (id, rack) in racks { try world.image.apply(.registerBroker(.init(brokerId: id, rack: rack))) }
        try world.createTopic("t", partitions: 2)
        return world
    }

    private func beat(_ world: inout ModernWorld, epoch: Int32, rack: String? = nil) -> Int32 {
        var request = ConsumerGroupHeartbeatRequest(groupId: "g", memberId: "a", memberEpoch: epoch)
        if epoch == 0 {
            request.rebalanceTimeoutMs = 30_000
            request.subscribedTopicNames = ["t"]
            request.topicPartitions = []
            request.rackId = rack
        }
        let answer = world.heartbeat(request)
        #expect(answer.errorCode == .none)
        return answer.memberEpoch
    }

    private func move(_ partition: Int32, to replicas: [Int32], _ world: inout ModernWorld) throws {
        var change = PartitionChangeRecord(partitionId: partition, topicId: ModernWorld.topicID("t"))
        change.replicas = replicas
        change.isr = replicas
        try world.image.apply(.partitionChange(change))
    }

    @Test(arguments: [nil, "west"]) func anotherRackIsAnotherEpoch(rack: String?) throws {
        var world = try world(racks: [1: "west", 2: "west", 3: "east"])
        #expect(beat(&world, epoch: 0, rack: rack) == 1)
        #expect(beat(&world, epoch: 1) == 1)
        try move(0, to: [2], &world)
        #expect(beat(&world, epoch: 1) == 1, "the same rack")
        try move(0, to: [2, 3], &world)
        #expect(beat(&world, epoch: 1) == 2)
        try move(0, to: [3, 2], &world)
        #expect(beat(&world, epoch: 2) == 2, "the order of replicas says nothing")
        try move(1, to: [2, 3], &world)
        #expect(beat(&world, epoch: 2) == 3)
    }

    @Test func aBrokerThatComesBackElsewhereCounts() throws {
        var world = try world(racks: [1: "west"])
        #expect(beat(&world, epoch: 0) == 1)
        try world.image.apply(.registerBroker(.init(brokerId: 1, rack: "west")))
        #expect(beat(&world, epoch: 1) == 1)
        try world.image.apply(.registerBroker(.init(brokerId: 1, rack: "east")))
        #expect(beat(&world, epoch: 1) == 2)
    }

    @Test func withoutRacksReplicasDoNotMatter() throws {
        var world = try world(racks: [1: nil, 2: nil])
        #expect(beat(&world, epoch: 0, rack: "west") == 1)
        try move(0, to: [2], &world)
        #expect(beat(&world, epoch: 1) == 1)
    }

    /// In a group that has only members of the classic protocol left, one of them is sent to join.
    @Test func classicMembersAreSentToJoin() throws {
        var world = try world(racks: [1: "west", 2: "east"])
        #expect(beat(&world, epoch: 0) == 1)
        let metadata = try ConsumerProtocolSubscription(topics: ["t"]).versioned(1)
        let join = { (id: String, world: inout ModernWorld) in
            world.join(
                JoinGroupRequest(
                    groupId: "g",
                    sessionTimeoutMs: 30_000,
                    rebalanceTimeoutMs: 30_000,
                    memberId: id,
                    protocolType: "consumer",
                    protocols: [.init(name: "range", metadata: metadata)]
                )
            )
        }
        let id = join("", &world).memberId
        #expect(join(id, &world).generationId == 2)
        var leave = ConsumerGroupHeartbeatRequest(groupId: "g", memberId: "a", memberEpoch: -1)
        leave.topicPartitions = []
        _ = world.heartbeat(leave)
        let settled = join(id, &world).generationId
        let quiet = HeartbeatRequest(groupId: "g", generationId: settled, memberId: id)
        #expect(settled == 3)
        #expect(world.heartbeat(quiet) == .none)
        try world.createTopic("unrelated", partitions: 1)
        #expect(world.heartbeat(quiet) == .none)
        try move(1, to: [2], &world)
        #expect(world.heartbeat(quiet) == .rebalanceInProgress)
        #expect(join(id, &world).generationId == settled + 1)
        let next = HeartbeatRequest(groupId: "g", generationId: settled + 1, memberId: id)
        #expect(world.heartbeat(next) == .none)
    }
}
