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
    /// What it was given to read; nothing when both are nil.
    var stdin: String?
    var stdinBase64: String?
    /// Files that it names, by their paths.
    var files: [String: String]?
    var stdout: String
    var stderr: String
    var exit: Int32
    /// The records that it wrote: headers, key and value of each.
    var written: [Written]?
    /// Only the beginning of the output was kept.
    var isCut: Bool?

    struct Written: Decodable, Equatable {
        var headers: [[String?]]
        var key: String?
        var value: String?

        init(headers: [[String?]], key: String?, value: String?) {
            (self.headers, self.key, self.value) = (headers, key, value)
        }

        init(from decoder: any Decoder) throws {
            var parts = try decoder.unkeyedContainer()
            headers = try parts.decode([[String?]].self)
            key = try parts.decode(String?.self)
            value = try parts.decode(String?.self)
        }
    }

    /// What it was given to read.
    var input: Data { stdinBase64.flatMap { Data(base64Encoded: $0) } ?? Data((stdin ?? "").utf8) }

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

    /// Runs the command line under the script's own name, with what it was given to read.
    ///
    /// - Parameters:
    ///   - directory: where the files that it names are put; stands for TMP.
    ///   - nowMs: the time of day; a fixed one without this.
    ///   - changing: gives the command line to run instead of the recorded one.
    func runAsScript(
        _ name: String,
        against address: String,
        in directory: String? = nil,
        nowMs: (@Sendable () -> Int64)? = nil,
        changing: (GoldenCase) -> [String] = { $0.argv }
    ) async throws -> Transcript {
        let output = MemorySink()
        let errors = MemorySink()
        var context = testContext(output: output, errors: errors)
        if let nowMs { context.nowMs = nowMs }
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: input)
        try pipe.fileHandleForWriting.close()
        context.input = pipe.fileHandleForReading.fileDescriptor
        for (path, text) in files ?? [:] {
            let file = path.replacingOccurrences(of: "TMP", with: directory ?? "")
            let content = text.replacingOccurrences(of: "TMP", with: directory ?? "TMP")
            try Data(content.utf8).write(to: URL(fileURLWithPath: file))
        }
        let words = changing(self).map { word in
            word.replacingOccurrences(of: "BROKER", with: address)
                .replacingOccurrences(of: "TMP", with: directory ?? "TMP")
        }
        let status = await SwkafkaCommands.run([name] + words, in: context)
        return Transcript(
            status: status.rawValue,
            output: output.text.replacingOccurrences(of: address, with: "BROKER"),
            errors: errors.text
        )
    }
}
