import Foundation
import KafkaTestSupport
import Testing

@Suite("After a crash", .timeLimit(.minutes(2)))
struct RecoveryPointTests {
    /// What a start after a crash has read once, the next one need not read again.
    @Test func whatWasRecoveredIsNoted() async throws {
        try await withTemporaryDirectory { directory in
            let arguments = ["--data-dir", directory]
            try await BrokerProcess.with(arguments) { broker in
                let input = (0..<50).map { "record \($0)\n" }.joined()
                let written = try await broker.swkafka("console-producer", "--topic", "t", input: input)
                #expect(written.status == 0, "\(written)")
                broker.process.send(signal: SIGKILL)
                _ = await broker.process.status()
            }
            #expect(Self.recoveryPoint(directory) != "50")
            try await BrokerProcess.with(arguments) { broker in
                let deadline = ContinuousClock.now + .seconds(60)
                while Self.recoveryPoint(directory) != "50", ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(10))
                }
                broker.process.send(signal: SIGKILL)
                _ = await broker.process.status()
            }
            #expect(Self.recoveryPoint(directory) == "50")
        }
    }

    /// Of partition 0, as the checkpoint has it.
    private static func recoveryPoint(_ directory: String) -> String? {
        let text = try? String(contentsOfFile: directory + "/recovery-point-offset-checkpoint", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("t 0 ") }
        return line?.split(separator: " ").last.map(String.init)
    }
}
