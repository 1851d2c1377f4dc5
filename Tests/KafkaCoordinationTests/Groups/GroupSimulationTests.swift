import KafkaTestSupport
import Testing

@testable import KafkaCoordination

/// Consumers that join, stall, crash and repeat themselves, a coordinator that restarts and cannot always write: the
/// rules of a group hold at every step. `SWKAFKA_SEEDS` says how many schedules are tried, `SWKAFKA_SEED` repeats one.
@Suite struct GroupSimulationTests {
    @Test func randomSchedulesKeepTheRules() {
        let failure = SimulationSeeds(few: 200).firstFailure { seed in
            var simulation = GroupSimulation(seed: seed)
            simulation.run(steps: 150)
            guard simulation.problems.isEmpty else {
                throw ScheduleFailure(simulation.problems.prefix(3).joined(separator: "; "))
            }
        }
        #expect(failure == nil)
    }
}
