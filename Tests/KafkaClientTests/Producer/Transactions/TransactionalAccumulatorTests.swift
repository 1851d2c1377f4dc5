import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaClient

@Suite("Batches in transactions")
struct TransactionalAccumulatorTests {
    static func fixture(implicit: Bool = false) throws -> AccumulatorFixture {
        var fixture = AccumulatorFixture { settings in
            settings.isIdempotent = true
            settings.isTransactional = true
            settings.lingerMs = 0
        }
        fixture.accumulator.restart(as: ProducerIdentity(id: 9, epoch: 3))
        try fixture.accumulator.transaction?.beginInitializing()
        fixture.accumulator.transaction?.initialized()
        try fixture.accumulator.transaction?.begin(addsImplicitly: implicit)
        return fixture
    }

    @Test func waitUntilTheirPartitionIsAdded() throws {
        var fixture = try Self.fixture()
        let slot = fixture.slots(1)[0]
        try fixture.accumulator.transaction?.want(TopicPartition(topic: "t", partition: 0))
        fixture.append(1, to: slot)
        #expect(fixture.poll().isEmpty)
        _ = fixture.accumulator.transaction?.takeWantedPartitions()
        fixture.accumulator.transaction?.partitionsAdded()
        let requests = fixture.poll()
        let header = requests.first?.batches.first?.header
        #expect(header?.isTransactional == true)
        #expect(header?.producerId == 9)
        #expect(header?.producerEpoch == 3)
        #expect(header?.baseSequence == 0)
    }

    @Test(arguments: [
        (ErrorCode.outOfOrderSequenceNumber, TransactionManager.Phase.abortable), (.unknownProducerId, .abortable),
        (.invalidProducerEpoch, .abortable), (.transactionAbortable, .abortable),
        (.topicAuthorizationFailed, .abortable),
        (.producerFenced, .failed), (.invalidTxnState, .failed), (.transactionalIdAuthorizationFailed, .failed),
    ])
    func aRefusalSpoilsTheTransactionOrTheProducer(code: ErrorCode, phase: TransactionManager.Phase) throws {
        var fixture = try Self.fixture(implicit: true)
        let slot = fixture.slots(1)[0]
        try fixture.accumulator.transaction?.want(TopicPartition(topic: "t", partition: 0))
        fixture.append(1, to: slot)
        let batch = try #require(fixture.poll().first?.batches.first)
        fixture.accumulator.answered(
            batch.id,
            AccumulatorFixture.refused(code),
            bytes: batch.contents,
            nowMs: fixture.nowMs
        )
        #expect(fixture.accumulator.transaction?.phase == phase)
        #expect(fixture.accumulator.incompleteBatches == 0)
        #expect(fixture.accumulator.deliveries.count == 1)
        // The epoch is the coordinator's to raise.
        #expect(!fixture.accumulator.needsIdentity)
    }

    @Test func anAbortDropsWhatWaits() throws {
        var fixture = try Self.fixture()
        let slot = fixture.slots(1)[0]
        try fixture.accumulator.transaction?.want(TopicPartition(topic: "t", partition: 0))
        fixture.append(1, to: slot)
        try fixture.accumulator.transaction?.beginAborting()
        fixture.accumulator.abandonAll(.transactionAborted)
        #expect(fixture.accumulator.incompleteBatches == 0)
        let ending = fixture.accumulator.transaction?.ending(endRaisesEpoch: false)
        #expect(ending == .init(commits: false, isKnown: false, raisesEpoch: false))
    }
}
