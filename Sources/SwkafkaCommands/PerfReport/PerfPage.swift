/// A page of HTML with the plots of a perf test; it needs nothing else, and no network.
struct PerfPage {
    let report: PerfReport

    private static let (width, height) = (720.0, 220.0)
    private static let (left, bottom, top) = (70.0, 30.0, 10.0)

    var text: String {
        var parts = [
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>\(Self.escaped(report.title))</title>
            <style>
            body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 46em; padding: 0 1em;
                   color: #222; background: #fff }
            table { border-collapse: collapse; margin: 1em 0 }
            td, th { padding: .2em 1em .2em 0; text-align: left; vertical-align: top; font-weight: normal }
            td { font-variant-numeric: tabular-nums }
            svg { width: 100%; height: auto }
            .bar { fill: #3b7dd8 } .line { fill: none; stroke: #3b7dd8; stroke-width: 2 }
            .axis { stroke: #999 } text { font-size: 11px; fill: #555 }
            @media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } text { fill: #aaa } }
            </style>
            </head>
            <body>
            <h1>\(Self.escaped(report.title))</h1>
            <table>
            """
        ]
        for fact in report.facts {
            parts.append("<tr><th>\(Self.escaped(fact.name))</th><td>\(Self.escaped(fact.value))</td></tr>")
        }
        parts.append("</table>")
        if report.intervals.count > 1 { parts += ["<h2>Throughput</h2>", throughput] }
        if let latencies = report.latencies, latencies.count > 0 {
            parts += ["<h2>Latency</h2>", histogram(latencies)]
        }
        parts += ["</body>", "</html>", ""]
        return parts.joined(separator: "\n")
    }

    // MARK: Plots

    private var throughput: String {
        let intervals = report.intervals
        let most = max(1, intervals.map(\.recordsPerSecond).max() ?? 1)
        let endMs = Double(max(1, intervals.last?.endMs ?? 1))
        let points = intervals.map { interval in
            let x = Self.left + Double(interval.startMs + interval.endMs) / 2 / endMs * (Self.width - Self.left)
            return "\(Self.number(x)),\(Self.number(y(interval.recordsPerSecond / most)))"
        }
        let marks =
            "<text x=\"\(Self.left - 6)\" y=\"\(Self.top + 10)\" text-anchor=\"end\">"
            + "\(FixedPoint.text(most, places: 0))</text>"
            + "<text x=\"\(Self.left - 6)\" y=\"\(Self.height - Self.bottom)\" text-anchor=\"end\">0</text>"
            + "<text x=\"\(Self.width)\" y=\"\(Self.height - 10)\" text-anchor=\"end\">"
            + "\(FixedPoint.text(endMs / 1000, places: 1)) s</text>"
        return svg(
            "records per second over time",
            marks + "<polyline class=\"line\" points=\"\(points.joined(separator: " "))\"/>"
        )
    }

    private func histogram(_ latencies: LatencyHistogram) -> String {
        let rows = latencies.doublings
        let most = Double(max(1, rows.map(\.count).max() ?? 1))
        let step = (Self.width - Self.left) / Double(max(1, rows.count))
        var marks = ""
        for (index, row) in rows.enumerated() {
            let x = Self.left + Double(index) * step
            let upper = y(Double(row.count) / most)
            let label = PerfPlots.label(row.range)
            marks +=
                "<rect class=\"bar\" x=\"\(Self.number(x + 2))\" y=\"\(Self.number(upper))\" "
                + "width=\"\(Self.number(max(1, step - 4)))\" "
                + "height=\"\(Self.number(Self.height - Self.bottom - upper))\">"
                + "<title>\(label) ms: \(row.count)</title></rect>"
                + "<text x=\"\(Self.number(x + step / 2))\" y=\"\(Self.height - 12)\" text-anchor=\"middle\">\(label)</text>"
        }
        return svg("records by latency in ms", marks)
    }

    private func y(_ fraction: Double) -> Double {
        Self.height - Self.bottom - fraction * (Self.height - Self.bottom - Self.top)
    }

    private func svg(_ label: String, _ marks: String) -> String {
        let axes =
            "<path class=\"axis\" fill=\"none\" d=\"M\(Self.left) \(Self.top) V\(Self.height - Self.bottom) "
            + "H\(Self.width)\"/>"
        return
            "<svg role=\"img\" aria-label=\"\(label)\" viewBox=\"0 0 \(Self.width) \(Self.height)\">\(axes)\(marks)</svg>"
            + "<p>\(label)</p>"
    }

    private static func number(_ value: Double) -> String { FixedPoint.text(value, places: 1) }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
