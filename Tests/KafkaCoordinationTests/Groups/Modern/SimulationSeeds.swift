import Foundation

/// How many seeds a random schedule runs: few in a normal test run, `SWKAFKA_SEEDS` in a long one (`make simulate`).
func simulationSeeds(_ few: Int) -> Int {
    ProcessInfo.processInfo.environment["SWKAFKA_SEEDS"].flatMap { Int($0) }.map { max(1, $0) } ?? few
}
