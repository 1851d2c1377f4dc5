import Foundation
import Testing

@testable import KafkaCoordination

/// Producers that lose answers, crash and fence each other, coordinators and partitions that crash: each transaction is
/// all or nothing, and none hangs for ever. `SWKAFKA_SEEDS` says how many schedules are tried, `SWKAFKA_SEED` repeats one.
@Suite struct TransactionSimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test func randomSchedulesKeepTheRules() {
        if let seed = Self.environment["SWKAFKA_SEED"].flatMap({ UInt64($0) }) {
            _ = check(seed)
            return
        }
        let count = Self.environment["SWKAFKA_SEEDS"].flatMap { UInt64($0) } ?? 100
        var committed = 0
        for seed in 0..<count {
            guard let transactions = check(seed) else { return }
            committed += transactions
        }
        #expect(committed > Int(count), "the schedules must get something done")
    }

    /// How many transactions were committed; nil if a rule was broken.
    private func check(_ seed: UInt64) -> Int? {
        var simulation = TransactionSimulation(seed: seed)
        simulation.run(steps: 400)
        let problems = simulation.problems
        #expect(problems.isEmpty, "SWKAFKA_SEED=\(seed): \(problems.prefix(3).joined(separator: "; "))")
        return problems.isEmpty ? simulation.committed : nil
    }
}
