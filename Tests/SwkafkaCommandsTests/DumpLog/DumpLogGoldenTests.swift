import Foundation
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

/// What Apache Kafka's script printed of a directory that it wrote, beside what ours prints of it.
@Suite(.timeLimit(.minutes(2))) struct DumpLogGoldenTests {
    struct Case: Decodable, CustomTestStringConvertible {
        var id: String
        var argv: [String]
        var stdout: String
        var exit: Int32
        /// The output was longer; what is there is its beginning.
        var stdout_cut_from: Int?

        var testDescription: String { id }
    }

    /// Cases that differ on purpose: usage screens and their status, our version, and the bytes that Kafka's default
    /// decoder names but does not print.
    static let different: Set<String> = [
        "help", "version", "no-arguments", "no-files", "unknown-option", "log-default-decoder",
    ]

    static let cases: [Case] = {
        let url = Bundle.module.resourceURL?.appendingPathComponent("Golden/dump-log.json")
        let bytes = url.flatMap { try? Data(contentsOf: $0) } ?? Data()
        return (try? JSONDecoder().decode([Case].self, from: bytes)) ?? []
    }()

    @Test func everyCaseIsThere() {
        #expect(Self.cases.count == 46)
        #expect(Self.different.isSubset(of: Self.cases.map(\.id)))
    }

    @Test func printsWhatKafkaPrints() async throws {
        try await KafkaDirectory.with { directory in
            for golden in Self.cases where !Self.different.contains(golden.id) {
                try damage(directory, golden.id)
                let words = golden.argv.dropFirst().map { $0.replacing("TMP/", with: directory.path + "/") }
                let result = await transcript(["dump-log"] + words)
                let expected = golden.stdout.replacing("TMP/", with: directory.path + "/")
                let output = golden.stdout_cut_from == nil ? result.output : result.output.common(with: expected)
                #expect(output == expected, "\(golden.id)")
                #expect(result.status == golden.exit, "\(golden.id)")
                #expect(result.errors.isEmpty == (golden.exit == 0), "\(golden.id): \(result.errors)")
            }
        }
    }

    /// Makes the damaged partition that some cases look at.
    private func damage(_ directory: KafkaDirectory, _ id: String) throws {
        guard ["truncated", "corrupt-crc", "corrupt-deep"].contains(id) else { return }
        let folder = directory.path + "/cor-0"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.copyItem(atPath: directory.path + "/mixed-0", toPath: folder)
        try directory.change("cor-0/00000000000000000000.log") { bytes in
            if id == "truncated" { bytes = bytes.prefix(700) } else { bytes[200] ^= 0xff }
        }
    }
}

extension String {
    /// This text, but no more than the characters that were recorded, the last of which may be half a line.
    fileprivate func common(with recorded: String) -> String {
        hasPrefix(recorded) ? recorded : self
    }
}
