@testable import KafkaCoordination

/// One seed's life of a cluster, and what is left of it when it fails and everything that does not matter is cut out.
struct ReplicationSimulation {
    let seed: UInt64
    var sabotage: ReplicationSabotage = []
    var heals = true

    struct Outcome {
        var problem: String?
        var events: Int
        var acknowledged: Int
        /// The same for the same life, whichever process lived it.
        var digest: Int
        var trace: [String]
    }

    func run(_ steps: some Sequence<Int>, isTraced: Bool = false) throws -> Outcome {
        var world = try ReplicationWorld(seed: seed, sabotage: sabotage, isTraced: isTraced)
        let problem = try world.run(seed: seed, steps: steps, heals: heals)
        let ends = world.keys.flatMap { key in
            ReplicationWorld.brokerIDs.map { Int(world.log(key, at: $0)?.end ?? -1) }
        }
        return Outcome(
            problem: problem,
            events: world.eventCount,
            acknowledged: world.watch.acknowledgedCount,
            digest: (ends + [world.images.count, world.nextToken, world.eventCount]).reduce(17) { $0 &* 31 &+ $1 },
            trace: world.trace ?? []
        )
    }

    /// The fewest steps found that still break a rule: halves, quarters and so on are left out as long as one is broken.
    func shrunk(_ steps: [Int]) throws -> [Int] {
        var steps = steps
        var size = max(1, steps.count / 2)
        var attempts = 0
        while attempts < 600 {
            var start = 0
            var didCut = false
            while start < steps.count, attempts < 600 {
                attempts += 1
                let rest = Array(steps[..<start] + steps[min(steps.count, start + size)...])
                if try run(rest).problem != nil {
                    steps = rest
                    didCut = true
                } else {
                    start += size
                }
            }
            if size == 1, !didCut { break }
            size = max(1, size / 2)
        }
        return steps
    }

    /// What is told of a failure.
    func report(_ problem: String, _ steps: [Int]) throws -> String {
        let few = try shrunk(steps)
        let outcome = try run(few, isTraced: true)
        let events = outcome.trace.suffix(150).joined(separator: "\n")
        return """
            SWKAFKA_SEED=\(seed): \(problem)
            \(few.count) of \(steps.count) steps are enough for: \(outcome.problem ?? "")
            \(events)
            """
    }
}
