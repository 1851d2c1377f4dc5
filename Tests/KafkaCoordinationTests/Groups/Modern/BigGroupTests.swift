import Foundation
import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

/// One group with very many members (SWKAFKA_MEMBERS, whose steps are told with their times): all come to rest with an
/// even share.
@Suite struct BigGroupTests {
    private static let count = ProcessInfo.processInfo.environment["SWKAFKA_MEMBERS"].flatMap(Int.init) ?? 150
    private static let partitions: Int32 = 100

    private func request(_ member: Int, _ epoch: Int32, _ owned: [Int32]) -> ConsumerGroupHeartbeatRequest {
        var request = ConsumerGroupHeartbeatRequest(groupId: "g", memberId: "member-\(member)", memberEpoch: epoch)
        request.topicPartitions = owned.isEmpty ? [] : [.init(topicId: ModernWorld.topicID("t"), partitions: owned)]
        if epoch == 0 {
            request.rebalanceTimeoutMs = 30_000
            request.subscribedTopicNames = ["t"]
        }
        return request
    }

    private func tell(_ what: String, _ steps: Int, _ time: Duration) {
        if Self.count > 1_000 { print("\(what): \(time), \(time / steps) each") }
    }

    @Test func allGetAnEvenShare() throws {
        var world = ModernWorld()
        try world.createTopic("t", partitions: Self.partitions)
        var epochs = Array(repeating: Int32(0), count: Self.count)
        var owned = Array(repeating: [Int32](), count: Self.count)
        func beat(_ member: Int) {
            let answer = world.heartbeat(request(member, epochs[member], owned[member]))
            #expect(answer.errorCode == .none)
            epochs[member] = answer.memberEpoch
            if let assignment = answer.assignment { owned[member] = assignment.topicPartitions.flatMap(\.partitions) }
        }
        let clock = ContinuousClock()
        tell("joins", Self.count, clock.measure { for member in 0..<Self.count { beat(member) } })
        tell("the last ten", 10, clock.measure { for member in Self.count - 10..<Self.count { beat(member) } })
        for round in 1...3 {
            tell(
                "heartbeats, round \(round)",
                Self.count,
                clock.measure { for member in 0..<Self.count { beat(member) } }
            )
        }
        let group = try #require(world.groups.groups["g"])
        #expect(group.state == .stable)
        #expect(owned.flatMap(\.self).sorted() == Array(0..<Self.partitions))
        let loads = owned.map(\.count)
        #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)
    }
}
