import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

/// The life of a broker as its heartbeats tell it.
struct HeartbeatTests {
    private struct Cluster {
        var world = ControllerWorld()
        var epochs: [Int32: Int64] = [:]

        init(_ ids: [Int32]) throws {
            for id in ids { epochs[id] = try world.addBroker(id, unfence: false) }
            for id in ids { #expect(try !beat(id).isFenced) }
        }

        var end: Int64 { Int64(world.log.count) }

        func partition(_ name: String, _ index: Int = 0) throws -> PartitionImage {
            try #require(world.image.topics[name]).partitions[index]
        }

        @discardableResult
        mutating func beat(
            _ id: Int32,
            offset: Int64? = nil,
            wantShutDown: Bool = false,
            epoch: Int64? = nil
        ) throws -> BrokerHeartbeatResponse {
            let request = BrokerHeartbeatRequest(
                brokerId: id,
                brokerEpoch: epoch ?? epochs[id] ?? -1,
                currentMetadataOffset: offset ?? end - 1,
                wantShutDown: wantShutDown
            )
            return try world.commit(world.controller.heartbeat(request, nextOffset: end, nowMs: world.nowMs))
        }

        @discardableResult
        mutating func fence() throws -> [Int32] {
            try world.commit(world.controller.fenceSilentBrokers(nowMs: world.nowMs))
        }
    }

    @Test func takesPartOnceItHasCaughtUp() throws {
        var cluster = try Cluster([1])
        cluster.epochs[2] = try cluster.world.addBroker(2, unfence: false)
        let early = try cluster.beat(2, offset: (cluster.epochs[2] ?? 0) - 1)
        #expect(early.isFenced && !early.isCaughtUp)
        let late = try cluster.beat(2)
        #expect(!late.isFenced && late.isCaughtUp)
        #expect(cluster.world.image.brokers[2]?.isFenced == false)
    }

    @Test func refusesStrangersAndOldStarts() throws {
        var cluster = try Cluster([1])
        #expect(try cluster.beat(9, epoch: 0).errorCode == .brokerIdNotRegistered)
        #expect(try cluster.beat(1, epoch: 999).errorCode == .staleBrokerEpoch)
    }

    @Test func fencesWhoIsSilentAndLetsItReturn() throws {
        var cluster = try Cluster([1, 2])
        try cluster.world.create("t", assignments: [[1, 2], [2, 1]])
        cluster.world.nowMs += 8000
        try cluster.beat(1)
        #expect(try cluster.fence() == [])
        #expect(cluster.world.controller.nextFencingMs == cluster.world.nowMs + 1000)
        cluster.world.nowMs += 1000
        #expect(try cluster.fence() == [2])
        #expect(cluster.world.image.brokers[2]?.isFenced == true)
        #expect(try cluster.partition("t", 0).leader == 1 && cluster.partition("t", 0).isr == [1])
        #expect(try cluster.partition("t", 1).leader == 1 && cluster.partition("t", 1).leaderEpoch == 1)
        // It was only paused: its heartbeats go on, and leaders stay where they are.
        #expect(try !cluster.beat(2).isFenced)
        #expect(try cluster.partition("t", 1).leader == 1 && cluster.partition("t", 1).isr == [1])
    }

    @Test func theLastInSyncWaitsForItsReturn() throws {
        var cluster = try Cluster([1, 2])
        try cluster.world.create("t", assignments: [[1, 2]])
        cluster.world.nowMs += 8000
        try cluster.beat(1)
        cluster.world.nowMs += 8000
        #expect(try cluster.fence() == [2])
        cluster.world.nowMs += 9000
        #expect(try cluster.fence() == [1])
        #expect(try cluster.partition("t").leader == -1 && cluster.partition("t").isr == [1])
        // The other lacks what was written since.
        try cluster.beat(2)
        #expect(try cluster.partition("t").leader == -1)
        try cluster.beat(1)
        #expect(try cluster.partition("t").leader == 1)
    }

    @Test func fallsTogether() throws {
        var cluster = try Cluster([1, 2, 3])
        try cluster.world.create("t", assignments: [[1, 2, 3]])
        cluster.world.nowMs += 9000
        try cluster.beat(3)
        #expect(try cluster.fence() == [1, 2])
        #expect(try cluster.partition("t").leader == 3 && cluster.partition("t").leaderEpoch == 1)
    }

    @Test func leavesOnceOthersHaveTakenOver() throws {
        var cluster = try Cluster([1, 2])
        try cluster.world.create("t", assignments: [[1, 2]])
        let asked = try cluster.beat(1, wantShutDown: true)
        #expect(!asked.shouldShutDown && !asked.isFenced)
        #expect(try cluster.partition("t").leader == 2 && cluster.partition("t").isr == [2])
        #expect(cluster.world.image.brokers[1]?.isInControlledShutdown == true)
        // The new leader does not know yet.
        #expect(try !cluster.beat(1, wantShutDown: true).shouldShutDown)
        try cluster.beat(2)
        let gone = try cluster.beat(1, wantShutDown: true)
        #expect(gone.shouldShutDown && gone.isFenced)
        #expect(cluster.world.image.brokers[1]?.isFenced == true)
    }

    @Test func staysUntilSomebodyElseCanLead() throws {
        var cluster = try Cluster([1])
        try cluster.world.create("t", assignments: [[1]])
        // Nobody can take over, so that it leads nothing at once.
        #expect(try !cluster.beat(1, wantShutDown: true).shouldShutDown)
        #expect(try cluster.partition("t").leader == -1 && cluster.partition("t").isr == [1])
        #expect(try cluster.beat(1, wantShutDown: true).shouldShutDown)
    }

    @Test func refusesASecondOneWhileTheFirstLives() throws {
        var cluster = try Cluster([1])
        let request = BrokerRegistrationRequest(brokerId: 1, clusterId: "c", incarnationId: KafkaUUID(high: 5, low: 5))
        let (end, nowMs) = (cluster.end, cluster.world.nowMs)
        let early = cluster.world.controller.registerBroker(request, nextOffset: end, nowMs: nowMs)
        #expect(early.answer.errorCode == .duplicateBrokerRegistration && early.records.isEmpty)
        let late = cluster.world.controller.registerBroker(request, nextOffset: end, nowMs: nowMs + 9000)
        #expect(late.answer.errorCode == .none)
    }

    @Test func refusesWhoCannotReadTheFeatures() throws {
        var cluster = try Cluster([1])
        try cluster.world.commit(ControllerResult(records: cluster.world.controller.bootstrap(), answer: 0))
        let old = BrokerRegistrationRequest(
            brokerId: 4,
            clusterId: "c",
            incarnationId: KafkaUUID(high: 5, low: 5),
            features: [.init(name: "metadata.version", minSupportedVersion: 1, maxSupportedVersion: 7)]
        )
        let answer = cluster.world.controller.registerBroker(old, nextOffset: cluster.end, nowMs: 0).answer
        #expect(answer.errorCode == .unsupportedVersion)
    }

    @Test func aNewControllerGivesEverybodyAWholeSession() throws {
        var cluster = try Cluster([1, 2])
        cluster.world.nowMs += 100_000
        cluster.world.controller.becameActive(nowMs: cluster.world.nowMs)
        #expect(try cluster.fence() == [])
        cluster.world.nowMs += 9000
        #expect(try cluster.fence() == [1, 2])
    }

    @Test func unregisteringTakesABrokerOutOfEverything() throws {
        var cluster = try Cluster([1, 2])
        try cluster.world.create("t", assignments: [[1, 2]])
        let request = UnregisterBrokerRequest(brokerId: 1)
        let answer = try cluster.world.commit(cluster.world.controller.unregisterBroker(request))
        #expect(answer.errorCode == .none && cluster.world.image.brokers[1] == nil)
        #expect(try cluster.partition("t").leader == 2 && cluster.partition("t").isr == [2])
        let again = try cluster.world.commit(cluster.world.controller.unregisterBroker(request))
        #expect(again.errorCode == .brokerIdNotRegistered)
    }

    @Test func givesLeadershipsBackToPreferredReplicas() throws {
        var cluster = try Cluster([1, 2])
        try cluster.world.create("t", assignments: [[1, 2], [2, 1]])
        cluster.world.nowMs += 8000
        try cluster.beat(1)
        cluster.world.nowMs += 1000
        #expect(try cluster.fence() == [2])
        try cluster.beat(2)
        // Not in sync yet.
        #expect(try cluster.world.commit(cluster.world.controller.balanceLeaders()) == 0)
        let partition = try cluster.partition("t", 1)
        let topic = try #require(cluster.world.image.topics["t"])
        let request = AlterPartitionRequest(
            brokerId: 1,
            brokerEpoch: cluster.epochs[1] ?? -1,
            topics: [
                .init(
                    topicId: topic.id,
                    partitions: [
                        .init(
                            partitionIndex: 1,
                            leaderEpoch: partition.leaderEpoch,
                            newIsrWithEpochs: [.init(brokerId: 1), .init(brokerId: 2)],
                            partitionEpoch: partition.partitionEpoch
                        )
                    ]
                )
            ]
        )
        try cluster.world.commit(cluster.world.controller.alterPartition(request))
        #expect(try cluster.world.commit(cluster.world.controller.balanceLeaders()) == 1)
        #expect(try cluster.partition("t", 1).leader == 2)
    }
}
