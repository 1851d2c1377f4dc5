import KafkaMessages
import Testing

@testable import KafkaCoordination

@Suite struct MarkerDeliveryTests {
    private func marker(_ partitions: [Int32], epoch: Int16 = 0) -> TransactionMarker {
        TransactionMarker(
            transactionalID: "t",
            producerID: 1,
            epoch: epoch,
            isCommit: true,
            partitions: PartitionSet([("a", partitions)]),
            transactionVersion: 0
        )
    }

    @Test func sendsUntilEveryPartitionHasIt() {
        var delivery = MarkerDelivery()
        let marker = marker([0, 1, 2])
        delivery.add(marker)
        delivery.add(marker)
        #expect(delivery.takeDue(nowMs: 0).map(\.partitions) == [PartitionSet([("a", [0, 1, 2])])])
        #expect(delivery.takeDue(nowMs: 1000).isEmpty, "an answer is expected first")
        let first: [MarkerDelivery.PartitionResult] = [.init("a", 0, .none), .init("a", 1, .notLeaderOrFollower)]
        #expect(delivery.finished(marker, results: first, nowMs: 10) == false)
        #expect(delivery.nextDeadlineMs == 30)
        #expect(delivery.takeDue(nowMs: 29).isEmpty)
        #expect(delivery.takeDue(nowMs: 30).map(\.partitions) == [PartitionSet([("a", [1, 2])])])
        // A deleted partition needs no marker.
        let second: [MarkerDelivery.PartitionResult] = [.init("a", 1, .unknownTopicOrPartition), .init("a", 2, .none)]
        #expect(delivery.finished(marker, results: second, nowMs: 40) == true)
        #expect(!delivery.isEmpty, "it is not in the log yet")
        delivery.remove("t")
        #expect(delivery.isEmpty)
    }

    @Test func withoutPartitionsItIsCompleteAtOnce() {
        var delivery = MarkerDelivery()
        delivery.add(marker([]))
        #expect(delivery.takeDue(nowMs: 0).count == 1)
        #expect(delivery.finished(marker([]), results: [], nowMs: 0) == true)
    }

    @Test func pausesGrowAndEnd() {
        var delivery = MarkerDelivery()
        delivery.add(marker([0]))
        var pauses: [Int64] = []
        var nowMs: Int64 = 0
        for _ in 0..<8 {
            _ = delivery.takeDue(nowMs: nowMs)
            _ = delivery.finished(marker([0]), results: [.init("a", 0, .requestTimedOut)], nowMs: nowMs)
            let next = delivery.nextDeadlineMs ?? nowMs
            pauses.append(next - nowMs)
            nowMs = next
        }
        #expect(pauses == [20, 40, 80, 160, 320, 640, 1000, 1000])
    }

    @Test func answersToAnEarlierMarkerCountForNothing() {
        var delivery = MarkerDelivery()
        delivery.add(marker([0]))
        _ = delivery.takeDue(nowMs: 0)
        delivery.add(marker([0], epoch: 1))
        #expect(delivery.finished(marker([0]), results: [.init("a", 0, .none)], nowMs: 6) == false)
        #expect(delivery.takeDue(nowMs: 6).map(\.marker.epoch) == [1])
    }
}

@Suite struct TransactionGuardsTests {
    /// A request of a producer that was shut out, still under way, does not break the guard of its successor.
    @Test func aShutOutProducerBreaksNoGuard() {
        var guards = TransactionGuards()
        let late = guards.begin(producerID: 7, epoch: 3, firstSequence: 0, nowMs: 0)
        let held = guards.begin(producerID: 7, epoch: 4, firstSequence: 0, nowMs: 1)
        #expect(!guards.holds(late, producerID: 7))
        guards.refuse(producerID: 7, epoch: 3)
        #expect(!guards.holds(guards.begin(producerID: 7, epoch: 3, firstSequence: 0, nowMs: 2), producerID: 7))
        #expect(guards.holds(held, producerID: 7))
        #expect(guards.check(producerID: 7, epoch: 4, firstSequence: 0, held: held) == .append)
        guards.refuse(producerID: 7, epoch: 4)
        #expect(!guards.holds(held, producerID: 7))
    }

    @Test func aMarkerBreaksTheGuard() {
        var guards = TransactionGuards()
        let held = guards.begin(producerID: 1, epoch: 0, firstSequence: 0, nowMs: 0)
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 0, held: nil) == .refuse)
        #expect(guards.check(producerID: 2, epoch: 0, firstSequence: 0, held: held) == .refuse)
        #expect(guards.check(producerID: 1, epoch: 1, firstSequence: 0, held: held) == .refuse)
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 0, held: held) == .append)
        guards.end(producerID: 1)
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 0, held: held) == .refuse)
        let again = guards.begin(producerID: 1, epoch: 0, firstSequence: 0, nowMs: 0)
        #expect(again != held)
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 0, held: held) == .refuse)
    }

    @Test func theFirstBatchIsNotOvertaken() {
        var guards = TransactionGuards()
        let first = guards.begin(producerID: 1, epoch: 0, firstSequence: 4, nowMs: 0)
        let second = guards.begin(producerID: 1, epoch: 0, firstSequence: 9, nowMs: 0)
        #expect(first == second)
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 9, held: second) == .outOfOrder(expected: 4))
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 4, held: first) == .append)
    }

    /// Another leader may have written the marker meanwhile.
    @Test func noGuardOutlivesItsLeadership() {
        var guards = TransactionGuards()
        let late = guards.begin(producerID: 1, epoch: 0, firstSequence: 4, nowMs: 0)
        guards.leadershipChanged()
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 4, held: late) == .leadershipChanged)
        let held = guards.begin(producerID: 1, epoch: 0, firstSequence: 9, nowMs: 1)
        #expect(held != late && guards.holds(held, producerID: 1))
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 4, held: late) == .leadershipChanged)
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 9, held: held) == .append)
        #expect(guards.check(producerID: 1, epoch: 0, firstSequence: 9, held: nil) == .refuse)
    }

    @Test func forgetsThoseWhoNeverCameBack() {
        var guards = TransactionGuards()
        _ = guards.begin(producerID: 1, epoch: 0, firstSequence: 0, nowMs: 0)
        _ = guards.begin(producerID: 2, epoch: 0, firstSequence: 0, nowMs: 500)
        guards.removeExpired(nowMs: 1000, idleMs: 1000)
        #expect(guards.count == 1)
    }
}
