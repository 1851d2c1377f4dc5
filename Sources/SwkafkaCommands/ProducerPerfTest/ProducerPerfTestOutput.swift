/// What `producer-perf-test` prints.
enum ProducerPerfTestOutput {
    /// The line of an interval.
    static func interval(_ window: SendStatistics.Window, nowMs: Int64) -> String {
        "\(window.records) records sent, \(rates(window, nowMs)), "
            + "\(FixedPoint.text(window.latencies.averageMs, places: 1)) ms avg latency, "
            + "\(FixedPoint.text(Double(window.latencies.maximumMs), places: 1)) ms max latency.\n"
    }

    /// The line at the end.
    static func total(_ window: SendStatistics.Window, nowMs: Int64) -> String {
        let percentiles = Self.percentiles.map { "\(window.latencies.percentile($0.value)) ms \($0.key)" }
        return "\(window.records) records sent, \(rates(window, nowMs)), "
            + "\(FixedPoint.text(window.latencies.averageMs, places: 2)) ms avg latency, "
            + "\(FixedPoint.text(Double(window.latencies.maximumMs), places: 2)) ms max latency, "
            + percentiles.joined(separator: ", ") + ".\n"
    }

    static func value(
        _ window: SendStatistics.Window,
        _ report: PerfReport,
        failed: Int,
        nowMs: Int64
    ) -> DataValue {
        .members([
            "records": .number(window.records),
            "failed": .number(failed),
            "bytes": .number(window.bytes),
            "durationMs": .number(nowMs - window.startMs),
            "recordsPerSecond": .double(window.recordsPerSecond(nowMs: nowMs)),
            "megabytesPerSecond": .double(window.megabytesPerSecond(nowMs: nowMs)),
            "latencyMs": .object(
                [
                    DataValue.Member(name: "average", value: .double(window.latencies.averageMs)),
                    DataValue.Member(name: "maximum", value: .number(window.latencies.maximumMs)),
                ]
                    + percentiles.map {
                        DataValue.Member(name: $0.key, value: .number(window.latencies.percentile($0.value)))
                    }
            ),
            "latencyHistogram": report.histogramValue,
            "intervals": report.intervalsValue,
        ])
    }

    /// The same to be drawn.
    static func report(
        _ window: SendStatistics.Window,
        intervals: [PerfReport.Interval],
        failed: Int,
        topic: String,
        nowMs: Int64
    ) -> PerfReport {
        var facts = [
            (name: "topic", value: topic), (name: "records", value: "\(window.records)"),
            (name: "not acknowledged", value: "\(failed)"), (name: "throughput", value: rates(window, nowMs)),
            (name: "average latency", value: "\(FixedPoint.text(window.latencies.averageMs, places: 2)) ms"),
            (name: "maximum latency", value: "\(window.latencies.maximumMs) ms"),
        ]
        facts += percentiles.map {
            (name: "\($0.key) percentile", value: "\(window.latencies.percentile($0.value)) ms")
        }
        return PerfReport(
            title: "swkafka producer-perf-test",
            facts: facts,
            intervals: intervals,
            latencies: window.latencies
        )
    }

    private static let percentiles: KeyValuePairs<String, Double> = [
        "50th": 0.5, "95th": 0.95, "99th": 0.99, "99.9th": 0.999,
    ]

    private static func rates(_ window: SendStatistics.Window, _ nowMs: Int64) -> String {
        "\(FixedPoint.text(window.recordsPerSecond(nowMs: nowMs), places: 1)) records/sec "
            + "(\(FixedPoint.text(window.megabytesPerSecond(nowMs: nowMs), places: 2)) MB/sec)"
    }
}
