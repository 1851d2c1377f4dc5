import KafkaMessages
import Testing

@testable import KafkaCoordination

/// What comes after the last epoch of a producer id.
@Suite struct ExhaustedEpochTests {
    private static func exhausted(_ state: TransactionState) -> (TransactionWorld, Producer) {
        var (world, producer) = TransactionWorld.at(state, raising: false)
        if var transaction = world.coordinator.transactions["t"] {
            transaction.epoch = 32_766
            world.coordinator.replay(TransactionRecord("t", transaction))
        }
        producer.epoch = 32_766
        return (world, producer)
    }

    @Test func aNewProducerIDFollowsTheLastEpoch() {
        var (world, producer) = Self.exhausted(.empty)
        #expect(world.initialise("t", producer) == .granted(Producer(id: 102, epoch: 0)))
        #expect(world.coordinator.transactions["t"]?.previousProducerID == 101)
        #expect(world.initialise("t", producer) == .granted(Producer(id: 102, epoch: 0)))
        #expect(world.initialise("t", Producer(id: 101, epoch: 32_765)) == .refused(.producerFenced))
        #expect(world.add(producer) == .invalidProducerIdMapping)
    }

    @Test func fencingAtTheLastEpoch() {
        var (world, producer) = Self.exhausted(.ongoing)
        #expect(world.initialise() == .refused(.concurrentTransactions))
        #expect(world.coordinator.marker(of: "t")?.epoch == 32_767)
        #expect(world.end(producer, true) == .refused(.producerFenced))
        world.complete()
        #expect(world.initialise() == .granted(Producer(id: 102, epoch: 0)))
    }

    @Test func anEndAtTheLastEpochGivesANewProducerID() throws {
        var (world, producer) = Self.exhausted(.ongoing)
        _ = world.add(producer, "b", version: 2)
        let next = Producer(id: 102, epoch: 0)
        #expect(world.end(producer, true, raising: true) == .ended(next))
        let marker = world.coordinator.marker(of: "t")
        #expect(marker?.producerID == 101 && marker?.epoch == 32_767)
        #expect(world.add(next, version: 2) == .concurrentTransactions)
        #expect(world.end(next, false, raising: true) == .refused(.concurrentTransactions))
        #expect(world.initialise("t", next) == .refused(.concurrentTransactions))
        #expect(world.end(producer, true, raising: true) == .refused(.concurrentTransactions))
        try world.failOver()
        world.complete()
        #expect(world.end(producer, true, raising: true) == .ended(next))
        #expect(world.initialise("t", producer) == .granted(next))
        #expect(world.add(next, version: 2) == .none)
    }
}
