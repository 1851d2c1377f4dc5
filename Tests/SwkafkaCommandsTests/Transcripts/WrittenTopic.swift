import Foundation
import Synchronization
import Testing

@testable import SwkafkaCommands

/// What comes into a topic of one partition between two looks at it.
final class WrittenTopic: Sendable {
    private let bench: CommandBench
    private let name: String
    private let start = Mutex("0")

    init(bench: CommandBench, name: String) {
        self.bench = bench
        self.name = name
    }

    /// Records from here on count.
    func mark() async throws {
        let end = try await bench.run("get-offsets", "--topic", name).output
        start.withLock { $0 = end.split(separator: ":").last.map { $0.trimmingCharacters(in: .newlines) } ?? "0" }
    }

    func sinceMark() async throws -> [GoldenCase.Written] {
        let read = try await bench.run(
            "console-consumer",
            "--topic",
            name,
            "--partition",
            "0",
            "--from",
            start.withLock { $0 },
            "--exit-at-end",
            "--output",
            "json"
        )
        #expect(read.status == 0, "\(read)")
        return try read.output.split(separator: "\n").map { line in
            try JSONDecoder().decode(Line.self, from: Data(line.utf8)).written
        }
    }

    /// Text, or bytes that are none.
    private struct Field: Decodable {
        var text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
                return
            }
            let encoded = try container.decode([String: String].self)["base64"] ?? ""
            text = String(decoding: Data(base64Encoded: encoded) ?? Data(), as: UTF8.self)
        }
    }

    private struct Header: Decodable {
        var key: String
        var value: Field?
    }

    private struct Line: Decodable {
        var key: Field?
        var value: Field?
        var headers: [Header]?

        var written: GoldenCase.Written {
            GoldenCase.Written(
                headers: (headers ?? []).map { [$0.key, $0.value?.text] },
                key: key?.text,
                value: value?.text
            )
        }
    }
}
