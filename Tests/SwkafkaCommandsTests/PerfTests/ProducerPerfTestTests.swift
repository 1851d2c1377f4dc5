import Foundation
import KafkaWire
import Synchronization
import Testing

@testable import KafkaClient
@testable import SwkafkaCommands

@Suite struct ProducerPerfTestTests {
    @Test func linesAsKafkas() {
        var window = SendStatistics.Window(startMs: 1000)
        window.add(999, bytes: 99_900, latencyMs: 10...10)
        window.add(1, bytes: 100, latencyMs: 608...608)
        #expect(
            ProducerPerfTestOutput.total(window, nowMs: 3000)
                == "1000 records sent, 500.0 records/sec (0.05 MB/sec), 10.60 ms avg latency, 608.00 ms max latency, "
                + "10 ms 50th, 10 ms 95th, 10 ms 99th, 608 ms 99.9th.\n"
        )
        #expect(
            ProducerPerfTestOutput.interval(window, nowMs: 3000)
                == "1000 records sent, 500.0 records/sec (0.05 MB/sec), 10.6 ms avg latency, 608.0 ms max latency.\n"
        )
    }

    @Test func warmupDoesNotCountAndIntervalsPass() {
        let clock = ManualMilliseconds()
        let passed = Intervals()
        let statistics = SendStatistics(
            averageBytes: 10,
            warmup: 5,
            intervalMs: 100,
            nowMs: { clock.now },
            report: { passed.append($0) }
        )
        func deliver(_ count: Int, at now: Int64, created: ClosedRange<Int64>) {
            clock.now = now
            statistics.take(
                DeliveryReport(
                    topic: "t",
                    partition: 0,
                    recordCount: count,
                    timestampsMs: created,
                    baseOffset: .success(0)
                )
            )
        }
        deliver(3, at: 50, created: 0...0)
        #expect(statistics.whole.records == 0)
        deliver(4, at: 60, created: 20...40)
        #expect(statistics.whole.records == 2 && statistics.whole.startMs == 60)
        deliver(10, at: 170, created: 165...170)
        #expect(passed.all.map(\.window.records) == [12] && passed.all.map(\.endMs) == [170])
        statistics.take(
            DeliveryReport(
                topic: "t",
                partition: 0,
                recordCount: 7,
                timestampsMs: 0...0,
                baseOffset: .failure(KafkaClientError(.timedOut, "late"))
            )
        )
        #expect(statistics.failed == 7 && statistics.whole.records == 12)
    }

    @Test func payloads() throws {
        var letters = PerfPayload(letters: 100)
        for span in letters.next(50, from: 0) {
            let value = letters.block[Int(span.valueOffset)..<Int(span.valueOffset + span.valueLength)]
            #expect(value.count == 100 && value.allSatisfy { (65...90).contains($0) })
        }
        var numbers = PerfPayload()
        let spans = numbers.next(3, from: 9)
        #expect(
            spans.map {
                String(decoding: numbers.block[Int($0.valueOffset)...].prefix(Int($0.valueLength)), as: UTF8.self)
            }
                == ["9", "10", "11"]
        )
    }

    @Test(arguments: [("a\nbb\nccc\n", nil, ["a", "bb", "ccc"]), ("a, b,c", ", *", ["a", "b", "c"])])
    func payloadFiles(content: String, delimiter: String?, items: [String]) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)").path
        try content.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try PerfPayloadFile(path: path, delimiter: delimiter)
        #expect(file.items.map { String(decoding: file.block[$0], as: UTF8.self) } == items)
    }

    @Test(
        arguments: [
            ["--num-records", "10", "--record-size", "10", "--payload-monotonic"],
            ["--num-records", "10"],
            ["--num-records", "0", "--record-size", "10"],
            ["--num-records", "10", "--record-size", "10", "--throughput", "0"],
            ["--num-records", "10", "--record-size", "10"],
            ["--num-records", "10", "--record-size", "10", "--producer-props", "nonsense"],
        ]
    )
    func wrongWords(words: [String]) async {
        let result = await transcript(["producer-perf-test", "--topic", "perf"] + words)
        #expect(result.status == 2 && result.output.isEmpty && !result.errors.isEmpty, "\(result)")
    }
}

private final class ManualMilliseconds: Sendable {
    private let value = Mutex<Int64>(0)

    var now: Int64 {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

private final class Intervals: Sendable {
    private let kept = Mutex<[SendStatistics.Interval]>([])

    var all: [SendStatistics.Interval] { kept.withLock { $0 } }
    func append(_ interval: SendStatistics.Interval) { kept.withLock { $0.append(interval) } }
}
