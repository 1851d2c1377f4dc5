import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

struct AlterPartitionTests {
    /// Three brokers, one partition on all of them, led by the first.
    private struct Fixture {
        var world = ControllerWorld()
        var epochs: [Int32: Int64] = [:]
        var topicID = KafkaUUID.zero

        init(configs: [String: String?] = [:]) throws {
            for id: Int32 in 1...3 { epochs[id] = try world.addBroker(id) }
            topicID = try world.create("t", assignments: [[1, 2, 3]], configs: configs).topicId
        }

        var partition: PartitionImage {
            world.image.topics["t"]?.partitions.first
                ?? PartitionImage(replicas: [], isr: [], leader: -1, leaderEpoch: -1, partitionEpoch: -1)
        }

        mutating func alter(
            from sender: Int32 = 1,
            isr: [Int32],
            leaderEpoch: Int32? = nil,
            partitionEpoch: Int32? = nil,
            index: Int32 = 0,
            topic: KafkaUUID? = nil,
            isRecovering: Bool = false,
            memberEpochs: [Int32: Int64] = [:]
        ) throws -> AlterPartitionResponse.PartitionData {
            let request = AlterPartitionRequest(
                brokerId: sender,
                brokerEpoch: epochs[sender] ?? -1,
                topics: [
                    .init(
                        topicId: topic ?? topicID,
                        partitions: [
                            .init(
                                partitionIndex: index,
                                leaderEpoch: leaderEpoch ?? partition.leaderEpoch,
                                newIsrWithEpochs: isr.map {
                                    .init(brokerId: $0, brokerEpoch: memberEpochs[$0] ?? epochs[$0] ?? -1)
                                },
                                leaderRecoveryState: isRecovering ? 1 : 0,
                                partitionEpoch: partitionEpoch ?? partition.partitionEpoch
                            )
                        ]
                    )
                ]
            )
            let response = try world.commit(world.controller.alterPartition(request))
            #expect(response.errorCode == .none)
            return try #require(response.topics.first?.partitions.first)
        }
    }

    @Test func shrinksAndGrowsWithoutAnotherLeaderEpoch() throws {
        var fixture = try Fixture()
        let shrunk = try fixture.alter(isr: [1, 3])
        #expect(shrunk.errorCode == .none && shrunk.isr == [1, 3])
        #expect(shrunk.leaderId == 1 && shrunk.leaderEpoch == 0 && shrunk.partitionEpoch == 1)
        #expect(fixture.partition.isr == [1, 3] && fixture.partition.partitionEpoch == 1)
        let grown = try fixture.alter(isr: [1, 2, 3])
        #expect(grown.isr == [1, 2, 3] && grown.leaderEpoch == 0 && grown.partitionEpoch == 2)
    }

    @Test func anIsrThatIsSoAlreadyChangesNothing() throws {
        var fixture = try Fixture()
        let answer = try fixture.alter(isr: [1, 2, 3])
        #expect(answer.errorCode == .none && answer.partitionEpoch == 0)
    }

    @Test func refusesInKafkasOrder() throws {
        var fixture = try Fixture()
        _ = try fixture.alter(isr: [1, 2])
        #expect(try fixture.alter(isr: [1], topic: KafkaUUID(high: 9, low: 9)).errorCode == .unknownTopicId)
        #expect(try fixture.alter(isr: [1], index: 5).errorCode == .unknownTopicOrPartition)
        #expect(try fixture.alter(isr: [1], index: -1).errorCode == .unknownTopicOrPartition)
        #expect(try fixture.alter(isr: [1], leaderEpoch: 1).errorCode == .notController)
        #expect(try fixture.alter(isr: [1], partitionEpoch: 7).errorCode == .notController)
        #expect(try fixture.alter(isr: [1], leaderEpoch: -1).errorCode == .fencedLeaderEpoch)
        #expect(try fixture.alter(from: 2, isr: [2]).errorCode == .invalidRequest)
        #expect(try fixture.alter(isr: [1], partitionEpoch: 0).errorCode == .invalidUpdateVersion)
        #expect(try fixture.alter(isr: [2]).errorCode == .invalidRequest)
        #expect(try fixture.alter(isr: [1, 4]).errorCode == .invalidRequest)
        #expect(try fixture.alter(isr: [1, 1]).errorCode == .invalidRequest)
        #expect(try fixture.alter(isr: [1], isRecovering: true).errorCode == .invalidRequest)
        #expect(fixture.partition.isr == [1, 2])
    }

    @Test func refusesABrokerThatHasRestartedSince() throws {
        let fixture = try Fixture()
        let request = AlterPartitionRequest(brokerId: 1, brokerEpoch: (fixture.epochs[1] ?? 0) - 1)
        #expect(fixture.world.controller.alterPartition(request).answer.errorCode == .staleBrokerEpoch)
        let unknown = AlterPartitionRequest(brokerId: 9, brokerEpoch: -1)
        #expect(fixture.world.controller.alterPartition(unknown).answer.errorCode == .staleBrokerEpoch)
    }

    @Test func letsNobodyInWhoMayNotLead() throws {
        var fixture = try Fixture()
        _ = try fixture.alter(isr: [1])
        #expect(try fixture.alter(isr: [1, 2], memberEpochs: [2: 0]).errorCode == .ineligibleReplica)
        // Registered anew, and fenced until it has caught up.
        let epoch = try fixture.world.addBroker(2, unfence: false)
        #expect(try fixture.alter(isr: [1, 2], memberEpochs: [2: epoch]).errorCode == .ineligibleReplica)
        try fixture.world.commit(fixture.world.controller.unfenceBroker(2, epoch: epoch))
        #expect(try fixture.alter(isr: [1, 2], memberEpochs: [2: epoch]).isr == [1, 2])
    }

    @Test func aLeaderOfAnUncleanElectionConfirmsIt() throws {
        var fixture = try Fixture(configs: ["unclean.leader.election.enable": "true"])
        _ = try fixture.alter(isr: [1])
        // The only one in sync starts anew, and stays away; another takes over.
        fixture.epochs[1] = try fixture.world.addBroker(1, unfence: false)
        #expect(fixture.partition.leader == 2 && fixture.partition.isRecovering && fixture.partition.isr == [2])
        #expect(try fixture.alter(from: 2, isr: [2, 3], isRecovering: true).errorCode == .invalidRequest)
        let confirmed = try fixture.alter(from: 2, isr: [2, 3])
        #expect(confirmed.errorCode == .none && confirmed.leaderRecoveryState == 0)
        #expect(!fixture.partition.isRecovering && fixture.partition.isr == [2, 3])
    }
}
