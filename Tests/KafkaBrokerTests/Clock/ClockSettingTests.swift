import Foundation
import Testing

@testable import KafkaBroker

/// What people write for times, spans, rates and `--clock`.
@Suite struct ClockSettingTests {
    @Test func times() throws {
        let expected: [(String, Int64)] = [
            ("1970-01-01", 0), ("2026-01-31", 1_769_817_600_000), ("2026-01-31T12:00", 1_769_860_800_000),
            ("2026-01-31T12:00:30Z", 1_769_860_830_000), ("2026-01-31 12:00:00.25Z", 1_769_860_800_250),
            ("2026-01-31T12:00:00.123456789Z", 1_769_860_800_123), ("2026-01-31T12:00:00+01:30", 1_769_855_400_000),
            ("2026-01-31T12:00:00-0130", 1_769_866_200_000), ("2024-02-29", 1_709_164_800_000), ("@0", 0),
            ("@1769860800000", 1_769_860_800_000), ("9999-12-31T23:59:59.999Z", BrokerTime.latestMs),
        ]
        for (text, milliseconds) in expected { #expect(BrokerTime.parse(text) == milliseconds, "\(text)") }
        for text in [
            "", "now", "2026", "2026-1-1", "2026-13-01", "2026-02-29", "2100-02-29", "2026-00-10", "2026-01-00",
            "2026-01-31T", "2026-01-31T24:00", "2026-01-31T12:60", "2026-01-31T12:00:60", "2026-01-31T12:00:00.",
            "2026-01-31T12:00:00.1234567890", "2026-01-31T12:00+1", "2026-01-31x", "1969-12-31", "@", "@-1", "@1.5",
            "@253402300800000", "@99999999999999999999", "-0001-01-01", "1970-01-01T00:00+00:01",
        ] {
            #expect(BrokerTime.parse(text) == nil, "\(text)")
        }
    }

    @Test func formattedTimesAreReadBack() {
        #expect(BrokerTime.format(0) == "1970-01-01T00:00:00.000Z")
        #expect(BrokerTime.format(BrokerTime.latestMs) == "9999-12-31T23:59:59.999Z")
        // Every day for 9 centuries, at odd moments.
        for day in stride(from: Int64(0), to: 330_000, by: 1) {
            let milliseconds = day * 86_400_000 + (day * 7919) % 86_400_000
            let text = BrokerTime.format(milliseconds)
            guard BrokerTime.parse(text) == milliseconds else {
                Issue.record("\(milliseconds) became \(text)")
                return
            }
        }
    }

    @Test func spans() {
        let expected: [(String, Int64)] = [
            ("8d", 691_200_000), ("1d12h", 129_600_000), ("90m", 5_400_000), ("30s", 30_000), ("500ms", 500),
            ("2w", 1_209_600_000), ("0s", 0), ("1h1h", 7_200_000),
        ]
        for (text, milliseconds) in expected { #expect(BrokerTime.parseSpan(text) == milliseconds, "\(text)") }
        for text in ["", "8", "d", "8x", "-8d", "1.5h", "8 d", "99999999999999999999d", "999999999999d", "1dd", "8D"] {
            #expect(BrokerTime.parseSpan(text) == nil, "\(text)")
        }
    }

    @Test func settings() throws {
        #expect(try ClockSetting(parsing: "now") == ClockSetting())
        #expect(try ClockSetting(parsing: "now,x60") == ClockSetting(rate: .running(factor: 60)))
        #expect(try ClockSetting(parsing: "@5,frozen") == ClockSetting(startMs: 5, rate: .frozen))
        #expect(try ClockSetting(parsing: "1970-01-02,x0.5").rate.description == "x0.5")
        for text in [
            "", ",frozen", "now,", "now,frozen,x2", "now,60", "now,x0", "now,x-1", "now,x1e9", "now,x", "soon",
        ] {
            #expect(throws: BrokerConfigurationError.self, "\(text)") { try ClockSetting(parsing: text) }
        }
    }

    @Test func commandsAndAnswersAreReadBack() {
        let commands: [ClockCommand] = [
            .show, .advance(691_200_000), .set(0), .setRate(.frozen), .setRate(.running(factor: 1440)),
        ]
        for command in commands { #expect(ClockCommand(line: command.line) == command) }
        for line in ["", "clock", "clock advance", "clock advance -1", "clock set x", "clock rate 5", "stop now"] {
            #expect(ClockCommand(line: line) == nil, "\(line)")
        }
        let answers: [ClockAnswer] = [.reading(nowMs: 7, rate: .frozen), .refused("it only goes forward")]
        for answer in answers { #expect(ClockAnswer(line: answer.line) == answer) }
        for line in ["", "ok", "ok 7", "ok x frozen", "maybe 7 frozen"] { #expect(ClockAnswer(line: line) == nil) }
    }
}
