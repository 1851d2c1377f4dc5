import Foundation
import KafkaTestSupport
import Testing

@testable import KafkaCoordination

/// Consumers that join, stall, crash and repeat themselves, a coordinator that restarts and cannot always write: the
/// rules of a group hold at every step. `SWKAFKA_SEEDS` says how many schedules are tried, `SWKAFKA_SEED` repeats one.
@Suite struct GroupSimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test func randomSchedulesKeepTheRules() {
        if let seed = Self.environment["SWKAFKA_SEED"].flatMap({ UInt64($0) }) {
            check(seed)
            return
        }
        let count = Self.environment["SWKAFKA_SEEDS"].flatMap { UInt64($0) } ?? 200
        for seed in 0..<count where !check(seed) { return }
    }

    @discardableResult
    private func check(_ seed: UInt64) -> Bool {
        var simulation = GroupSimulation(seed: seed)
        simulation.run(steps: 150)
        let problems = simulation.problems
        #expect(problems.isEmpty, "SWKAFKA_SEED=\(seed): \(problems.prefix(3).joined(separator: "; "))")
        return problems.isEmpty
    }
}
