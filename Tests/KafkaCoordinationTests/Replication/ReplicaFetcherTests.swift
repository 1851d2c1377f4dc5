import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct ReplicaFetcherTests {
    private typealias Answer = FollowerAnswer<String>

    private let a = FetchKey(topic: .id(KafkaUUID(high: 1, low: 1)), partition: 0)
    private let b = FetchKey(topic: .id(KafkaUUID(high: 1, low: 1)), partition: 1)

    private func log(_ end: Int64, epoch: Int32 = 2, start: Int64 = 0) -> FollowedLog {
        FollowedLog(start: start, end: end, lastEpoch: epoch)
    }

    private func request(_ step: ReplicaFetcher.Step) throws -> FollowerSession.Request {
        guard case .fetch(let request) = step else {
            Issue.record("\(step) is no fetch")
            throw CancellationError()
        }
        return request
    }

    @Test func asksFromItsLogsEndAndAcknowledgesByTheNextRequest() throws {
        var fetcher = ReplicaFetcher()
        #expect(fetcher.next(nowMs: 0) == .wait(untilMs: nil))
        fetcher.follow(a, leaderEpoch: 3, log: log(7))
        let first = try request(fetcher.next(nowMs: 0))
        #expect(first.id == 0 && first.epoch == 0)
        #expect(first.targets.map(\.offset) == [7])
        #expect(first.targets.map(\.currentLeaderEpoch) == [3])
        #expect(first.targets.map(\.lastFetchedEpoch) == [2])
        #expect(fetcher.next(nowMs: 0) == .wait(untilMs: nil), "one request at a time")
        let effects = fetcher.received(
            [Answer(key: a, highWatermark: 9, logStart: 1, records: "7 and 8")],
            sessionID: 5,
            nowMs: 0
        )
        #expect(effects.count == 1)
        guard case .append(let records, let highWatermark, let logStart)? = effects.first?.work else { return }
        #expect(records == "7 and 8" && highWatermark == 9 && logStart == 1)
        #expect(fetcher.next(nowMs: 0) == .wait(untilMs: nil), "the work is not done")
        fetcher.moved(a, leaderEpoch: 3, log: log(9, epoch: 3))
        let second = try request(fetcher.next(nowMs: 0))
        #expect(second.id == 5 && second.epoch == 1)
        #expect(second.targets.map(\.offset) == [9])
    }

    @Test func namesInASessionOnlyWhatChanged() throws {
        var fetcher = ReplicaFetcher()
        fetcher.follow(a, leaderEpoch: 1, log: log(1))
        fetcher.follow(b, leaderEpoch: 1, log: log(2))
        #expect(try request(fetcher.next(nowMs: 0)).targets.count == 2)
        _ = fetcher.received([Answer](), sessionID: 4, nowMs: 0)
        #expect(try request(fetcher.next(nowMs: 0)) == .init(id: 4, epoch: 1, targets: [], forgotten: []))
        _ = fetcher.received([Answer](), sessionID: 4, nowMs: 0)
        fetcher.unfollow(b)
        #expect(try request(fetcher.next(nowMs: 0)) == .init(id: 4, epoch: 2, targets: [], forgotten: [b]))
        fetcher.fetchFailed(isSessionLost: true, nowMs: 0)
        let anew = try request(fetcher.next(nowMs: 0))
        #expect(anew.id == 4 && anew.epoch == 0 && anew.targets.map(\.key) == [a])
    }

    @Test func restsAfterErrorsUnlessTheEpochChanges() throws {
        var fetcher = ReplicaFetcher(backoffMs: 1000)
        fetcher.follow(a, leaderEpoch: 1, log: log(1))
        for code in [ErrorCode.fencedLeaderEpoch, .unknownLeaderEpoch, .notLeaderOrFollower, .kafkaStorageError] {
            _ = try request(fetcher.next(nowMs: 0))
            #expect(fetcher.received([Answer(key: a, error: code)], sessionID: 1, nowMs: 0).isEmpty)
            #expect(fetcher.next(nowMs: 999) == .wait(untilMs: 1000))
            // The session remembers the partition.
            #expect(try request(fetcher.next(nowMs: 1000)).forgotten.isEmpty)
            fetcher.fetchFailed(isSessionLost: false, nowMs: 5000)
            #expect(fetcher.next(nowMs: 5000) == .wait(untilMs: 6000))
            #expect(try request(fetcher.next(nowMs: 6000)).targets.count == 1)
            _ = fetcher.received([Answer](), sessionID: 1, nowMs: 6000)
        }
        _ = try request(fetcher.next(nowMs: 0))
        _ = fetcher.received([Answer(key: a, error: .fencedLeaderEpoch)], sessionID: 1, nowMs: 0)
        fetcher.follow(a, leaderEpoch: 2, log: log(1))
        #expect(try request(fetcher.next(nowMs: 0)).targets.map(\.currentLeaderEpoch) == [2])
    }

    @Test func answersOfAnEndedEpochAreVoid() throws {
        var fetcher = ReplicaFetcher()
        fetcher.follow(a, leaderEpoch: 1, log: log(1))
        _ = try request(fetcher.next(nowMs: 0))
        fetcher.follow(a, leaderEpoch: 2, log: log(1))
        #expect(fetcher.received([Answer(key: a, records: "x")], sessionID: 1, nowMs: 0).isEmpty)
        _ = try request(fetcher.next(nowMs: 0))
        let effects = fetcher.received([Answer(key: a, error: .offsetOutOfRange)], sessionID: 1, nowMs: 0)
        guard case .findRange? = effects.first?.work else {
            Issue.record("out of range was not looked into")
            return
        }
        fetcher.failed(a, leaderEpoch: 1, log: log(0), nowMs: 0)
        #expect(fetcher.next(nowMs: 0) == .wait(untilMs: nil), "of another epoch")
        fetcher.failed(a, leaderEpoch: 2, log: log(0), nowMs: 0)
        #expect(fetcher.next(nowMs: 0) == .wait(untilMs: 1000))
    }

    // MARK: Truncation

    @Test func cutsWhereTheLogsPart() {
        let own = log(15, epoch: 1)
        // The leader's epoch 0 goes to 12, ours to 10.
        #expect(
            FollowerTruncation(
                diverging: .init(epoch: 0, endOffset: 12),
                own: .init(epoch: 0, endOffset: 10),
                log: own
            ) == .cut(at: 10)
        )
        #expect(
            FollowerTruncation(
                diverging: .init(epoch: 1, endOffset: 12),
                own: .init(epoch: 1, endOffset: 15),
                log: own
            ) == .cut(at: 12)
        )
        // An epoch that only we have: cut what follows from it, and ask again.
        #expect(
            FollowerTruncation(
                diverging: .init(epoch: 4, endOffset: 9),
                own: .init(epoch: 3, endOffset: 14),
                log: log(15, epoch: 5)
            ) == .cut(at: 14)
        )
        #expect(FollowerTruncation(diverging: .init(epoch: 0, endOffset: 3), own: nil, log: own) == .cut(at: 3))
        #expect(
            FollowerTruncation(diverging: .init(epoch: 0, endOffset: 3), own: nil, log: log(15, start: 5))
                == .restart(at: 3)
        )
    }

    @Test func findsItsPlaceWhenOutOfRange() {
        #expect(FollowerTruncation(outOfRange: log(15), leaderStart: 0, leaderEnd: 9) == .cut(at: 9))
        #expect(FollowerTruncation(outOfRange: log(15, start: 12), leaderStart: 0, leaderEnd: 9) == .restart(at: 9))
        #expect(FollowerTruncation(outOfRange: log(15), leaderStart: 40, leaderEnd: 90) == .restart(at: 40))
        #expect(FollowerTruncation(outOfRange: log(15), leaderStart: 3, leaderEnd: 90) == .nothing)
    }
}
