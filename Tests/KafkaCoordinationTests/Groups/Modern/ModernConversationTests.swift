import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct ModernConversationTests {
    private typealias Owned = ConsumerGroupHeartbeatRequest.TopicPartitions

    private let topic = ModernWorld.topicID("t")

    private func world(partitions: Int32 = 4, settings: ModernSettings = ModernSettings()) throws -> ModernWorld {
        var world = ModernWorld(settings: settings)
        try world.createTopic("t", partitions: partitions)
        return world
    }

    private func joining(
        _ member: String,
        instance: String? = nil,
        topics: [String]? = ["t"],
        pattern: String? = nil,
        assignor: String? = nil
    ) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest(
            groupId: "g",
            memberId: member,
            memberEpoch: 0,
            instanceId: instance,
            rebalanceTimeoutMs: 30_000,
            subscribedTopicNames: topics,
            subscribedTopicRegex: pattern,
            serverAssignor: assignor,
            topicPartitions: []
        )
    }

    private func beat(
        _ member: String,
        _ epoch: Int32,
        instance: String? = nil,
        owned: [Int32]? = nil
    ) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest(
            groupId: "g",
            memberId: member,
            memberEpoch: epoch,
            instanceId: instance,
            topicPartitions: owned.map { $0.isEmpty ? [] : [Owned(topicId: topic, partitions: $0)] }
        )
    }

    private func partitions(_ response: ConsumerGroupHeartbeatResponse) -> [Int32]? {
        response.assignment.map { $0.topicPartitions.flatMap(\.partitions) }
    }

    // MARK: Joining and sharing

    @Test func aloneGetsAllAtOnce() throws {
        var world = try world()
        let answer = world.heartbeat(joining("a"))
        #expect(answer.errorCode == .none)
        #expect(answer.memberId == "a")
        #expect(answer.memberEpoch == 1)
        #expect(answer.heartbeatIntervalMs == 5000)
        #expect(partitions(answer) == [0, 1, 2, 3])
        let length = world.log.count
        let next = world.heartbeat(beat("a", 1, owned: [0, 1, 2, 3]))
        #expect(next.memberEpoch == 1)
        #expect(next.assignment == nil)
        #expect(world.log.count == length, "a heartbeat that changes nothing writes nothing")
        #expect(world.groups.groups["g"]?.state == .stable)
    }

    @Test func handsOverWhatWasGivenBack() throws {
        var world = try world()
        _ = world.heartbeat(joining("a"))
        let late = world.heartbeat(joining("b"))
        #expect(late.memberEpoch == 2)
        #expect(partitions(late) == [], "the other has them still")
        #expect(world.groups.groups["g"]?.state == .reconciling)
        let told = world.heartbeat(beat("a", 1))
        #expect(told.memberEpoch == 1, "it stays in its epoch until it has given back")
        #expect(partitions(told) == [0, 1])
        #expect(world.heartbeat(beat("b", 2)).assignment == nil)
        let done = world.heartbeat(beat("a", 1, owned: [0, 1]))
        #expect(done.memberEpoch == 2)
        let given = world.heartbeat(beat("b", 2))
        #expect(partitions(given) == [2, 3])
        #expect(world.groups.groups["g"]?.state == .stable)
    }

    @Test func fencesWhoDoesNotGiveBack() throws {
        var world = try world()
        _ = world.heartbeat(joining("a"))
        _ = world.heartbeat(joining("b"))
        _ = world.heartbeat(beat("a", 1))
        for _ in 0..<4 {
            world.advance(7000)
            #expect(world.heartbeat(beat("a", 1, owned: [0, 1, 2, 3])).errorCode == .none)
            #expect(world.heartbeat(beat("b", 2)).errorCode == .none)
        }
        world.advance(7000)
        #expect(world.heartbeat(beat("a", 1, owned: [0, 1, 2, 3])).errorCode == .unknownMemberId)
        #expect(partitions(world.heartbeat(beat("b", 2))) == [0, 1, 2, 3])
    }

    @Test func removesWhoIsSilent() throws {
        var world = try world()
        _ = world.heartbeat(joining("a"))
        _ = world.heartbeat(joining("b"))
        world.advance(30_000)
        _ = world.heartbeat(beat("a", 1, owned: [0, 1]))
        world.advance(16_000)
        #expect(world.groups.groups["g"]?.members.keys.sorted() == ["a"])
        #expect(partitions(world.heartbeat(beat("a", 2))) == [0, 1, 2, 3])
    }

    @Test func leavesForGood() throws {
        var world = try world()
        _ = world.heartbeat(joining("a"))
        #expect(world.heartbeat(beat("a", -1)).memberEpoch == -1)
        #expect(world.groups.groups["g"]?.state == .empty)
        #expect(world.groups.groups["g"]?.epoch == 2)
        #expect(world.heartbeat(beat("a", -1)).errorCode == .unknownMemberId)
        #expect(world.heartbeat(joining("a")).memberEpoch == 3)
    }

    // MARK: Epochs

    @Test func acceptsTheEpochBeforeWhenAnAnswerWasLost() throws {
        var world = try world()
        #expect(world.heartbeat(joining("a")).memberEpoch == 1)
        #expect(partitions(world.heartbeat(joining("a"))) == [0, 1, 2, 3], "the answer to joining was lost")
        try world.grow("t")
        #expect(world.heartbeat(beat("a", 1, owned: [0, 1, 2, 3])).memberEpoch == 2)
        #expect(partitions(world.heartbeat(beat("a", 1, owned: [0, 1, 2, 3]))) == [0, 1, 2, 3, 4])
        #expect(world.heartbeat(beat("a", 1)).errorCode == .fencedMemberEpoch, "it does not say what it has")
        #expect(world.heartbeat(beat("a", 1, owned: [9])).errorCode == .fencedMemberEpoch)
        #expect(world.heartbeat(beat("a", 3)).errorCode == .fencedMemberEpoch)
        #expect(world.heartbeat(joining("a")).errorCode == .fencedMemberEpoch)
        #expect(world.heartbeat(beat("b", 1)).errorCode == .unknownMemberId)
        var other = beat("a", 1)
        other.groupId = "nobody"
        #expect(world.heartbeat(other).errorCode == .groupIdNotFound)
    }

    @Test func decidesAnewWhenTheWriteFailed() throws {
        var world = try world()
        _ = world.heartbeat(joining("a"))
        try world.grow("t")
        world.failsNextWrite = true
        #expect(world.heartbeat(beat("a", 1)).errorCode == .coordinatorNotAvailable)
        #expect(partitions(world.heartbeat(beat("a", 1))) == [0, 1, 2, 3, 4])
    }

    // MARK: Static members

    @Test func keepsThePartitionsOfWhoComesBack() throws {
        var world = try world()
        _ = world.heartbeat(joining("a", instance: "1"))
        #expect(world.heartbeat(joining("b", instance: "1")).errorCode == .unreleasedInstanceId)
        let left = world.heartbeat(beat("a", -2, instance: "1"))
        #expect(left.memberEpoch == -2)
        #expect(world.heartbeat(beat("a", 1, instance: "1")).errorCode == .fencedMemberEpoch)
        let epoch = world.groups.groups["g"]?.epoch
        let back = world.heartbeat(joining("b", instance: "1"))
        #expect(back.memberEpoch == 1)
        #expect(partitions(back) == [0, 1, 2, 3])
        #expect(world.groups.groups["g"]?.epoch == epoch, "no rebalance")
        #expect(world.heartbeat(beat("a", 1, instance: "1")).errorCode == .fencedInstanceId)
        #expect(world.heartbeat(beat("a", -1, instance: "1")).errorCode == .fencedInstanceId)
        #expect(world.heartbeat(beat("x", 1, instance: "9")).errorCode == .unknownMemberId)
    }

    @Test func forgetsAStaticMemberAfterItsSession() throws {
        var world = try world()
        _ = world.heartbeat(joining("a", instance: "1"))
        _ = world.heartbeat(beat("a", -2, instance: "1"))
        world.advance(45_000)
        #expect(world.groups.groups["g"]?.members.isEmpty == true)
    }

    @Test func answersAStaticMemberAgainWhoseJoinWasLost() throws {
        var world = try world()
        _ = world.heartbeat(joining("a", instance: "1"))
        #expect(partitions(world.heartbeat(joining("a", instance: "1"))) == [0, 1, 2, 3])
    }

    // MARK: Topics

    @Test func followsTopics() throws {
        var world = try world()
        _ = world.heartbeat(joining("a", topics: ["t", "later"]))
        #expect(world.heartbeat(beat("a", 1)).assignment == nil)
        try world.createTopic("later", partitions: 1)
        let more = world.heartbeat(beat("a", 1))
        #expect(more.memberEpoch == 2)
        #expect(more.assignment?.topicPartitions.count == 2)
        try world.deleteTopic("t")
        let fewer = world.heartbeat(
            ConsumerGroupHeartbeatRequest(groupId: "g", memberId: "a", memberEpoch: 2, topicPartitions: [])
        )
        #expect(fewer.memberEpoch == 3)
        #expect(fewer.assignment?.topicPartitions.map(\.topicId) == [ModernWorld.topicID("later")])
        let length = world.log.count
        try world.createTopic("unrelated", partitions: 1)
        #expect(world.heartbeat(beat("a", 3)).memberEpoch == 3)
        #expect(world.log.count == length)
    }

    @Test func noticesATopicMadeAnew() throws {
        var world = try world()
        _ = world.heartbeat(joining("a"))
        try world.deleteTopic("t")
        try world.createTopic("t", partitions: 4, generation: 2)
        let told = world.heartbeat(beat("a", 1, owned: [0, 1, 2, 3]))
        #expect(told.assignment?.topicPartitions == [])
        let next = world.heartbeat(beat("a", 1, owned: []))
        #expect(next.assignment?.topicPartitions.map(\.topicId) == [ModernWorld.topicID("t", generation: 2)])
    }

    @Test func subscribesByPattern() throws {
        var world = try world()
        try world.createTopic("orders-eu", partitions: 1)
        let first = world.heartbeat(joining("a", topics: nil, pattern: "orders-.*"))
        #expect(first.assignment?.topicPartitions.map(\.topicId) == [ModernWorld.topicID("orders-eu")])
        #expect(world.groups.groups["g"]?.patterns["orders-.*"]?.topics == ["orders-eu"])
        try world.createTopic("orders-us", partitions: 1)
        #expect(world.heartbeat(beat("a", 1)).assignment?.topicPartitions.count == 2)
        var other = beat("a", 2)
        other.subscribedTopicRegex = "orders-(us"
        let refused = world.heartbeat(other)
        #expect(refused.errorCode == .invalidRegularExpression)
        #expect(
            refused.errorMessage
                == "SubscribedTopicRegex `orders-(us` is not a valid regular expression: missing closing )."
        )
        other.subscribedTopicRegex = ""
        other.subscribedTopicNames = ["t"]
        other.topicPartitions = []
        #expect(world.heartbeat(other).assignment?.topicPartitions.map(\.topicId) == [topic])
        #expect(world.groups.groups["g"]?.patterns.isEmpty == true)
    }

    // MARK: Assignors

    @Test func takesTheAssignorThatMostName() throws {
        var world = try world()
        _ = world.heartbeat(joining("a", assignor: "range"))
        #expect(world.groups.groups["g"]?.preferredAssignor == .range)
        _ = world.heartbeat(joining("b", assignor: "uniform"))
        _ = world.heartbeat(joining("c", assignor: "uniform"))
        #expect(world.groups.groups["g"]?.preferredAssignor == .uniform)
        let refused = world.heartbeat(joining("d", assignor: "best"))
        #expect(refused.errorCode == .unsupportedAssignor)
        #expect(refused.errorMessage == "ServerAssignor best is not supported. Supported assignors: uniform, range.")
    }

    // MARK: Refusals

    @Test func refusesNonsense() throws {
        var world = try world()
        func refused(_ change: (inout ConsumerGroupHeartbeatRequest) -> Void, version: Int16 = 1) -> Bool {
            var request = joining("a")
            change(&request)
            return world.heartbeat(request, version: version).errorCode == .invalidRequest
        }
        #expect(refused { $0.groupId = "" })
        #expect(refused { $0.instanceId = "" })
        #expect(refused { $0.rackId = "" })
        #expect(refused { $0.memberId = "" })
        #expect(refused { $0.rebalanceTimeoutMs = -1 })
        #expect(refused { $0.topicPartitions = nil })
        #expect(refused { $0.topicPartitions = [Owned(topicId: topic, partitions: [1])] })
        #expect(refused { $0.subscribedTopicNames = nil })
        #expect(refused { $0.memberEpoch = -3 })
        #expect(refused { $0.memberEpoch = -2 })
        #expect(!refused({ $0.memberId = "" }, version: 0))
        #expect(world.groups.groups["g"]?.members.count == 1)
    }

    @Test func isFull() throws {
        var settings = ModernSettings()
        settings.maximumSize = 1
        var world = try world(settings: settings)
        _ = world.heartbeat(joining("a"))
        #expect(world.heartbeat(joining("b")).errorCode == .groupMaxSizeReached)
        #expect(world.heartbeat(beat("a", 1)).errorCode == .none)
    }

    @Test func checksWhoCommits() throws {
        var world = try world()
        _ = world.heartbeat(joining("a"))
        let group = try #require(world.groups.groups["g"])
        func commit(_ member: String, _ epoch: Int32, version: Int16 = 9) throws {
            try world.groups.checkCommit(group, member: member, epoch: epoch, version: version, isTransactional: false)
        }
        try commit("a", 1)
        #expect(throws: CoordinatorError.self) { try commit("a", 1, version: 8) }
        #expect { try commit("a", 0) } throws: { ($0 as? CoordinatorError)?.code == .staleMemberEpoch }
        #expect { try commit("b", 1) } throws: { ($0 as? CoordinatorError)?.code == .unknownMemberId }
        #expect { try commit("", -1) } throws: { ($0 as? CoordinatorError)?.code == .unknownMemberId }
        try world.groups.checkFetch(group, member: nil, epoch: -1)
        try world.groups.checkFetch(group, member: "a", epoch: 1)
        #expect { try world.groups.checkFetch(group, member: "a", epoch: 2) } throws: {
            ($0 as? CoordinatorError)?.code == .staleMemberEpoch
        }
    }

    // MARK: Restart

    @Test func comesBackFromTheLog() throws {
        var world = try world()
        try world.createTopic("orders", partitions: 2)
        _ = world.heartbeat(joining("a", instance: "1"))
        _ = world.heartbeat(joining("b", topics: nil, pattern: "or.*"))
        _ = world.heartbeat(joining("c", assignor: "range"))
        _ = world.heartbeat(beat("a", 1))
        let before = world.groups.groups
        #expect(try world.replayed(world.log).groups == before)
        #expect(try world.replayed(world.compacted).groups == before)
        try world.restart()
        #expect(world.heartbeat(beat("a", 1, instance: "1", owned: [0, 1])).errorCode == .none)
        world.advance(45_001)
        #expect(world.groups.groups["g"]?.members.isEmpty == true)
    }

    @Test func groupsHaveTheirOwnTimes() throws {
        var world = try world()
        var record = ConfigRecord(resourceType: 32, resourceName: "g", name: "consumer.session.timeout.ms")
        record.value = "50000"
        try world.image.apply(.config(record))
        record.name = "consumer.heartbeat.interval.ms"
        record.value = "6000"
        try world.image.apply(.config(record))
        #expect(world.heartbeat(joining("a")).heartbeatIntervalMs == 6000)
        world.advance(49_000)
        #expect(world.groups.groups["g"]?.members.count == 1)
        world.advance(1000)
        #expect(world.groups.groups["g"]?.members.isEmpty == true)
    }
}
