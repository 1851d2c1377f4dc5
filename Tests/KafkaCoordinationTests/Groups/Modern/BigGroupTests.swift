import Foundation
import KafkaMessages
import KafkaWire
import NIOCore
import Testing

@testable import KafkaCoordination

/// One group with very many members, beside a small one.
@Suite struct BigGroupTests {
    /// SWKAFKA_MEMBERS asks for more.
    static let count = ProcessInfo.processInfo.environment["SWKAFKA_MEMBERS"].flatMap(Int.init) ?? 1_000

    private struct Member {
        let id: String
        let group: String
        var epoch: Int32 = 0
        var owned: [Int32] = []

        func request(_ topics: [String]) -> ConsumerGroupHeartbeatRequest {
            var request = ConsumerGroupHeartbeatRequest(groupId: group, memberId: id, memberEpoch: epoch)
            request.topicPartitions = owned.isEmpty ? [] : [.init(topicId: ModernWorld.topicID("t"), partitions: owned)]
            if epoch == 0 {
                request.rebalanceTimeoutMs = 30_000
                request.subscribedTopicNames = topics
            }
            return request
        }

        mutating func beat(_ world: inout ModernWorld) {
            let answer = world.heartbeat(request(["t"]))
            #expect(answer.errorCode == .none, "\(id)")
            epoch = answer.memberEpoch
            if let assignment = answer.assignment { owned = assignment.topicPartitions.flatMap(\.partitions) }
        }
    }

    /// How often the target of a group was computed.
    private func computations(_ world: ModernWorld, from start: Int = 0) throws -> Int {
        try world.log[start...].count { record in
            if case .targetAssignment(let key, _) = try GroupRecord(decoding: record) {
                key.groupId == "big"
            } else {
                false
            }
        }
    }

    @Test func membersByTheThousandJoinAndShare() throws {
        var world = ModernWorld()
        let partitions = Int32(Self.count + Self.count / 2)
        try world.createTopic("t", partitions: partitions)
        var small = Member(id: "small", group: "small")
        var members = (0..<Self.count).map { Member(id: "member-\($0)", group: "big") }
        // All come within five seconds, and then each sends a heartbeat every five seconds.
        let step = max(1, Self.count / 500)
        for round in 0..<6 {
            for start in stride(from: 0, to: members.count, by: step) {
                for index in start..<min(start + step, members.count) { members[index].beat(&world) }
                world.advance(10)
            }
            small.beat(&world)
            if round == 0 { #expect(try computations(world) < Self.count / 2) }
        }
        let group = try #require(world.groups.groups["big"])
        #expect(group.state == .stable)
        #expect(members.flatMap(\.owned).sorted() == Array(0..<partitions))
        let loads = members.map(\.owned.count)
        #expect(loads.min() == 1 && loads.max() == 2)
        #expect(small.owned.count == Int(partitions) && small.epoch == 1)
        // Nothing changes any more: heartbeats write nothing, whoever sends them.
        let end = world.log.count
        for index in members.indices { members[index].beat(&world) }
        #expect(world.log.count == end)

        // Half of them go; what they had is with the others after as few computations.
        let (leaving, staying) = (members.prefix(Self.count / 2), members.dropFirst(Self.count / 2))
        for member in leaving {
            var request = member.request([])
            request.memberEpoch = -1
            #expect(world.heartbeat(request).errorCode == .none)
        }
        members = Array(staying)
        for _ in 0..<3 {
            for index in members.indices { members[index].beat(&world) }
            world.advance(5_000)
        }
        #expect(members.flatMap(\.owned).sorted() == Array(0..<partitions))
        #expect(try computations(world, from: end) < 5)
        #expect(world.groups.groups["big"]?.state == .stable)
    }

    @Test func aSmallGroupDoesNotWait() throws {
        let pace = AssignmentPace()
        #expect(pace.intervalMs(1) == 0)
        #expect(pace.intervalMs(100) == 0)
        #expect(pace.intervalMs(1_000) == 100)
        #expect(pace.intervalMs(10_000) == 1_000)
    }

    /// Who joins while changes are gathered is in the group with nothing, and is served when the time has come.
    @Test func gathersChangesForAWhile() throws {
        var settings = ModernSettings()
        settings.pace.promptMembers = 1
        settings.pace.microsecondsPerMember = 500_000
        var world = ModernWorld(settings: settings)
        try world.createTopic("t", partitions: 4)
        var first = Member(id: "a", group: "big")
        var second = Member(id: "b", group: "big")
        first.beat(&world)
        #expect(first.owned == [0, 1, 2, 3])
        second.beat(&world)
        #expect(second.epoch == 1 && second.owned.isEmpty)
        #expect(world.groups.groups["big"]?.state == .assigning)
        first.beat(&world)
        #expect(first.epoch == 1 && first.owned.count == 4)
        world.advance(999)
        second.beat(&world)
        #expect(world.groups.groups["big"]?.state == .assigning)
        world.advance(1)
        second.beat(&world)
        for _ in 0..<2 {
            first.beat(&world)
            second.beat(&world)
        }
        #expect(first.owned == [0, 1] && second.owned == [2, 3])
        #expect(first.epoch == 2 && second.epoch == 2)
    }

    /// A member of the classic protocol is not sent to and fro while changes are gathered.
    @Test func classicMembersWaitAsWell() throws {
        var settings = ModernSettings()
        settings.pace.promptMembers = 1
        settings.pace.microsecondsPerMember = 500_000
        var world = ModernWorld(settings: settings)
        try world.createTopic("t", partitions: 4)
        var first = Member(id: "a", group: "big")
        first.beat(&world)
        let metadata = try ConsumerProtocolSubscription(topics: ["t"]).versioned(1)
        func join(_ id: String, _ world: inout ModernWorld) -> JoinGroupResponse {
            world.join(
                JoinGroupRequest(
                    groupId: "big",
                    sessionTimeoutMs: 30_000,
                    rebalanceTimeoutMs: 30_000,
                    memberId: id,
                    protocolType: "consumer",
                    protocols: [.init(name: "range", metadata: metadata)]
                )
            )
        }
        let id = join("", &world).memberId
        #expect(join(id, &world).generationId == 1)
        let sync = SyncGroupRequest(groupId: "big", generationId: 1, memberId: id)
        #expect(world.sync(sync).errorCode == .none)
        let heartbeat = HeartbeatRequest(groupId: "big", generationId: 1, memberId: id)
        #expect(world.heartbeat(heartbeat) == .none)
        world.advance(1_000)
        #expect(world.heartbeat(heartbeat) == .rebalanceInProgress)
        #expect(join(id, &world).generationId == 2)
        first.beat(&world)
        first.beat(&world)
        #expect(first.owned == [0, 1])
    }
}
