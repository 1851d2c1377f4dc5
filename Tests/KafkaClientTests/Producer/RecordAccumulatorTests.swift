import KafkaMessages
import KafkaWire
import NIOCore
import Testing

@testable import KafkaClient

extension [OutgoingRequest] {
    fileprivate var numbers: [[[Int]]] { map { $0.batches.map(\.numbers) } }
}

@Suite struct RecordAccumulatorTests {
    @Test func aBatchWaitsForTheLingerTime() {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        #expect(fixture.append(1, to: slot) == .laid(wakesSender: true))
        #expect(fixture.append(2, to: slot) == .laid(wakesSender: false))
        let early = fixture.accumulator.poll(nowMs: 1004)
        #expect(early.requests.isEmpty)
        #expect(early.deadlineMs == 1005)
        fixture.nowMs = 1005
        let requests = fixture.poll()
        #expect(requests.numbers == [[[1, 2]]])
        fixture.answer(requests[0], AccumulatorFixture.written(at: 40))
        let fates = fixture.takeFates()
        #expect(fates.map(\.numbers) == [[1, 2]])
        #expect(fates.map(\.offset) == [40])
        #expect(fixture.accumulator.memoryUsed == 0)
        #expect(fixture.accumulator.incompleteBatches == 0)
    }

    @Test func aFullBatchDoesNotWait() {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        fixture.append(1, to: slot)
        fixture.append(2, to: slot)
        #expect(fixture.poll().isEmpty)
        #expect(fixture.append(3, to: slot) == .laid(wakesSender: true))
        #expect(fixture.poll().numbers == [[[1, 2, 3]]])
    }

    @Test func aReadyBatchGrowsWhileNothingCanBeSent() {
        var fixture = AccumulatorFixture { $0.maxInFlight = 1 }
        let slot = fixture.slots(1)[0]
        for number in 1...3 { fixture.append(number, to: slot) }
        let first = fixture.poll()
        for number in 4...9 { fixture.append(number, to: slot) }
        #expect(fixture.poll().isEmpty)
        fixture.answer(first[0], AccumulatorFixture.written(at: 0))
        #expect(fixture.poll().numbers == [[[4, 5, 6, 7, 8]]])
    }

    @Test(arguments: 0..<3) func memoryFlushAndCloseMakeBatchesReady(trigger: Int) {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        fixture.append(1, to: slot)
        switch trigger {
        case 0: _ = fixture.accumulator.enqueueForMemory(100)
        case 1: _ = fixture.accumulator.flush()
        default: fixture.accumulator.beginClosing()
        }
        #expect(fixture.poll().numbers == [[[1]]])
    }

    @Test func aRequestTakesOneBatchOfEachPartitionInTurn() {
        var fixture = AccumulatorFixture { $0.maxRequestSize = 800 }
        for (index, slot) in fixture.slots(3).enumerated() {
            for number in 0..<10 { fixture.append(index * 10 + number, to: slot) }
        }
        let requests = fixture.poll()
        // Two batches of nearly 400 bytes fit, the third has to wait for the next request, which begins with it.
        #expect(requests.map { $0.batches.map(\.partition.partition) } == [[0, 1], [2, 0], [1, 2]])
    }

    @Test func noMoreRequestsAreUnderWayThanAllowed() {
        var fixture = AccumulatorFixture { $0.maxInFlight = 2 }
        let slot = fixture.slots(1)[0]
        for number in 0..<30 { fixture.append(number, to: slot) }
        let first = fixture.poll()
        #expect(first.count == 2)
        #expect(fixture.poll().isEmpty)
        fixture.answer(first[0], AccumulatorFixture.written(at: 0))
        #expect(fixture.poll().count == 1)
    }

    @Test func aRecordThatFitsNoRequestIsRefused() {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        guard case .tooLarge(let size) = fixture.append(1, to: slot, size: 2000) else {
            Issue.record("a record of 2000 bytes was taken")
            return
        }
        #expect(size > 2000)
        #expect(fixture.accumulator.incompleteBatches == 0)
        #expect(fixture.accumulator.memoryUsed == 0)
    }

    @Test func aRecordLargerThanABatchGetsOneForItself() {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        fixture.append(1, to: slot)
        fixture.append(2, to: slot, size: 600)
        fixture.append(3, to: slot)
        fixture.nowMs += 5
        #expect(fixture.poll().numbers == [[[1]], [[2]], [[3]]])
    }

    @Test func whoFindsNoMemoryIsCalledInTurn() {
        var fixture = AccumulatorFixture { $0.bufferMemory = 500 }
        let slot = fixture.slots(1)[0]
        for number in 1...5 { fixture.append(number, to: slot) }
        #expect(fixture.append(6, to: slot, size: 200) == .noMemory)
        let large = fixture.accumulator.enqueueForMemory(300)
        // A small record would fit, but the large one came first.
        #expect(fixture.append(7, to: slot, size: 1) == .noMemory)
        let small = fixture.accumulator.enqueueForMemory(100)
        #expect(fixture.accumulator.callTicket() == nil)
        let requests = fixture.poll()
        fixture.answer(requests[0], AccumulatorFixture.written(at: 0))
        #expect(fixture.accumulator.callTicket() == large)
        #expect(fixture.accumulator.callTicket() == nil)
        #expect(fixture.append(6, to: slot, size: 200, ticket: large) == .laid(wakesSender: true))
        fixture.accumulator.leaveMemoryQueue(large)
        #expect(fixture.accumulator.callTicket() == small)
        #expect(fixture.append(7, to: slot, size: 1, ticket: small) != .noMemory)
        fixture.accumulator.leaveMemoryQueue(small)
        #expect(!fixture.accumulator.isMemoryShort)
    }

    @Test func aBatchThatIsSentAgainKeepsItsPlaceAndSequence() {
        var fixture = AccumulatorFixture { $0.isIdempotent = true }
        let slot = fixture.slots(1)[0]
        for number in 0..<20 { fixture.append(number, to: slot) }
        // Until the first batch is written, it is under way alone.
        let first = fixture.poll()
        #expect(first.map { $0.batches[0].stamp?.baseSequence } == [0])
        fixture.answer(first[0], AccumulatorFixture.written(at: 0))
        let requests = fixture.poll()
        #expect(requests.map { $0.batches[0].stamp?.baseSequence } == [5, 10, 15])
        fixture.answer(requests[0], AccumulatorFixture.written(at: 5))
        fixture.answer(requests[2], AccumulatorFixture.refused(.outOfOrderSequenceNumber))
        fixture.answer(requests[1], AccumulatorFixture.refused(.notEnoughReplicas))
        fixture.append(20, to: slot)
        #expect(fixture.poll().isEmpty)
        fixture.nowMs += 200
        let second = fixture.poll()
        #expect(second.numbers == [[[10, 11, 12, 13, 14]]])
        #expect(second[0].batches[0].header?.baseSequence == 10)
        fixture.answer(second[0], AccumulatorFixture.written(at: 10))
        let third = fixture.poll()
        #expect(third.numbers == [[[15, 16, 17, 18, 19]], [[20]]])
        #expect(third.map { $0.batches[0].header?.baseSequence } == [15, 20])
    }

    /// A broker that was killed after it had written two batches: the first is asked for too early, the second is known.
    @Test func reportsKeepTheOrderOfThePartition() {
        var fixture = AccumulatorFixture { $0.isIdempotent = true }
        let slot = fixture.slots(1)[0]
        for number in 0..<15 { fixture.append(number, to: slot) }
        fixture.answer(fixture.poll()[0], AccumulatorFixture.written(at: 0))
        #expect(fixture.takeFates().map(\.numbers) == [[0, 1, 2, 3, 4]])
        let requests = fixture.poll()
        fixture.answer(requests[0], AccumulatorFixture.refused(.notLeaderOrFollower))
        fixture.answer(requests[1], AccumulatorFixture.written(at: 10))
        #expect(fixture.takeFates().isEmpty)
        fixture.nowMs += 200
        fixture.answer(fixture.poll()[0], AccumulatorFixture.written(at: 5))
        let fates = fixture.takeFates()
        #expect(fates.map(\.numbers) == [[5, 6, 7, 8, 9], [10, 11, 12, 13, 14]])
        #expect(fates.map(\.offset) == [5, 10])
    }

    @Test func aBatchIsGivenUpAfterTheDeliveryTimeout() {
        var fixture = AccumulatorFixture { $0.deliveryTimeoutMs = 1000 }
        let slot = fixture.accumulator.slot(of: TopicPartition(topic: "t", partition: 0))
        fixture.append(1, to: slot)
        #expect(fixture.accumulator.poll(nowMs: 1999).deadlineMs == 2000)
        fixture.nowMs = 2000
        #expect(fixture.poll().isEmpty)
        let fates = fixture.takeFates()
        #expect(fates.map(\.numbers) == [[1]])
        #expect(fates.map(\.offset) == [nil])
        #expect(fixture.accumulator.memoryUsed == 0)
    }

    @Test func aBatchUnderWayIsReportedInTimeAndItsMemoryFreedWithTheAnswer() {
        var fixture = AccumulatorFixture { $0.deliveryTimeoutMs = 1000 }
        let slot = fixture.slots(1)[0]
        fixture.append(1, to: slot)
        fixture.nowMs += 5
        let requests = fixture.poll()
        fixture.nowMs = 2000
        #expect(fixture.poll().isEmpty)
        #expect(fixture.takeFates().map(\.numbers) == [[1]])
        #expect(fixture.accumulator.memoryUsed > 0)
        fixture.answer(requests[0], AccumulatorFixture.lost)
        #expect(fixture.takeFates().isEmpty)
        #expect(fixture.accumulator.memoryUsed == 0)
        #expect(fixture.accumulator.incompleteBatches == 0)
    }

    @Test func retriesAreCounted() {
        var fixture = AccumulatorFixture { $0.retries = 2 }
        let slot = fixture.slots(1)[0]
        fixture.append(1, to: slot)
        for _ in 0..<3 {
            fixture.nowMs += 2000
            let requests = fixture.poll()
            #expect(requests.count == 1)
            for request in requests { fixture.answer(request, AccumulatorFixture.refused(.notLeaderOrFollower)) }
        }
        #expect(fixture.takeFates().map(\.offset) == [nil])
        #expect(fixture.accumulator.staleTopics == ["t"])
    }

    @Test func aBatchTooLargeIsCutAndASingleRecordFailsAlone() {
        var fixture = AccumulatorFixture { $0.isIdempotent = true }
        let slot = fixture.slots(1)[0]
        fixture.append(0, to: slot, size: 250)
        fixture.append(1, to: slot)
        var log: [Int] = []
        // The broker takes no batch above 200 bytes, so the first record can never pass.
        for _ in 0..<10 where fixture.accumulator.incompleteBatches > 0 {
            fixture.nowMs += 300
            for request in fixture.poll() {
                let batch = request.batches[0]
                if batch.header?.sizeInBytes ?? 0 > 200 {
                    fixture.answer(request, AccumulatorFixture.refused(.messageTooLarge))
                } else if batch.stamp?.baseSequence != Int32(log.count) {
                    fixture.answer(request, AccumulatorFixture.refused(.outOfOrderSequenceNumber))
                } else {
                    fixture.answer(request, AccumulatorFixture.written(at: Int64(log.count)))
                    log += batch.numbers
                }
            }
        }
        #expect(log == [1])
        let fates = fixture.takeFates()
        #expect(fates.map(\.numbers) == [[0], [1]])
        #expect(fates.map(\.offset) == [nil, 0])
        #expect(fixture.accumulator.memoryUsed == 0)
    }

    @Test func laterBatchesStartSmallerAfterARefusalForSize() {
        var fixture = AccumulatorFixture {
            $0.maxRequestSize = 8000
            $0.batchLimit = 8000
        }
        let slot = fixture.slots(1)[0]
        for number in 0..<100 { fixture.append(number, to: slot) }
        let first = fixture.poll()
        #expect(first[0].batches[0].recordCount == 100)
        fixture.answer(first[0], AccumulatorFixture.refused(.messageTooLarge))
        for number in 100..<200 { fixture.append(number, to: slot) }
        #expect(fixture.poll().allSatisfy { $0.batches[0].recordCount <= 50 })
    }

    @Test func aFlushEndsWhenAllThatWasThereIsAnswered() {
        var fixture = AccumulatorFixture()
        #expect(fixture.accumulator.flush() == nil)
        let slots = fixture.slots(2)
        fixture.append(1, to: slots[0])
        fixture.append(2, to: slots[1])
        let token = fixture.accumulator.flush()
        let requests = fixture.poll()
        #expect(requests.count == 1)
        fixture.append(3, to: slots[0])
        #expect(fixture.accumulator.takeFinishedFlushes().isEmpty)
        fixture.answer(requests[0], AccumulatorFixture.written(at: 0))
        #expect(fixture.accumulator.takeFinishedFlushes() == [token])
        #expect(!fixture.accumulator.isFlushing)
        #expect(fixture.accumulator.incompleteBatches == 1)
    }

    @Test func nodesAreConnectedToOnDemandAndRestAfterAFailure() {
        var fixture = AccumulatorFixture()
        let slot = fixture.accumulator.slot(of: TopicPartition(topic: "t", partition: 0))
        fixture.accumulator.setLeader(3, of: slot)
        #expect(fixture.accumulator.poll(nowMs: 1000).connects.isEmpty)
        fixture.append(1, to: slot)
        #expect(fixture.accumulator.poll(nowMs: 1005).connects == [3])
        #expect(fixture.accumulator.poll(nowMs: 1006).connects.isEmpty)
        fixture.accumulator.disconnected(3, notBeforeMs: 1100, failure: nil)
        let resting = fixture.accumulator.poll(nowMs: 1050)
        #expect(resting.connects.isEmpty)
        #expect(resting.deadlineMs == 1100)
        #expect(fixture.accumulator.poll(nowMs: 1100).connects == [3])
        fixture.accumulator.connected(3)
        #expect(fixture.accumulator.poll(nowMs: 1101).requests.map(\.node) == [3])
    }

    @Test func aThrottledNodeIsLeftAlone() {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        fixture.accumulator.throttle(1, untilMs: 2000)
        fixture.append(1, to: slot)
        #expect(fixture.accumulator.poll(nowMs: 1999).requests.isEmpty)
        #expect(fixture.accumulator.poll(nowMs: 2000).requests.count == 1)
    }

    @Test func batchesFollowTheLeader() {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        fixture.append(1, to: slot)
        fixture.nowMs += 5
        let first = fixture.poll()
        #expect(first.map(\.node) == [1])
        fixture.accumulator.setLeader(2, of: slot)
        fixture.accumulator.connected(2)
        fixture.answer(first[0], .refused(.notLeaderOrFollower, message: nil, hasNewLeader: true))
        #expect(fixture.poll().map(\.node) == [2])
    }

    @Test func bulkAppendsTakeWhatFits() {
        var fixture = AccumulatorFixture { $0.bufferMemory = 2000 }
        let slot = fixture.slots(1)[0]
        let block = (0..<40).flatMap { AccumulatorFixture.value($0, size: 50) }
        let all = (0..<40).map { RecordSpan(valueOffset: Int32($0 * 50), valueLength: 50) }
        var spans = all[...]
        let verdict = block.withUnsafeBytes { bytes in
            fixture.accumulator.append(
                &spans,
                in: bytes,
                timestampMs: 1,
                byteLimit: .max,
                to: slot,
                ticket: nil,
                nowMs: 1000
            )
        }
        #expect(verdict == .noMemory)
        #expect((1..<20).contains(spans.count))
        #expect(fixture.accumulator.memoryUsed <= 2000)
        fixture.nowMs += 5
        let sent = fixture.poll().flatMap { $0.batches.flatMap(\.numbers) }
        #expect(sent == Array(0..<sent.count))
    }

    @Test func theEndAbandonsWhatIsLeft() {
        var fixture = AccumulatorFixture()
        let slot = fixture.slots(1)[0]
        for number in 0..<8 { fixture.append(number, to: slot) }
        let requests = fixture.poll()
        fixture.append(8, to: slot)
        fixture.accumulator.beginClosing()
        fixture.accumulator.abandonAll(.closedBeforeDelivery)
        #expect(fixture.takeFates().flatMap(\.numbers).sorted() == Array(0..<9))
        for request in requests { fixture.answer(request, AccumulatorFixture.lost) }
        #expect(fixture.takeFates().isEmpty)
        #expect(fixture.accumulator.incompleteBatches == 0)
        #expect(fixture.accumulator.memoryUsed == 0)
    }
}
