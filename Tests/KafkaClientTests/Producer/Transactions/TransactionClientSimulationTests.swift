import KafkaTestSupport
import Synchronization
import Testing

/// Our transactional producers against our coordinator and partitions, all as they are: each transaction is all or
/// nothing, no record is there twice, none that was acknowledged and committed is lost. `SWKAFKA_SEEDS` says how many
/// schedules, `SWKAFKA_SEED` repeats one.
@Suite("Random schedules of our transactional producers and our coordinator")
struct TransactionClientSimulationTests {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    @Test func holdTheRules() {
        let seeds = SimulationSeeds(few: 100)
        let committed = Atomic(0)
        let failure = seeds.firstFailure { seed in
            var simulation = TransactionClientSimulation(seed: seed)
            simulation.run(steps: 500)
            committed.wrappingAdd(simulation.committed, ordering: .relaxed)
            guard simulation.problems.isEmpty else {
                throw Failure(description: simulation.problems.prefix(3).joined(separator: "; "))
            }
        }
        #expect(failure == nil)
        #expect(
            failure != nil || seeds.all.count == 1 || committed.load(ordering: .relaxed) > seeds.all.count,
            "the schedules must get something done"
        )
    }
}
