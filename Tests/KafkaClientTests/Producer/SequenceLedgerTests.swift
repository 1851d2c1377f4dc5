import Testing

@testable import KafkaClient

private func batch(_ birth: UInt64, _ first: Int32 = 0) -> BatchID {
    BatchID(birth: birth, firstRecord: first)
}

private func stamp(_ sequence: Int32, epoch: Int16 = 0, id: Int64 = 7) -> SequenceStamp {
    SequenceStamp(identity: ProducerIdentity(id: id, epoch: epoch), baseSequence: sequence)
}

private func isEqual(_ left: SequenceLedger.Renumbering, _ right: SequenceLedger.Renumbering) -> Bool {
    left.elementsEqual(right) { $0.batch == $1.batch && $0.stamp == $1.stamp }
}

@Suite struct SequenceLedgerTests {
    /// A ledger whose identity brokers know, with batches 1, 2, 3 … of ten records each under way.
    private func ledger(batches: Int = 0, epoch: Int16 = 0) -> SequenceLedger {
        var ledger = SequenceLedger(identity: ProducerIdentity(id: 7, epoch: epoch))
        _ = ledger.assign(batch: batch(0), recordCount: 0)
        ledger.succeeded(batch(0))
        for number in 0..<batches { _ = ledger.assign(batch: batch(UInt64(number + 1)), recordCount: 10) }
        return ledger
    }

    @Test func sequencesFollowEachOtherAndFiveMayBeUnanswered() {
        var ledger = ledger()
        for number in 1...5 {
            #expect(ledger.assign(batch: batch(UInt64(number)), recordCount: 10) == stamp(Int32(number - 1) * 10))
        }
        #expect(!ledger.acceptsNewBatch)
        #expect(ledger.assign(batch: batch(6), recordCount: 1) == nil)
        ledger.succeeded(batch(1))
        #expect(ledger.assign(batch: batch(6), recordCount: 1) == stamp(50))
    }

    @Test func oneBatchIsUnderWayUntilBrokersKnowTheIdentity() {
        var ledger = SequenceLedger(identity: ProducerIdentity(id: 7, epoch: 0))
        #expect(ledger.assign(batch: batch(1), recordCount: 3) == stamp(0))
        #expect(!ledger.acceptsNewBatch)
        ledger.succeeded(batch(1))
        #expect(ledger.assign(batch: batch(2), recordCount: 3) == stamp(3))
        #expect(ledger.acceptsNewBatch)
    }

    @Test func theLowestUnansweredBatchStaysAmongTheLastFive() {
        var ledger = ledger(batches: 2)
        ledger.succeeded(batch(2))
        for number in 3...5 {
            #expect(ledger.assign(batch: batch(UInt64(number)), recordCount: 10) != nil)
            ledger.succeeded(batch(UInt64(number)))
        }
        #expect(!ledger.acceptsNewBatch)
        #expect(ledger.foundOutOfSequence(batch(1)) == .alreadyWritten)
        ledger.succeeded(batch(1))
        #expect(ledger.assign(batch: batch(6), recordCount: 1) == stamp(50))
    }

    @Test func sequencesWrapToZero() {
        #expect(SequenceLedger.advance(.max, by: 1) == 0)
        #expect(SequenceLedger.advance(.max - 4, by: 10) == 5)
        #expect(SequenceLedger.distance(from: .max, to: 4) == 5)
        #expect(SequenceLedger.distance(from: 4, to: .max) == -5)
        #expect(SequenceLedger.distance(from: 3, to: 3) == 0)
    }

    @Test func onlyTheLowestUnansweredBatchIsRepeated() {
        var ledger = ledger(batches: 2)
        #expect(ledger.acceptsRepetition(of: batch(1)))
        #expect(!ledger.acceptsRepetition(of: batch(2)))
        ledger.succeeded(batch(1))
        #expect(ledger.acceptsRepetition(of: batch(2)))
    }

    @Test func outOfSequenceBehindAnUnansweredBatchIsRepeatedUnchanged() {
        var ledger = ledger(batches: 2)
        #expect(ledger.foundOutOfSequence(batch(2)) == .sendAgain)
        #expect(ledger.settle(requestsUnderWay: 0).isEmpty)
        #expect(ledger.acceptsNewBatch)
    }

    @Test func outOfSequenceForTheLowestBeginsAnEpochWhenNothingIsUnderWay() {
        var ledger = ledger(batches: 3)
        ledger.succeeded(batch(1))
        #expect(ledger.foundOutOfSequence(batch(2)) == .startsAfresh)
        #expect(!ledger.acceptsNewBatch)
        #expect(!ledger.acceptsRepetition(of: batch(2)))
        #expect(ledger.settle(requestsUnderWay: 1).isEmpty)
        let renumbering = ledger.settle(requestsUnderWay: 0)
        #expect(isEqual(renumbering, [(batch(2), stamp(0, epoch: 1)), (batch(3), stamp(10, epoch: 1))]))
        #expect(ledger.acceptsRepetition(of: batch(2)))
        ledger.succeeded(batch(2))
        #expect(ledger.assign(batch: batch(4), recordCount: 1) == stamp(20, epoch: 1))
    }

    @Test func numbersOfBatchesThatWereSurelyNotWrittenAreTakenBack() {
        var ledger = ledger(batches: 2)
        ledger.gaveUp(batch(1), mayBeWritten: false)
        #expect(!ledger.acceptsNewBatch)
        ledger.gaveUp(batch(2), mayBeWritten: false)
        #expect(ledger.assign(batch: batch(3), recordCount: 1) == stamp(0))
    }

    @Test func aSuccessBehindAHoleClosesIt() {
        var ledger = ledger(batches: 2)
        ledger.gaveUp(batch(1), mayBeWritten: true)
        ledger.succeeded(batch(2))
        #expect(ledger.assign(batch: batch(3), recordCount: 1) == stamp(20))
    }

    @Test func aSuccessBeforeAHoleDoesNot() {
        var ledger = ledger(batches: 3)
        ledger.gaveUp(batch(2), mayBeWritten: false)
        ledger.succeeded(batch(1))
        #expect(!ledger.acceptsNewBatch)
        #expect(ledger.foundOutOfSequence(batch(3)) == .startsAfresh)
        #expect(isEqual(ledger.settle(requestsUnderWay: 0), [(batch(3), stamp(0, epoch: 1))]))
    }

    @Test func anUncertainHoleEndsTheEpoch() {
        var ledger = ledger(batches: 1)
        ledger.gaveUp(batch(1), mayBeWritten: true)
        #expect(!ledger.acceptsNewBatch)
        #expect(ledger.settle(requestsUnderWay: 0).isEmpty)
        #expect(ledger.assign(batch: batch(2), recordCount: 1) == stamp(0, epoch: 1))
    }

    @Test func theLastEpochNeedsANewIdentity() {
        var ledger = ledger(batches: 1, epoch: .max)
        #expect(ledger.foundOutOfSequence(batch(1)) == .startsAfresh)
        #expect(ledger.settle(requestsUnderWay: 0).isEmpty)
        #expect(ledger.awaitsIdentity)
        #expect(!ledger.acceptsRepetition(of: batch(1)))
        let renumbering = ledger.adopt(ProducerIdentity(id: 8, epoch: 0))
        #expect(isEqual(renumbering, [(batch(1), stamp(0, id: 8))]))
    }

    @Test func anOutdatedEpochNeedsANewIdentity() {
        var ledger = ledger(batches: 1)
        ledger.foundOutdated(batch(1))
        ledger.gaveUp(batch(1), mayBeWritten: false)
        _ = ledger.settle(requestsUnderWay: 0)
        #expect(ledger.awaitsIdentity)
        #expect(ledger.adopt(ProducerIdentity(id: 9, epoch: 0)).isEmpty)
        #expect(ledger.assign(batch: batch(2), recordCount: 1) == stamp(0, id: 9))
    }

    @Test func partsOfABatchShareItsNumbers() {
        var ledger = ledger(batches: 2)
        let parts = ledger.split(batch(1), into: [(batch(1), 4), (batch(1, 4), 6)])
        #expect(isEqual(parts, [(batch(1), stamp(0)), (batch(1, 4), stamp(4))]))
        for part in [batch(1), batch(1, 4), batch(2)] {
            #expect(ledger.acceptsRepetition(of: part))
            ledger.succeeded(part)
        }
        #expect(ledger.assign(batch: batch(3), recordCount: 1) == stamp(20))
    }

    @Test func withoutIdentityNothingIsSent() {
        var ledger = SequenceLedger(identity: nil)
        #expect(ledger.assign(batch: batch(1), recordCount: 1) == nil)
        _ = ledger.adopt(ProducerIdentity(id: 7, epoch: 0))
        #expect(ledger.assign(batch: batch(1), recordCount: 1) == stamp(0))
    }
}
