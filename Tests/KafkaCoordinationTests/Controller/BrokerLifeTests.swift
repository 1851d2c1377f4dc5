import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct BrokerLifeTests {
    @Test func registersFencedAndTakesPartAfterUnfencing() throws {
        var world = ControllerWorld()
        try world.commit(ControllerResult(records: world.controller.bootstrap(), answer: ()))
        #expect(world.controller.bootstrap().isEmpty)
        let offset = Int64(world.log.count)
        let epoch = try world.addBroker(1, unfence: false)
        #expect(epoch == offset)
        #expect(world.image.brokers[1]?.isFenced == true)
        #expect(try world.commit(world.controller.unfenceBroker(1, epoch: epoch + 6)) == .staleBrokerEpoch)
        #expect(try world.commit(world.controller.unfenceBroker(2, epoch: epoch)) == .brokerIdNotRegistered)
        #expect(try world.commit(world.controller.unfenceBroker(1, epoch: epoch)) == .none)
        #expect(world.image.brokers[1]?.isActive == true)
        let length = world.log.count
        #expect(try world.commit(world.controller.unfenceBroker(1, epoch: epoch)) == .none)
        #expect(world.log.count == length)
    }

    @Test func anotherStartMovesTheLeaderEpoch() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.create("t")
        try world.addBroker(1, unfence: false)
        var partition = try #require(world.image.topics["t"]?.partitions.first)
        #expect(partition.leader == -1)
        #expect(partition.isr == [1], "the last member of the ISR is never removed")
        let epoch = try #require(world.image.brokers[1]?.epoch)
        try world.commit(world.controller.unfenceBroker(1, epoch: epoch))
        partition = try #require(world.image.topics["t"]?.partitions.first)
        #expect(partition.leader == 1)
        #expect(partition.leaderEpoch == 2)
        #expect(partition.partitionEpoch == 2)
    }

    @Test func refusesAnotherCluster() throws {
        var world = ControllerWorld()
        let request = BrokerRegistrationRequest(brokerId: 1, clusterId: "other")
        let answer = try world.commit(world.controller.registerBroker(request, nextOffset: 0, nowMs: 0))
        #expect(answer.errorCode == .inconsistentClusterId)
        #expect(world.log.isEmpty)
    }

    @Test func registeringTwiceInOneStartChangesNothing() throws {
        var world = ControllerWorld()
        let request = BrokerRegistrationRequest(brokerId: 1, clusterId: "c", incarnationId: .one)
        let first = try world.commit(world.controller.registerBroker(request, nextOffset: 0, nowMs: 0))
        let second = try world.commit(world.controller.registerBroker(request, nextOffset: 1, nowMs: 0))
        #expect(first.brokerEpoch == second.brokerEpoch)
        #expect(world.log.count == 1)
    }

    @Test func givesOutProducerIDsInBlocks() throws {
        var world = ControllerWorld()
        let epoch = try world.addBroker(1)
        var request = AllocateProducerIdsRequest(brokerId: 1, brokerEpoch: epoch)
        var answer = try world.commit(world.controller.allocateProducerIDs(request))
        #expect(answer.producerIdStart == 0 && answer.producerIdLen == 1000)
        answer = try world.commit(world.controller.allocateProducerIDs(request))
        #expect(answer.producerIdStart == 1000)
        request.brokerEpoch += 1
        #expect(try world.commit(world.controller.allocateProducerIDs(request)).errorCode == .staleBrokerEpoch)
        request.brokerId = 9
        #expect(try world.commit(world.controller.allocateProducerIDs(request)).errorCode == .brokerIdNotRegistered)
        #expect(world.image.nextProducerID == 2000)
    }

    @Test func replayNamesWhatDoesNotFit() {
        var image = MetadataImage()
        #expect(throws: MetadataReplayError.self) { try image.apply(.removeTopic(RemoveTopicRecord(topicId: .one))) }
        #expect(throws: MetadataReplayError.self) { try image.apply(.partition(PartitionRecord(topicId: .one))) }
        #expect(throws: MetadataReplayError.self) {
            try image.apply(.brokerRegistrationChange(BrokerRegistrationChangeRecord(brokerId: 1)))
        }
    }
}
