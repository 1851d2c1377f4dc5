import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct ReplicationQuotaTests {
    @Test func withoutALimitNothingIsHeld() {
        var quota = ReplicationQuota()
        quota.record(Int(Int32.max), nowMs: 0)
        #expect(!quota.isExceeded(nowMs: 0))
    }

    @Test func aBurstPassesAndIsPaidFor() {
        var quota = ReplicationQuota(bytesPerSecond: 100)
        quota.record(1000, nowMs: 50_000)
        // Ten windows' worth at once is just the limit.
        #expect(!quota.isExceeded(nowMs: 50_000))
        quota.record(500, nowMs: 50_100)
        #expect(quota.isExceeded(nowMs: 50_100))
        #expect(quota.retryMs(nowMs: 50_100) == 51_000)
        #expect(quota.isExceeded(nowMs: 60_999))
        #expect(!quota.isExceeded(nowMs: 61_000), "the window with the burst has gone")
    }

    /// Whoever copies whenever it may copies as fast as the limit says.
    @Test(arguments: [100, 5000, 1_000_000] as [Int64])
    func theRateIsKept(bytesPerSecond: Int64) {
        var quota = ReplicationQuota(bytesPerSecond: bytesPerSecond)
        let part = Int(bytesPerSecond) / 4
        var total: Int64 = 0
        for nowMs in stride(from: Int64(0), to: 300_000, by: 50) where !quota.isExceeded(nowMs: nowMs) {
            quota.record(part, nowMs: nowMs)
            total += Int64(part)
        }
        let expected = bytesPerSecond * 300
        #expect(total > expected * 9 / 10 && total < expected * 12 / 10, "\(total) of \(expected)")
    }

    @Test func aLimitOfNothingHoldsAfterTheFirst() {
        var quota = ReplicationQuota(bytesPerSecond: 0)
        #expect(!quota.isExceeded(nowMs: 5))
        quota.record(1, nowMs: 5)
        #expect(quota.isExceeded(nowMs: 5))
    }

    @Test func replicasAreNamedAsInTheConfig() {
        #expect(ThrottledReplicas(["*"]).contains(partition: 7, broker: 7))
        let some = ThrottledReplicas(["0:1001", "0:1002", "3:1001", "x", "4"])
        #expect(some.contains(partition: 0, broker: 1002) && some.contains(partition: 3, broker: 1001))
        #expect(!some.contains(partition: 3, broker: 1002) && !some.contains(partition: 4, broker: 1001))
        #expect(ThrottledReplicas([]) == .none)
    }

    @Test func whatIsHeldIsNotFetched() {
        let held = FetchKey(topic: .id(KafkaUUID(high: 1, low: 1)), partition: 0)
        let free = FetchKey(topic: .id(KafkaUUID(high: 1, low: 1)), partition: 1)
        var fetcher = ReplicaFetcher()
        let log = FollowedLog(start: 0, end: 0, lastEpoch: -1)
        fetcher.follow(held, leaderEpoch: 1, log: log)
        #expect(fetcher.next(nowMs: 10) { $0 == held ? 1000 : nil } == .wait(untilMs: 1000))
        fetcher.follow(free, leaderEpoch: 1, log: log)
        guard case .fetch(let request) = fetcher.next(nowMs: 10, heldUntilMs: { $0 == held ? 1000 : nil }) else {
            Issue.record("nothing is fetched")
            return
        }
        #expect(request.targets.map(\.key) == [free])
        let none: [FollowerAnswer<String>] = []
        #expect(fetcher.received(none, sessionID: 3, nowMs: 20).isEmpty)
        guard case .fetch(let next) = fetcher.next(nowMs: 1000) else {
            Issue.record("nothing is fetched")
            return
        }
        #expect(next.targets.map(\.key) == [held], "the session knows the other already")
    }
}
