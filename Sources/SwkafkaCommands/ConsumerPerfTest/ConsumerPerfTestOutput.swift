/// What `consumer-perf-test` prints: Kafka's lines of values and commas.
struct ConsumerPerfTestOutput {
    var dates: JavaDateFormat

    static let header =
        "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, "
        + "fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n"
    static let detailedHeader =
        "time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, "
        + "fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec\n"

    func total(_ statistics: ReadStatistics, endMs: Int64) -> String {
        let times = "\(dates.text(statistics.startMs)), \(dates.text(endMs))"
        return line(times, statistics.whole, statistics.whole, elapsedMs: endMs - statistics.startMs)
    }

    /// An interval: all that was read so far, and the rates of the interval.
    func interval(_ count: ReadStatistics.Count, whole: ReadStatistics.Count, startMs: Int64, endMs: Int64) -> String {
        line("\(dates.text(endMs)), 0", whole, count, elapsedMs: endMs - startMs)
    }

    private func line(
        _ times: String,
        _ whole: ReadStatistics.Count,
        _ count: ReadStatistics.Count,
        elapsedMs: Int64
    ) -> String {
        let elapsed = Double(max(1, elapsedMs))
        let fetchMs = max(0, elapsedMs - count.rebalanceMs)
        let fetch = Double(max(1, fetchMs))
        return [
            times,
            FixedPoint.text(whole.megabytes, places: 4),
            FixedPoint.text(count.megabytes * 1000 / elapsed, places: 4),
            String(whole.records),
            FixedPoint.text(Double(count.records) * 1000 / elapsed, places: 4),
            String(count.rebalanceMs),
            String(fetchMs),
            FixedPoint.text(count.megabytes * 1000 / fetch, places: 4),
            FixedPoint.text(Double(count.records) * 1000 / fetch, places: 4),
        ].joined(separator: ", ") + "\n"
    }

    /// The same to be drawn.
    static func report(_ statistics: ReadStatistics, topic: String, endMs: Int64) -> PerfReport {
        let elapsedMs = max(1, endMs - statistics.startMs)
        let whole = statistics.whole
        return PerfReport(
            title: "swkafka consumer-perf-test",
            facts: [
                ("topic", topic), ("records", "\(whole.records)"), ("time", "\(elapsedMs) ms"),
                ("time without partitions", "\(whole.rebalanceMs) ms"),
                (
                    "throughput",
                    "\(FixedPoint.text(Double(whole.records) * 1000 / Double(elapsedMs), places: 1)) records/sec "
                        + "(\(FixedPoint.text(whole.megabytes * 1000 / Double(elapsedMs), places: 2)) MB/sec)"
                ),
            ],
            intervals: statistics.samples.intervals(endMs: endMs)
        )
    }

    static func value(_ statistics: ReadStatistics, _ report: PerfReport, endMs: Int64) -> DataValue {
        let elapsedMs = endMs - statistics.startMs
        let whole = statistics.whole
        return .members([
            "records": .number(whole.records),
            "bytes": .number(whole.bytes),
            "startMs": .number(statistics.startMs),
            "endMs": .number(endMs),
            "rebalanceMs": .number(whole.rebalanceMs),
            "fetchMs": .number(max(0, elapsedMs - whole.rebalanceMs)),
            "recordsPerSecond": .double(Double(whole.records) * 1000 / Double(max(1, elapsedMs))),
            "megabytesPerSecond": .double(whole.megabytes * 1000 / Double(max(1, elapsedMs))),
            "intervals": report.intervalsValue,
        ])
    }
}
