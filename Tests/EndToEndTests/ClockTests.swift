import Foundation
import KafkaTestSupport
import Testing

@Suite("The broker's clock", .timeLimit(.minutes(2)))
struct ClockTests {
    /// `swkafka broker clock` for the broker of a data directory.
    private func clock(_ directory: String, _ words: String...) async throws -> CommandResult {
        try await Swkafka.run(["broker", "clock"] + words + ["--data-dir", directory])
    }

    @Test func aWeekOfRetentionPassesInAMoment() async throws {
        try await withTemporaryDirectory { directory in
            try await BrokerProcess.with(["--data-dir", directory, "--clock", "now"]) { broker in
                let hint = "swkafka broker clock advance 1h --data-dir \(directory)\n"
                _ = await broker.process.errors.wait { String(decoding: $0, as: UTF8.self).contains(hint) }
                #expect(broker.process.errors.text.contains(hint))
                _ = try await broker.swkafka("topics", "--create", "--topic", "t")
                _ = try await broker.swkafka("console-producer", "--topic", "t", input: "a\nb\nc\n")
                func earliest() async throws -> String {
                    try await broker.swkafka("get-offsets", "--topic", "t", "--time", "earliest").text
                }
                // Six days: everything is still there.
                #expect(try await clock(directory, "advance", "6d").status == 0)
                #expect(try await earliest() == "t:0:0\n")
                // Eight days: the default of 7 days is over.
                let moved = try await clock(directory, "advance", "2d")
                #expect(moved.status == 0 && moved.text.hasSuffix("Z x1\n"), "\(moved)")
                #expect(try await earliest() == "t:0:3\n")
                // The files of the segment go after file.delete.delay.ms.
                let folder = directory + "/t-0"
                let names = { try FileManager.default.contentsOfDirectory(atPath: folder) }
                #expect(try names().contains("00000000000000000000.log.deleted"))
                #expect(try await clock(directory, "advance", "1m").status == 0)
                #expect(try !names().contains { $0.hasSuffix(".deleted") })
                #expect(try names().contains("00000000000000000003.log"))
            }
        }
    }

    @Test func everyActionShowsTheTime() async throws {
        try await withTemporaryDirectory { directory in
            let arguments = ["--data-dir", directory, "--clock", "2026-01-31T12:00:00Z,frozen"]
            try await BrokerProcess.with(arguments) { broker in
                #expect(try await clock(directory).text == "2026-01-31T12:00:00.000Z frozen\n")
                #expect(try await clock(directory, "advance", "1d12h").text == "2026-02-02T00:00:00.000Z frozen\n")
                #expect(try await clock(directory, "set", "2026-03-01").text == "2026-03-01T00:00:00.000Z frozen\n")
                let back = try await clock(directory, "set", "2026-01-01")
                #expect(back.status == 1 && back.output.isEmpty && back.errors.contains("2026-03-01"), "\(back)")
                #expect(try await clock(directory, "run", "x60").text.hasSuffix(" x60\n"))
                #expect(try await clock(directory, "freeze").text.hasSuffix(" frozen\n"))
                let topic = try await broker.swkafka(
                    "topics",
                    "--create",
                    "--topic",
                    "t",
                    "--config",
                    "message.timestamp.type=LogAppendTime"
                )
                #expect(topic.status == 0)
                #expect(try await clock(directory, "set", "@1800000000000").status == 0)
                _ = try await broker.swkafka("console-producer", "--topic", "t", input: "a\n")
                let consumed = try await broker.swkafka(
                    "console-consumer",
                    "--topic",
                    "t",
                    "--from-beginning",
                    "--max-messages",
                    "1",
                    "--formatter-property",
                    "print.timestamp=true"
                )
                #expect(consumed.text == "LogAppendTime:1800000000000\ta\n")
            }
        }
    }

    @Test func withoutTheFlagThereIsNoClock() async throws {
        try await withTemporaryDirectory { directory in
            try await BrokerProcess.with(["--data-dir", directory]) { _ in
                let result = try await clock(directory, "advance", "8d")
                #expect(result.status == 1 && result.output.isEmpty)
                #expect(result.errors.contains("--clock") && result.errors.contains(directory), "\(result)")
            }
        }
        for words in [["advance"], ["advance", "soon"], ["set", "8d"], ["show", "8d"], ["run", "60"], ["stop"]] {
            let result = try await Swkafka.run(["broker", "clock"] + words)
            #expect(result.status == 2 && result.errors.contains("swkafka broker clock --help"), "\(result)")
        }
        let wrong = try await Swkafka.run("broker", "--clock", "soon")
        #expect(wrong.status == 1 && wrong.errors.contains("'soon'"), "\(wrong)")
    }
}
