import Foundation
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

/// A command line that was run with Kafka's own script, and what came of it; see the reference for how it was recorded.
struct GoldenCase: Decodable {
    var id: String
    /// Which state of the cluster the case was run in.
    var stage: Int?
    var argv: [String]
    var stdout: String
    var stderr: String
    var exit: Int32
    /// Files that the command names, from this case on.
    var files: [String: String]?

    static func all(_ name: String) throws -> [GoldenCase] {
        let file = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: "json"))
        return try JSONDecoder().decode([GoldenCase].self, from: Data(contentsOf: file))
    }

    /// Runs the command line against another broker.
    ///
    /// - Parameter nowMs: the time of day, in milliseconds since 1970.
    func run(_ command: String, against address: String, nowMs: Int64) async -> Transcript {
        let output = MemorySink()
        let errors = MemorySink()
        var context = testContext(output: output, errors: errors)
        context.nowMs = { nowMs }
        let words = argv.map { $0.replacingOccurrences(of: "BROKER", with: address) }
        let status = await runCommand([command] + words, in: context)
        return Transcript(status: status.rawValue, output: output.text, errors: errors.text)
    }
}
