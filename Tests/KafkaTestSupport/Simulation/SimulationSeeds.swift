import Dispatch
import Foundation
import Synchronization

/// The seeds of a random schedule: few in a normal test run, `SWKAFKA_SEEDS` of them in a long one (`make simulate`), or
/// the one in `SWKAFKA_SEED`.
package struct SimulationSeeds: Sendable {
    package let all: ClosedRange<UInt64>

    package init(few: Int) {
        let number = { (name: String) in ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }
        all = number("SWKAFKA_SEED").map { $0...$0 } ?? 1...max(1, number("SWKAFKA_SEEDS") ?? UInt64(few))
    }

    /// Runs all seeds, on every processor when there are many.
    ///
    /// - Returns: what to repeat and why, of the first seed that failed; nil when none did.
    package func firstFailure(_ run: @escaping @Sendable (UInt64) throws -> Void) -> String? {
        let isLong = all.count > 10_000
        let lanes = isLong ? UInt64(ProcessInfo.processInfo.activeProcessorCount) : 1
        let failure = Mutex<(seed: UInt64, reason: String)?>(nil)
        let work = { @Sendable (lane: UInt64) in
            for seed in stride(from: all.lowerBound + lane, through: all.upperBound, by: Int(lanes)) {
                if failure.withLock({ $0 }) != nil { return }
                do {
                    try run(seed)
                } catch {
                    failure.withLock { if $0.map({ seed < $0.seed }) ?? true { $0 = (seed, "\(error)") } }
                    return
                }
            }
        }
        if lanes == 1 {
            work(0)
        } else {
            DispatchQueue.concurrentPerform(iterations: Int(lanes)) { work(UInt64($0)) }
        }
        return failure.withLock { $0 }.map { "SWKAFKA_SEED=\($0.seed): \($0.reason)" }
    }
}
