import KafkaTestSupport
import Synchronization
import Testing

@testable import KafkaCoordination

/// Producers that lose answers, crash and fence each other, coordinators and partitions that crash: each transaction is
/// all or nothing, and none hangs for ever. `SWKAFKA_SEEDS` says how many schedules are tried, `SWKAFKA_SEED` repeats one.
@Suite struct TransactionSimulationTests {
    @Test func randomSchedulesKeepTheRules() {
        let seeds = SimulationSeeds(few: 100)
        let committed = Atomic(0)
        let failure = seeds.firstFailure { seed in
            var simulation = TransactionSimulation(seed: seed)
            simulation.run(steps: 400)
            committed.wrappingAdd(simulation.committed, ordering: .relaxed)
            guard simulation.problems.isEmpty else {
                throw ScheduleFailure(simulation.problems.prefix(3).joined(separator: "; "))
            }
        }
        #expect(failure == nil)
        #expect(
            failure != nil || committed.load(ordering: .relaxed) > seeds.all.count,
            "the schedules must get something done"
        )
    }
}
