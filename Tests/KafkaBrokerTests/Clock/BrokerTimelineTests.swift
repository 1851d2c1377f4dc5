import Testing

@testable import KafkaBroker

/// Broker time as a function of real time.
@Suite struct BrokerTimelineTests {
    private typealias Timeline = BrokerTimeline<String>

    @Test func runsAtItsRate() {
        var timeline = Timeline(startMs: 1_000_000, rate: .running(factor: 60), realMs: 500)
        #expect(timeline.now(realMs: 500) == 1_000_000)
        #expect(timeline.now(realMs: 1500) == 1_060_000)
        timeline.setRate(.frozen, realMs: 1500)
        #expect(timeline.now(realMs: 9_000_000) == 1_060_000)
        timeline.setRate(.running(factor: 0.5), realMs: 10_000)
        #expect(timeline.now(realMs: 12_000) == 1_061_000)
        // Real time that goes back takes nothing away.
        #expect(timeline.now(realMs: 0) == 1_060_000)
    }

    @Test func onlyGoesForward() {
        var timeline = Timeline(startMs: 1000, rate: .running(factor: 1), realMs: 0)
        #expect(timeline.set(toMs: 1049, realMs: 50) == false)
        #expect(timeline.now(realMs: 50) == 1050)
        #expect(timeline.set(toMs: 5000, realMs: 50) == true)
        #expect(timeline.now(realMs: 60) == 5010)
        #expect(timeline.set(toMs: BrokerTime.latestMs + 1, realMs: 60) == false)
        #expect(timeline.set(toMs: BrokerTime.latestMs, realMs: 60) == true)
        #expect(timeline.now(realMs: .max) == BrokerTime.latestMs)
    }

    @Test func timersComeInTheOrderOfTheirTimes() {
        var timeline = Timeline(startMs: 0, rate: .frozen, realMs: 0)
        _ = timeline.add("late", afterMs: 100, realMs: 0)
        _ = timeline.add("early", afterMs: 10, realMs: 0)
        let lost = timeline.add("taken back", afterMs: 20, realMs: 0)
        _ = timeline.add("early too", afterMs: 10, realMs: 0)
        _ = timeline.add("never", afterMs: .max, realMs: 0)
        #expect(timeline.takeDue(realMs: 1000) == [])
        #expect(timeline.delayToNext(realMs: 1000) == nil)
        timeline.remove(lost)
        _ = timeline.set(toMs: 99, realMs: 1000)
        #expect(timeline.takeDue(realMs: 1000) == ["early", "early too"])
        timeline.remove(lost)
        _ = timeline.set(toMs: BrokerTime.latestMs, realMs: 1000)
        #expect(timeline.takeDue(realMs: 1000) == ["late"])
    }

    @Test func tellsWhenToLookAgain() {
        var timeline = Timeline(startMs: 0, rate: .running(factor: 60), realMs: 0)
        #expect(timeline.delayToNext(realMs: 0) == nil)
        _ = timeline.add("a", afterMs: 60_001, realMs: 0)
        #expect(timeline.delayToNext(realMs: 0) == 1001)
        #expect(timeline.takeDue(realMs: 1000) == [])
        #expect(timeline.delayToNext(realMs: 1000) == 1)
        #expect(timeline.takeDue(realMs: 1001) == ["a"])
        _ = timeline.add("b", afterMs: .max, realMs: 0)
        timeline.setRate(.running(factor: 0.001), realMs: 1001)
        #expect(timeline.delayToNext(realMs: 1001) == BrokerTime.latestMs)
    }
}
