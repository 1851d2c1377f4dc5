import Foundation
import Glibc

/// The executable that this build made.
package enum Swkafka {
    /// It stands beside the test runner.
    package static let path: String = {
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? runner
        let folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        return folder.appendingPathComponent("swkafka").path
    }()

    package static func run(
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:]
    ) async throws -> CommandResult {
        try await KafkaTestSupport.run(path, arguments, input: Data(input.utf8), environment: environment)
    }

    package static func run(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await run(arguments, input: input)
    }
}

/// A `swkafka broker` process.
package struct BrokerProcess: Sendable {
    package let process: ManagedProcess
    package let address: String

    package var port: Int { Int(address.split(separator: ":").last ?? "") ?? 0 }

    /// The broker whose process has said that it is ready; nil when the line holds no address.
    package init?(process: ManagedProcess, readyLine: String) {
        guard let start = readyLine.range(of: "127.0.0.1:")?.lowerBound else { return nil }
        self.process = process
        address = String(readyLine[start...].prefix { $0.isNumber || ".:".contains($0) })
    }

    /// Runs `body` with a broker on a free port, whose data live in a temporary directory unless `arguments` name one.
    package static func with<Result: Sendable>(
        _ arguments: [String] = ["--ephemeral"],
        environment: [String: String] = [:],
        _ body: @Sendable (BrokerProcess) async throws -> Result
    ) async throws -> Result {
        try await ManagedProcess.with(
            Swkafka.path,
            ["broker", "--listen", "127.0.0.1:0"] + arguments,
            environment: environment
        ) { process in
            let line = try await process.line(containing: "127.0.0.1:")
            guard let broker = BrokerProcess(process: process, readyLine: line) else {
                throw ManagedProcess.Failure(description: "no address in '\(line)'")
            }
            let result = try await body(broker)
            // So that an ephemeral broker removes its data; one that the body has ended already is not harmed.
            process.send(signal: SIGTERM)
            _ = await process.status()
            return result
        }
    }

    /// One command against this broker.
    package func swkafka(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await Swkafka.run(arguments + ["--bootstrap-server", address], input: input)
    }
}
