/// Plots made of characters.
enum PerfPlots {
    /// Bars of the latencies, for a person at a terminal.
    static func histogram(_ latencies: LatencyHistogram, width: Int) -> String {
        let rows = latencies.doublings
        guard let most = rows.map(\.count).max(), most > 0 else { return "" }
        let labels = rows.map { label($0.range) }
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

    static func label(_ range: ClosedRange<Int>) -> String {
        range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)–\(range.upperBound)"
    }

    private static let height = 6
    private static let blocks: [Character] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// Records in a second over time: a column for each stretch, a few lines high.
    static func throughput(_ intervals: [PerfReport.Interval], width: Int) -> String {
        let rates = columns(intervals.map(\.recordsPerSecond), at: max(10, min(100, width - 14)))
        guard let most = rates.max(), most > 0 else { return "" }
        var text = "records/s\n"
        for level in stride(from: height - 1, through: 0, by: -1) {
            let label = level == height - 1 ? FixedPoint.text(most, places: 0) : level == 0 ? "0" : ""
            text += String(repeating: " ", count: max(0, 10 - label.count)) + label + " │"
            for rate in rates {
                let eighths = Int((rate / most * Double(height * 8)).rounded()) - level * 8
                text.append(blocks[max(0, min(8, eighths))])
            }
            text += "\n"
        }
        let seconds = (intervals.last?.endMs ?? 0) / 1000
        let end = "\(seconds) s"
        text += String(repeating: " ", count: 11) + "└" + String(repeating: "─", count: rates.count) + " \(end)\n"
        return text
    }

    /// At most `count` values: neighbours are averaged.
    static func columns(_ values: [Double], at count: Int) -> [Double] {
        guard values.count > count else { return values }
        return (0..<count).map { column in
            let part = values[column * values.count / count..<(column + 1) * values.count / count]
            return part.reduce(0, +) / Double(part.count)
        }
    }
}
