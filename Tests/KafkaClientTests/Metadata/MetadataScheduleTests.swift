import KafkaClient
import Testing

@Suite struct MetadataScheduleTests {
    private let backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))

    @Test func nothingIsDueBeforeAnybodyAsks() {
        var schedule = MetadataSchedule(maxAge: .seconds(300), backoff: backoff)
        #expect(schedule.dueMs(nowMs: 5) == nil)
        let ticket = schedule.want()
        #expect(schedule.dueMs(nowMs: 5) == 5)
        schedule.start(nowMs: 5)
        #expect(schedule.completed < ticket)
        schedule.succeeded(nowMs: 7)
        #expect(schedule.completed == ticket)
        #expect(schedule.dueMs(nowMs: 8) == Int64(300_007))
    }

    @Test func whoAsksDuringARequestGetsTheNextAnswer() {
        var schedule = MetadataSchedule(maxAge: .seconds(300), backoff: backoff)
        let first = schedule.want()
        schedule.start(nowMs: 0)
        let second = schedule.want()
        #expect(second == first + 1)
        schedule.succeeded(nowMs: 1)
        #expect(schedule.completed == first)
        #expect(schedule.dueMs(nowMs: 1) == 1)
    }

    @Test func staleKnowledgeWaitsForTheBackoffButAskersDoNot() {
        var schedule = MetadataSchedule(maxAge: .seconds(300), backoff: backoff)
        schedule.start(nowMs: 0)
        schedule.succeeded(nowMs: 0)
        schedule.becameStale()
        #expect(schedule.dueMs(nowMs: 10) == 100)
        _ = schedule.want()
        #expect(schedule.dueMs(nowMs: 10) == 10)
    }

    @Test func failuresAreRepeatedWithGrowingPauses() {
        var schedule = MetadataSchedule(maxAge: .seconds(300), backoff: backoff)
        schedule.start(nowMs: 0)
        schedule.failed(nowMs: 0, spread: 0.5)
        _ = schedule.want()
        #expect(schedule.dueMs(nowMs: 1) == 100)
        schedule.start(nowMs: 100)
        schedule.failed(nowMs: 100, spread: 0.5)
        #expect(schedule.dueMs(nowMs: 101) == 300)
        schedule.start(nowMs: 300)
        schedule.succeeded(nowMs: 300)
        #expect(schedule.dueMs(nowMs: 301) == 300_300)
    }
}

@Suite struct BackoffTests {
    @Test func doublesUpToTheLimitAndSpreads() {
        let backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
        let pauses = (0...6).map { backoff.pause(afterFailures: $0, spread: 0.5).milliseconds }
        #expect(pauses == [0, 100, 200, 400, 800, 1000, 1000])
        #expect(backoff.pause(afterFailures: 1, spread: 0) == .milliseconds(80))
        #expect(backoff.pause(afterFailures: 1, spread: 1).milliseconds == 120)
        #expect(backoff.pause(afterFailures: .max, spread: 0.5) == .seconds(1))
        #expect(Backoff(base: .zero, limit: .zero).pause(afterFailures: 3, spread: 0.5) == .zero)
    }
}
