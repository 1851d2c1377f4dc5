import Foundation
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

/// Every recorded command line of one of Kafka's scripts, run in its order against a broker of our own.
///
/// What must be as Kafka's: the exit status, and the lines on standard output, in any order, as Kafka's often follows hash
/// tables. Where Kafka failed, our own words must stand on standard error, and nothing on standard output that Kafka did
/// not print. Help and version are our own.
struct GoldenScript {
    let name: String
    /// Where we differ on purpose, by the case's name, and why.
    let differences: [String: String]
    /// Gives the command line to run instead of the recorded one.
    var changing: @Sendable (GoldenCase) -> [String] = { $0.argv }
    /// Makes lines comparable that hold what is another in each run.
    var masking: @Sendable (String) -> String = { $0 }

    /// Names the files and folders that are not there when a case begins.
    var removing: @Sendable (GoldenCase) -> [String] = { _ in [] }
    /// The time of day; a fixed one without this.
    var nowMs: (@Sendable () -> Int64)?

    /// - Parameters:
    ///   - matching: how many of how many cases must be as Kafka's.
    ///   - before: called before each case.
    ///   - after: called after each case that was run.
    func check(
        _ bench: CommandBench,
        matching: Int,
        of count: Int,
        before: @Sendable (GoldenCase) async throws -> Void = { _ in },
        after: @Sendable (GoldenCase) async throws -> Void = { _ in }
    ) async throws {
        let cases = try GoldenCase.all(name)
        #expect(cases.count == count)
        let strangers = Set(differences.keys).subtracting(cases.map(\.id))
        #expect(strangers.isEmpty)
        let matched = try await withTemporaryDirectory { directory in
            var matched = 0
            for item in cases where item.id != "help" && item.id != "version" {
                for name in removing(item) { try? FileManager.default.removeItem(atPath: "\(directory)/\(name)") }
                try await before(item)
                let result = try await item.runAsScript(
                    "kafka-\(name).sh",
                    against: bench.address,
                    in: directory,
                    nowMs: nowMs,
                    changing: changing
                )
                if isSame(item, result, directory) {
                    matched += 1
                    #expect(differences[item.id] == nil, "\(name) \(item.id) is as Kafka's by now")
                } else if differences[item.id] == nil {
                    Issue.record("\(name) \(item.id): \(item.argv)\n\(result)\nKafka: \(item.exit) \(item.stdout)")
                }
                try await after(item)
            }
            return matched
        }
        #expect(matched == matching)
    }

    private func isSame(_ item: GoldenCase, _ result: Transcript, _ directory: String) -> Bool {
        guard result.status == item.exit else { return false }
        let ours = lines(result.output, directory)
        let theirs = lines(item.stdout, directory)
        if item.exit == 0 { return ours == theirs }
        return ours == theirs || !result.errors.isEmpty && Set(ours).isSubset(of: theirs)
    }

    private func lines(_ text: String, _ directory: String) -> [String] {
        masking(text.replacingOccurrences(of: directory, with: "TMP")).split(separator: "\n").map(String.init).sorted()
    }
}
