import KafkaMessages
import KafkaWire
import Synchronization
import Testing

@testable import KafkaBroker

/// Time that moves only when told to; timers fire when it passes them.
final class ManualClock: BrokerClock {
    private struct Timer {
        let id: Int
        let dueMs: Int64
        let body: @Sendable () -> Void
    }

    private struct State {
        var nowMs: Int64
        var timers: [Timer] = []
        var nextID = 0
    }

    private let state: Mutex<State>

    init(nowMs: Int64) { state = Mutex(State(nowMs: nowMs)) }

    var nowMs: Int64 { state.withLock { $0.nowMs } }

    func schedule(afterMs delayMs: Int64, _ body: @escaping @Sendable () -> Void) -> any ScheduledCall {
        let id = state.withLock { state in
            state.nextID += 1
            state.timers.append(Timer(id: state.nextID, dueMs: state.nowMs + max(0, delayMs), body: body))
            return state.nextID
        }
        advance(byMs: 0)
        return Call { [weak self] in self?.state.withLock { $0.timers.removeAll { $0.id == id } } }
    }

    func advance(byMs delta: Int64) {
        let due = state.withLock { state in
            state.nowMs += delta
            let due = state.timers.filter { $0.dueMs <= state.nowMs }
            state.timers.removeAll { $0.dueMs <= state.nowMs }
            return due
        }
        for timer in due { timer.body() }
    }

    private struct Call: ScheduledCall {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }

        func cancel() { body() }
    }
}

@Suite struct MaintenanceTests {
    @Test func retentionFollowsTheClock() async throws {
        let start: Int64 = 1_800_000_000_000
        let clock = ManualClock(nowMs: start)
        let properties = ["log.retention.check.interval.ms": "1000", "log.segment.bytes": "300"]
        try await withBroker(properties, environment: BrokerEnvironment(clock: clock)) { client async throws -> Void in
            try await client.create("t", configs: ["retention.ms": "60000"])
            for _ in 0..<10 {
                let answer = try await client.produce(
                    "t",
                    try batch([String(repeating: "x", count: 100)], timestampMs: start)
                )
                #expect(answer.errorCode == .none)
            }
            #expect(try await client.fetch("t", from: 0).errorCode == .none)
            // Well past retention: the next checks remove every segment.
            clock.advance(byMs: 120_000)
            var logStart: Int64 = 0
            for _ in 0..<2000 where logStart < 10 {
                clock.advance(byMs: 1000)
                logStart = try await client.fetch("t", from: 10).logStartOffset
            }
            #expect(logStart == 10)
            #expect(try await client.fetch("t", from: 0).errorCode == .offsetOutOfRange)
        }
    }
}
