import KafkaBroker

/// The steps of a fault script one by one: the same script, seed, brokers and length lead to the same steps.
struct FaultSchedule: Equatable, Sendable {
    struct Step: Equatable, Sendable, CustomStringConvertible {
        /// Milliseconds after the beginning.
        var atMs: Int64
        var action: ClusterAction

        var description: String {
            let digits = String(atMs % 1000)
            return "\(atMs / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits + "s \(action)"
        }
    }

    let steps: [Step]
    let lengthMs: Int64

    /// - Parameters:
    ///   - brokers: whom chance may strike.
    ///   - lengthMs: how long it goes on; nil: as long as the script says.
    init(_ script: FaultScript, seed: UInt64, brokers: [Int32], lengthMs: Int64? = nil) {
        let last = script.lines.map(\.atMs).max() ?? 0
        let length = lengthMs ?? script.untilMs ?? last
        var steps = script.lines.map { Step(atMs: $0.atMs, action: $0.action) }
        for (index, storm) in script.storms.enumerated() {
            // Each has chances of its own, so that one more line leaves the others as they were.
            var chance = Chance(seed: seed &+ UInt64(index) &* 0x9E37_79B9, brokers: brokers)
            var atMs = storm.everyMs
            while atMs + storm.forMs.upperBound <= length {
                guard let (strike, relief) = chance.strike(storm.kinds) else { break }
                steps.append(Step(atMs: atMs, action: strike))
                steps.append(Step(atMs: atMs + chance.time(storm.forMs), action: relief))
                atMs += storm.everyMs
            }
        }
        // In the order of their lines where times are equal.
        self.steps = steps.enumerated()
            .filter { $0.element.atMs <= length }
            .sorted { ($0.element.atMs, $0.offset) < ($1.element.atMs, $1.offset) }
            .map(\.element)
        self.lengthMs = length
    }
}

/// Picks what happens next.
private struct Chance {
    private var generator: SplitMix
    private let brokers: [Int32]

    init(seed: UInt64, brokers: [Int32]) {
        generator = SplitMix(seed: seed)
        self.brokers = brokers
    }

    /// What happens to whom, and how it ends; nil where there is nobody.
    mutating func strike(_ kinds: [FaultScript.Kind]) -> (ClusterAction, ClusterAction)? {
        guard let kind = kinds.randomElement(using: &generator), let broker = brokers.randomElement(using: &generator)
        else { return nil }
        switch kind {
        case .kill: return (.kill(broker), .start(broker))
        case .restart: return (.stop(broker), .start(broker))
        case .pause: return (.pause(broker), .resume(broker))
        case .diskFull: return (.fault(.diskFull(broker)), .end(.diskFull(broker)))
        case .slow:
            let fault = Fault.slow(broker, ms: Int64.random(in: 20...400, using: &generator))
            return (.fault(fault), .end(fault))
        case .cut:
            let fault = cut(broker)
            return (.fault(fault), .end(fault))
        }
    }

    mutating func time(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }

    /// A broker apart from all, from the controller, from all other brokers, or from one of them.
    private mutating func cut(_ broker: Int32) -> Fault {
        let others = brokers.filter { $0 != broker }
        let controller = [FaultSet.controllerID]
        var sides = [controller + others, controller]
        if let other = others.randomElement(using: &generator) { sides += [others, [other]] }
        let side = sides.randomElement(using: &generator) ?? controller
        return .cut(.init(groups: [[broker], side], isRefused: Bool.random(using: &generator)))
    }
}
