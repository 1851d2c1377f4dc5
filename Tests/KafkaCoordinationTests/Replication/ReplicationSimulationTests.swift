import Dispatch
import KafkaTestSupport
import Testing

@testable import KafkaCoordination

/// Four brokers and a controller through lost, late and repeated messages, cut links, crashes, power failures that tear
/// writes, slow disks and followers, wrong clocks, moves and elections: nothing acknowledged is lost or there twice, and
/// all replicas agree. `SWKAFKA_SEEDS` says how many schedules are tried, `SWKAFKA_SEED` repeats one.
@Suite struct ReplicationSimulationTests {
    private static let steps = 120
    /// As many as run at once.
    private static let parts = 2

    @Test func randomSchedulesKeepTheRules() async throws {
        let all = Array(SimulationSeeds(few: 10_000).all)
        let began = ContinuousClock.now
        // On threads of its own: what other tests do meanwhile must not wait for all of this.
        let results = await withTaskGroup(of: Tally.self) { group in
            for part in 0..<Self.parts {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        DispatchQueue.global(qos: .utility).async {
                            continuation.resume(returning: Self.live(all, part: part))
                        }
                    }
                }
            }
            return await group.reduce(into: [Tally]()) { $0.append($1) }
        }
        for report in results.compactMap(\.report) { Issue.record(Comment(rawValue: report)) }
        let total = results.reduce(into: Tally()) { total, part in
            total.events += part.events
            total.acknowledged += part.acknowledged
            total.digest &+= part.digest
        }
        let seconds = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
        print(
            "Simulated clusters: \(all.count) seeds, \(total.events) steps in \(seconds) s, "
                + "\(Int(Double(total.events) / max(0.001, seconds))) a second; \(total.acknowledged) records "
                + "acknowledged; digest \(total.digest)"
        )
        #expect(total.acknowledged > 0 || all.count == 1)
    }

    private struct Tally: Sendable {
        var events = 0
        var acknowledged = 0
        /// The same whatever process has lived all of this.
        var digest = 0
        var report: String?
    }

    /// Every so-manieth seed, up to the first failure.
    private static func live(_ all: [UInt64], part: Int) -> Tally {
        var tally = Tally()
        for index in stride(from: part, to: all.count, by: parts) {
            // Most failures show before everything heals, which takes longer than the rest.
            let simulation = ReplicationSimulation(seed: all[index], heals: all.count == 1 || index % 8 < parts)
            do {
                let outcome = try simulation.run(0..<steps)
                tally.acknowledged += outcome.acknowledged
                tally.events += outcome.events
                tally.digest &+= outcome.digest &* Int(truncatingIfNeeded: all[index] &* 0x9E37_79B9)
                guard let problem = outcome.problem else { continue }
                tally.report = try simulation.report(problem, Array(0..<steps))
            } catch {
                tally.report = "SWKAFKA_SEED=\(all[index]): \(error)"
            }
            return tally
        }
        return tally
    }

    /// A check that cannot fail is no check.
    @Test(arguments: [
        ReplicationSabotage.advancesEarly, .skipsInSyncCheck, .forgetsTruncation, .skipsEpochCheck,
    ])
    func brokenRulesAreNoticed(_ sabotage: ReplicationSabotage) throws {
        for seed in 1...UInt64(3000) {
            let simulation = ReplicationSimulation(seed: seed, sabotage: sabotage)
            if try simulation.run(0..<300).problem != nil { return }
        }
        Issue.record("\(sabotage) was not noticed")
    }

    /// What fails can be told in few steps, and fails again in the same way.
    @Test func failuresAreCutShort() throws {
        for seed in 1...UInt64(500) {
            let simulation = ReplicationSimulation(seed: seed, sabotage: .advancesEarly)
            guard let problem = try simulation.run(0..<Self.steps).problem else { continue }
            let few = try simulation.shrunk(Array(0..<Self.steps))
            #expect(few.count < Self.steps / 2)
            let first = try simulation.run(few)
            let second = try simulation.run(few)
            #expect(first.problem != nil && first.problem == second.problem && first.digest == second.digest)
            #expect(try simulation.report(problem, few).contains("SWKAFKA_SEED=\(seed)"))
            return
        }
        Issue.record("nothing failed")
    }
}
