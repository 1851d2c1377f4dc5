import Foundation

/// The seeds of a random schedule: few in a normal test run, `SWKAFKA_SEEDS` of them in a long one (`make simulate`), or
/// the one in `SWKAFKA_SEED`.
struct SimulationSeeds {
    let all: [UInt64]

    init(few: Int) {
        let number = { (name: String) in ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }
        all = number("SWKAFKA_SEED").map { [$0] } ?? Array(1...max(1, number("SWKAFKA_SEEDS") ?? UInt64(few)))
    }
}
