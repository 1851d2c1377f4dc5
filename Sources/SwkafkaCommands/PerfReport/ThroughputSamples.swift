/// How much came in each stretch of time since a test began. However long the test, there are no more than 1000
/// stretches: when that many are full, each two become one.
struct ThroughputSamples: Equatable, Sendable {
    private struct Sample: Equatable, Sendable {
        var records = 0
        var bytes = 0
    }

    private static let most = 1000

    private let startMs: Int64
    private(set) var lengthMs: Int64 = 250
    private var samples: [Sample] = []

    init(startMs: Int64) { self.startMs = startMs }

    mutating func add(records: Int, bytes: Int, nowMs: Int64) {
        let sinceStart = max(0, nowMs - startMs)
        while sinceStart / lengthMs >= Self.most { halve() }
        let index = Int(sinceStart / lengthMs)
        if index >= samples.count { samples += Array(repeating: Sample(), count: index + 1 - samples.count) }
        samples[index].records += records
        samples[index].bytes += bytes
    }

    private mutating func halve() {
        samples = stride(from: 0, to: samples.count, by: 2).map { index in
            let second = index + 1 < samples.count ? samples[index + 1] : Sample()
            return Sample(records: samples[index].records + second.records, bytes: samples[index].bytes + second.bytes)
        }
        lengthMs *= 2
    }

    /// - Parameter endMs: when the test ended, which may cut the last stretch.
    func intervals(endMs: Int64) -> [PerfReport.Interval] {
        samples.enumerated().map { index, sample in
            let start = Int64(index) * lengthMs
            return PerfReport.Interval(
                startMs: start,
                endMs: index == samples.count - 1
                    ? max(start + 1, min(start + lengthMs, endMs - startMs)) : start + lengthMs,
                records: sample.records,
                bytes: sample.bytes
            )
        }
    }
}
