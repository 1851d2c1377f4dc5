import Foundation
import Glibc
import KafkaBroker

@testable import SwkafkaCommands

/// A broker in this process, and commands that run against it in memory.
struct CommandBench: Sendable {
    let address: String

    /// Runs `body` with a fresh broker on a free port whose data vanish afterwards.
    static func with(
        _ properties: [String: String] = [:],
        _ body: @Sendable @escaping (CommandBench) async throws -> Void
    ) async throws {
        let configuration = try BrokerConfiguration(
            properties: properties.merging(["listeners": "PLAINTEXT://127.0.0.1:0"]) { $1 },
            isEphemeral: true
        )
        try await Broker(configuration: configuration).serve { address in
            try await body(CommandBench(address: address.description))
        }
    }

    /// What a command line prints, with the broker's address put in.
    func run(_ words: String..., input: String = "") async throws -> Transcript {
        try await run(words, input: Data(input.utf8))
    }

    func run(_ words: [String], input: Data = Data()) async throws -> Transcript {
        let output = MemorySink()
        let errors = MemorySink()
        var context = testContext(output: output, errors: errors)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        context.input = open(file.path, O_RDONLY | O_CLOEXEC)
        defer { close(context.input) }
        let status = await runCommand(words + ["--bootstrap-server", address], in: context)
        return Transcript(status: status.rawValue, output: output.text, errors: errors.text)
    }

    /// A file with this text, for the time of the call.
    func withFile<Result: Sendable>(_ text: String, _ body: (String) async throws -> Result) async throws -> Result {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try await body(file.path)
    }
}
