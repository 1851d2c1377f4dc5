/// How long things took: a count for each millisecond up to a ceiling, so that a million of them cost no more memory
/// than a thousand.
struct LatencyHistogram: Equatable, Sendable {
    /// Longer ones count as this long: two minutes and a bit, beyond what a producer waits by default.
    static let ceilingMs = 131_072

    private var counts: [Int] = []
    private(set) var count = 0
    private(set) var totalMs: Double = 0
    /// 0 when nothing was counted.
    private(set) var maximumMs = 0

    var averageMs: Double { count == 0 ? 0 : totalMs / Double(count) }

    /// Counts `count` things that took from `shortest` to `longest` ms, evenly spread.
    mutating func add(_ count: Int, from shortest: Int, to longest: Int) {
        guard count > 0 else { return }
        let low = min(max(0, shortest), Self.ceilingMs)
        let high = min(max(low, longest), Self.ceilingMs)
        if high >= counts.count { counts += Array(repeating: 0, count: high + 1 - counts.count) }
        let steps = high - low + 1
        if count < steps {
            for index in 0..<count { counts[low + index * steps / count] += 1 }
        } else {
            for step in 0..<steps { counts[low + step] += (step + 1) * count / steps - step * count / steps }
        }
        self.count += count
        totalMs += Double(count) * (Double(low) + Double(high)) / 2
        maximumMs = max(maximumMs, high)
    }

    /// The latency at the place ⌊fraction · count⌋ of all in order, as Kafka's tools count; 0 when there are none.
    func percentile(_ fraction: Double) -> Int {
        var rank = min(Int(fraction * Double(count)), count - 1)
        for (latency, number) in counts.enumerated() {
            rank -= number
            if rank < 0 { return latency }
        }
        return 0
    }

    /// Counts by doubling ranges (0, 1, 2–3, 4–7, …), from the first that is not empty to the last.
    var doublings: [(range: ClosedRange<Int>, count: Int)] {
        var ranges: [(range: ClosedRange<Int>, count: Int)] = []
        var low = 0
        while low < counts.count {
            let high = low == 0 ? 0 : low * 2 - 1
            let number = counts[low...min(high, counts.count - 1)].reduce(0, +)
            if number > 0 || !ranges.isEmpty { ranges.append((low...high, number)) }
            low = high + 1
        }
        while let last = ranges.last, last.count == 0 { ranges.removeLast() }
        return ranges
    }
}
