import KafkaClient
import Synchronization

/// What `producer-perf-test` measures, told batch by batch on the producer's threads.
final class SendStatistics: Sendable {
    /// One stretch of time.
    struct Window: Equatable, Sendable {
        var startMs: Int64
        var records = 0
        var bytes = 0
        var latencies = LatencyHistogram()

        init(startMs: Int64) { self.startMs = startMs }

        mutating func add(_ records: Int, bytes: Int, latencyMs: ClosedRange<Int>) {
            self.records += records
            self.bytes += bytes
            latencies.add(records, from: latencyMs.lowerBound, to: latencyMs.upperBound)
        }

        func recordsPerSecond(nowMs: Int64) -> Double { Double(records) * 1000 / Double(max(1, nowMs - startMs)) }
        func megabytesPerSecond(nowMs: Int64) -> Double {
            Double(bytes) * 1000 / Double(max(1, nowMs - startMs)) / 1_048_576
        }
    }

    /// A stretch of time that is over.
    struct Interval: Sendable {
        var window: Window
        var endMs: Int64
    }

    private struct State {
        var whole: Window
        var current: Window
        var warmup: Int
        var failed = 0
        var samples: ThroughputSamples
    }

    private let state: Mutex<State>
    private let averageBytes: Double
    private let intervalMs: Int64
    private let nowMs: @Sendable () -> Int64
    private let report: @Sendable (Interval) -> Void

    /// - Parameters:
    ///   - averageBytes: of a value.
    ///   - warmup: so many records count for nothing at first.
    ///   - report: gets each interval that has passed.
    init(
        averageBytes: Double,
        warmup: Int,
        intervalMs: Int64,
        nowMs: @escaping @Sendable () -> Int64,
        report: @escaping @Sendable (Interval) -> Void
    ) {
        let start = nowMs()
        state = Mutex(
            State(
                whole: Window(startMs: start),
                current: Window(startMs: start),
                warmup: warmup,
                samples: ThroughputSamples(startMs: start)
            )
        )
        self.averageBytes = averageBytes
        self.intervalMs = intervalMs
        self.nowMs = nowMs
        self.report = report
    }

    var whole: Window { state.withLock { $0.whole } }
    /// Throughput over time.
    func intervals(endMs: Int64) -> [PerfReport.Interval] { state.withLock { $0.samples }.intervals(endMs: endMs) }

    var failed: Int { state.withLock { $0.failed } }

    func take(_ delivery: DeliveryReport) {
        let now = nowMs()
        let passed: Window? = state.withLock { state in
            guard case .success = delivery.baseOffset else {
                state.failed += delivery.recordCount
                return nil
            }
            var records = delivery.recordCount
            if state.warmup > 0 {
                let skipped = min(records, state.warmup)
                state.warmup -= skipped
                records -= skipped
                if state.warmup == 0 {
                    state.whole = Window(startMs: now)
                    state.current = Window(startMs: now)
                    state.samples = ThroughputSamples(startMs: now)
                }
            }
            guard records > 0 else { return nil }
            let longest = Int(clamping: now - delivery.timestampsMs.lowerBound)
            let shortest = Int(clamping: now - delivery.timestampsMs.upperBound)
            let bytes = Int((Double(records) * averageBytes).rounded())
            let latencies = max(0, shortest)...max(0, shortest, longest)
            state.whole.add(records, bytes: bytes, latencyMs: latencies)
            state.samples.add(records: records, bytes: bytes, nowMs: now)
            state.current.add(records, bytes: bytes, latencyMs: latencies)
            guard now - state.current.startMs >= intervalMs else { return nil }
            defer { state.current = Window(startMs: now) }
            return state.current
        }
        if let passed { report(Interval(window: passed, endMs: now)) }
    }
}
