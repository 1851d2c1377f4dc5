import Foundation
import KafkaTestSupport
import Testing

/// Our consumers' memberships against our coordinator, both as they are. `SWKAFKA_SEEDS` says how many schedules,
/// `SWKAFKA_SEED` repeats one.
@Suite("Random schedules of our members and our coordinator")
struct GroupMemberSimulationTests {
    @Test func holdTheRules() {
        let failure = SimulationSeeds(few: 150).firstFailure { seed in
            var simulation = try GroupMemberSimulation(seed: seed)
            simulation.isTold = ProcessInfo.processInfo.environment["SWKAFKA_SEED"] != nil
            try simulation.run()
        }
        #expect(failure == nil)
    }
}
