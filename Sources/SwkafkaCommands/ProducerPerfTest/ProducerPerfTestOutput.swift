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

    static func value(_ window: SendStatistics.Window, failed: Int, nowMs: Int64) -> DataValue {
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
        ])
    }

    /// Bars of the latencies, for a person at a terminal.
    static func histogram(_ latencies: LatencyHistogram, width: Int) -> String {
        let rows = latencies.doublings
        guard let most = rows.map(\.count).max(), most > 0 else { return "" }
        let labels = rows.map {
            $0.range.count == 1 ? "\($0.range.lowerBound)" : "\($0.range.lowerBound)–\($0.range.upperBound)"
        }
        let labelWidth = labels.map(\.count).max() ?? 0
        let room = max(10, min(60, width - labelWidth - 20))
        var text = "latency in ms\n"
        for (row, label) in zip(rows, labels) {
            let length = (row.count * room + most - 1) / most
            let blanks = String(repeating: " ", count: labelWidth - label.count)
            text += "\(blanks)\(label) \(String(repeating: "█", count: length)) \(row.count)\n"
        }
        return text
    }

    private static let percentiles: KeyValuePairs<String, Double> = [
        "50th": 0.5, "95th": 0.95, "99th": 0.99, "99.9th": 0.999,
    ]

    private static func rates(_ window: SendStatistics.Window, _ nowMs: Int64) -> String {
        "\(FixedPoint.text(window.recordsPerSecond(nowMs: nowMs), places: 1)) records/sec "
            + "(\(FixedPoint.text(window.megabytesPerSecond(nowMs: nowMs), places: 2)) MB/sec)"
    }
}
