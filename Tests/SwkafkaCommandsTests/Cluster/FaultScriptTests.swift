import KafkaBroker
import Testing

@testable import SwkafkaCommands

@Suite struct FaultScriptTests {
    private static let brokers: [Int32] = [1001, 1002, 1003]

    @Test func readsAScript() throws {
        let script = try FaultScript(
            text: """
                # a night
                seed 7

                5s   kill 1002 1003   # both
                8s start 1002
                10s cut 1001|1002,1003 refused
                11s end cut 1001|1002,1003
                12s clear 1001
                every 3s random kill,disk-full for 1s
                until 1m30s
                """
        )
        #expect(script.seed == 7 && script.untilMs == 90_000)
        #expect(script.storms == [.init(everyMs: 3000, kinds: [.kill, .diskFull], forMs: 1000...1000)])
        #expect(
            script.lines.map { "\($0.atMs) \($0.action)" } == [
                "5000 kill 1002", "5000 kill 1003", "8000 start 1002", "10000 cut 1001|1002,1003 refused",
                "11000 end cut 1001|1002,1003", "12000 clear 1001",
            ]
        )
    }

    @Test(arguments: [
        "5s", "5s dance 1002", "soon kill 1002", "5s kill", "5s kill x", "seed", "seed x", "until", "until never",
        "every 3s", "every 3s random dance for 1s", "every 1ms random kill for 1s", "every 3s random kill for ever",
        "2d kill 1002", "every 3s random kill for 2s-1s", "5s end", "5s slow 1002",
    ])
    func saysWhichLineIsWrong(text: String) {
        let error = #expect(throws: FaultSyntaxError.self) { try FaultScript(text: "\n" + text) }
        #expect(error?.description.hasPrefix("line 2: ") == true)
    }

    @Test func theSameSeedLeadsToTheSameSteps() throws {
        let script = try FaultScript(
            text: "every 500ms random kill,pause,cut,slow,disk-full,restart for 400ms\nuntil 60s"
        )
        let first = FaultSchedule(script, seed: 1, brokers: Self.brokers)
        #expect(first == FaultSchedule(script, seed: 1, brokers: Self.brokers))
        #expect(first != FaultSchedule(script, seed: 2, brokers: Self.brokers))
        #expect(first.steps.count == 238 && first.lengthMs == 60_000)
        // Whatever begins also ends, and everything can be written down as a script.
        let written = first.steps.map { "\($0.atMs)ms \($0.action)" }.joined(separator: "\n")
        #expect(try FaultScript(text: written).lines.map(\.action) == first.steps.map(\.action))
        for kind in ["kill", "pause", "cut", "slow", "disk-full", "stop"] {
            #expect(first.steps.contains { $0.action.description.hasPrefix(kind) }, "no \(kind)")
        }
        let begun = first.steps.filter { if case .fault = $0.action { true } else { false } }
        let ended = first.steps.filter { if case .end = $0.action { true } else { false } }
        #expect(begun.count == ended.count)
    }

    @Test func stepsComeInOrderAndEndInTime() throws {
        let script = try FaultScript(text: "9s kill 1001\n5s pause 1002\n5s resume 1002\n")
        let whole = FaultSchedule(script, seed: 0, brokers: Self.brokers)
        #expect(whole.steps.map(\.description) == ["5.000s pause 1002", "5.000s resume 1002", "9.000s kill 1001"])
        #expect(whole.lengthMs == 9000)
        #expect(FaultSchedule(script, seed: 0, brokers: Self.brokers, lengthMs: 6000).steps.count == 2)
    }
}
