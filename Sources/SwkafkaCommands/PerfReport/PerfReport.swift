/// What a perf test measured, apart from how it is drawn.
struct PerfReport: Equatable, Sendable {
    /// A stretch of time.
    struct Interval: Equatable, Sendable {
        /// Since the test began.
        var startMs: Int64
        var endMs: Int64
        var records: Int
        var bytes: Int

        var recordsPerSecond: Double { Double(records) * 1000 / Double(max(1, endMs - startMs)) }
        var megabytesPerSecond: Double { Double(bytes) * 1000 / Double(max(1, endMs - startMs)) / 1_048_576 }
    }

    var title: String
    /// Names and values for the head of a page.
    var facts: [(name: String, value: String)]
    var intervals: [Interval] = []
    var latencies: LatencyHistogram?

    static func == (first: PerfReport, second: PerfReport) -> Bool {
        first.title == second.title && first.intervals == second.intervals && first.latencies == second.latencies
            && first.facts.elementsEqual(second.facts) { $0 == $1 }
    }

    // MARK: In the terminal

    /// A bar for each range of latencies, and a line of blocks for the throughput; empty when there is nothing to show.
    func plots(width: Int) -> String {
        var text = ""
        if let latencies { text += PerfPlots.histogram(latencies, width: width) }
        if intervals.count > 1 { text += PerfPlots.throughput(intervals, width: width) }
        return text
    }

    // MARK: As data

    var histogramValue: DataValue {
        .array(
            (latencies?.doublings ?? []).map {
                .members([
                    "fromMs": .number($0.range.lowerBound), "toMs": .number($0.range.upperBound),
                    "records": .number($0.count),
                ])
            }
        )
    }

    var intervalsValue: DataValue {
        .array(
            intervals.map {
                .members([
                    "startMs": .number($0.startMs), "endMs": .number($0.endMs), "records": .number($0.records),
                    "recordsPerSecond": .double($0.recordsPerSecond),
                    "megabytesPerSecond": .double($0.megabytesPerSecond),
                ])
            }
        )
    }

    /// Writes the page that `--html` asks for.
    func write(html path: String?) throws(CommandFailure) {
        guard let path else { return }
        try FileWriting.replace(path, with: PerfPage(report: self).text, purpose: "page with the plots")
    }
}
