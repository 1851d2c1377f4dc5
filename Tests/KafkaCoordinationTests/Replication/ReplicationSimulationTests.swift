import KafkaTestSupport
import Testing

@testable import KafkaCoordination

/// Three brokers and a controller through lost, late and repeated messages, cut links, crashes, power failures and
/// elections: nothing acknowledged is lost, and all replicas agree. `SWKAFKA_SEEDS` says how many schedules are tried,
/// `SWKAFKA_SEED` repeats one.
@Suite struct ReplicationSimulationTests {
    private static let steps = 400

    @Test func randomSchedulesKeepTheRules() throws {
        var acknowledged = 0
        for seed in SimulationSeeds(few: 150).all {
            var world = try ReplicationWorld(seed: seed)
            let problem = try world.run(steps: Self.steps)
            acknowledged += world.watch.acknowledgedCount
            guard problem == nil else {
                var again = try ReplicationWorld(seed: seed, isTraced: true)
                _ = try again.run(steps: Self.steps)
                Issue.record(
                    """
                    SWKAFKA_SEED=\(seed): \(problem ?? "")
                    The last events:
                    \(again.trace?.suffix(60).joined(separator: "\n") ?? "")
                    """
                )
                return
            }
        }
        #expect(acknowledged > 0)
    }

    /// A check that cannot fail is no check.
    @Test(arguments: [
        ReplicationSabotage.advancesEarly, .skipsInSyncCheck, .forgetsTruncation, .skipsEpochCheck,
    ])
    func brokenRulesAreNoticed(_ sabotage: ReplicationSabotage) throws {
        for seed in 1...UInt64(300) {
            var world = try ReplicationWorld(seed: seed, sabotage: sabotage)
            if try world.run(steps: Self.steps) != nil { return }
        }
        Issue.record("\(sabotage) was not noticed")
    }
}
