import ArgumentParser
import Foundation
import Synchronization
import Testing

@testable import SwkafkaCommands

/// What many commands do alike on a terminal.
@Suite("Terminal manners", .timeLimit(.minutes(2)))
struct TerminalMannersTests {
    /// An option that a command takes is an option that it follows.
    @Test func sharedOptionsAreFollowed() {
        func check(_ type: any ParsableCommand.Type) {
            for subcommand in type.configuration.subcommands { check(subcommand) }
            let options = OptionTable(help: type.helpMessage(includeHidden: true, columns: 10_000)).options
            if options["color"] != nil { #expect(type is any ReportingCommand.Type, "\(type)") }
            if options["watch"] != nil { #expect(type is any WatchableCommand.Type, "\(type)") }
        }
        for type in Swkafka.configuration.subcommands { check(type) }
    }

    @Test func coloursFollowTheOption() {
        var context = testContext(output: MemorySink(), errors: MemorySink(), colour: true)
        #expect(context.usesColour)
        context.environment["NO_COLOR"] = "1"
        #expect(!context.usesColour)
        context.colourChoice = .always
        #expect(context.usesColour)
        context.environment["NO_COLOR"] = nil
        context.colourChoice = .never
        #expect(!context.usesColour)
    }

    @Test(arguments: ["json", "yaml", "tsv", "text"])
    func watching(format: String) async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t")
            let interruptions = ManualInterruptions()
            let output = InterruptingSink(interruptions, .signal(SIGINT))
            var context = testContext(output: output, errors: MemorySink())
            context.interruptions = interruptions
            let words = ["topics", "--list", "--watch", "--output", format, "--bootstrap-server", bench.address]
            #expect(await runCommand(words, in: context) == .signal(SIGINT))
            let expected = [
                "json": "[{\"topic\":\"t\",\"internal\":false}]\n", "yaml": "---\n- topic: t\n  internal: false\n",
                "tsv": "topic\tinternal\nt\tfalse\n", "text": "t\n",
            ]
            #expect(output.text == expected[format])
            let wrong = await transcript(
                "topics",
                "--create",
                "--topic",
                "x",
                "--watch",
                "--bootstrap-server",
                "127.0.0.1:1"
            )
            #expect(wrong.status == 2)
        }
    }

    @Test func theNearestTopic() async throws {
        try await CommandBench.with { bench in
            #expect(try await bench.run("topics", "--create", "--topic", "orders").status == 0)
            for words in [["topics", "--describe", "--topic", "ordres"], ["topics", "--delete", "--topic", "order"]] {
                let result = try await bench.run(words)
                #expect(result.status == 1 && result.errors.contains("Did you mean 'orders'?"), "\(result)")
            }
        }
    }

    @Test func progress() {
        #expect(
            ProgressLine.text("read", records: 5000, bytes: 10 << 20, elapsedMs: 2500, fraction: 0.414)
                == "read 5000 records, 41 %, 10 MiB in 2 s (2000 records/s, 4.0 MiB/s)"
        )
        let errors = MemorySink()
        var context = testContext(output: MemorySink(), errors: errors)
        var silent = ProgressLine(context, verb: "read", isWanted: true)
        silent.update(records: 1, bytes: 1)
        context.errorsAreTerminal = true
        let clock = ManualMs()
        context.nowMs = { clock.now }
        var line = ProgressLine(context, verb: "read", isWanted: true)
        line.update(records: 1, bytes: 1)
        #expect(errors.text.isEmpty, "short work says nothing")
        clock.advance(2000)
        line.update(records: 4, bytes: 8)
        line.update(records: 5, bytes: 10)
        line.end()
        #expect(errors.text == "\r\u{1B}[Kread 4 records, 8 B in 2 s (2 records/s, 4 B/s)\r\u{1B}[K")
    }

    @Test func samplesStayFew() {
        var samples = ThroughputSamples(startMs: 1000)
        for second in 0..<3600 { samples.add(records: 10, bytes: 100, nowMs: 1000 + Int64(second) * 1000) }
        let intervals = samples.intervals(endMs: 1000 + 3_600_000)
        #expect(intervals.count <= 1000 && samples.lengthMs == 4000)
        #expect(intervals.map(\.records).reduce(0, +) == 36_000)
        #expect(intervals.last?.endMs == 3_600_000 && intervals.first?.recordsPerSecond == 10)
        #expect(ThroughputSamples(startMs: 0).intervals(endMs: 5).isEmpty)
    }

    @Test func plots() {
        let intervals = (0..<4).map {
            PerfReport.Interval(startMs: Int64($0) * 250, endMs: Int64($0 + 1) * 250, records: $0 * 100, bytes: 0)
        }
        let plot = PerfPlots.throughput(intervals, width: 80)
        let lines = plot.split(separator: "\n")
        #expect(lines.count == 8 && lines[1] == "      1200 │   █" && lines[6] == "         0 │ ███", "\(plot)")
        #expect(PerfPlots.columns([1, 3, 5, 7], at: 2) == [2, 6])
        var latencies = LatencyHistogram()
        latencies.add(3, from: 2, to: 3)
        var report = PerfReport(title: "a <b>", facts: [("x & y", "\"1\"")], intervals: intervals, latencies: latencies)
        let page = PerfPage(report: report).text
        for part in ["<title>a &lt;b&gt;</title>", "<th>x &amp; y</th><td>&quot;1&quot;</td>", "<polyline", "<rect"] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(!page.contains("http"), "a page that needs nothing else")
        report.intervals = []
        report.latencies = nil
        #expect(report.plots(width: 80).isEmpty)
    }
}

/// A clock that a test moves.
private final class ManualMs: Sendable {
    private let value = Mutex<Int64>(0)

    var now: Int64 { value.withLock { $0 } }
    func advance(_ ms: Int64) { value.withLock { $0 += ms } }
}
