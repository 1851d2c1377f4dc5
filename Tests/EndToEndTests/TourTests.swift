import Foundation
import KafkaTestSupport
import Testing

/// The tour in README.md, typed as it stands there; what it shows must be what is printed.
@Suite("The tour of the README", .timeLimit(.minutes(3))) struct TourTests {
    private struct Step {
        var command: String
        var output: [String]
    }

    private static func steps() throws -> [Step] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../README.md")
        let text = try String(contentsOf: file.standardizedFileURL, encoding: .utf8)
        let start = try #require(text.range(of: "\n## A tour\n"))
        let end = text.range(of: "\n## ", range: start.upperBound..<text.endIndex)?.lowerBound ?? text.endIndex
        var steps: [Step] = []
        for line in text[start.upperBound..<end].split(separator: "\n") where line.hasPrefix("    ") {
            let line = line.dropFirst(4)
            if line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), output: []))
            } else if line.hasPrefix("> "), !steps.isEmpty {
                steps[steps.count - 1].command += "\n" + line.dropFirst(2)
            } else if !steps.isEmpty {
                steps[steps.count - 1].output.append(String(line))
            }
        }
        return steps
    }

    /// One shell runs all; a line tells where each command's output ends. The ports are free ones, and what must settle
    /// is waited for until it has.
    @Test func isTrue() async throws {
        let steps = try Self.steps()
        #expect(steps.count > 8)
        try await withTemporaryDirectory { home in
            let programs = URL(fileURLWithPath: Swkafka.path).deletingLastPathComponent().path
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let environment = [
                "HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home,
                "PATH": "\(programs):\(path)",
            ]
            let failure: String? = try await ManagedProcess.with("/bin/sh", [], environment: environment) { shell in
                var failure: String?
                try shell.write(Data("exec 2>&1; cd '\(home)'\n".utf8))
                for (number, step) in steps.enumerated() {
                    let found = try await Self.run(step, number, shell)
                    guard found != step.output.map(Self.masked) else { continue }
                    failure = "\(step.command)\nprinted\n\(found.joined(separator: "\n"))"
                    break
                }
                // Whatever went wrong, no process stays.
                try shell.write(Data("swkafka cluster down --wipe --yes\nexit\n".utf8))
                _ = await shell.status()
                return failure
            }
            #expect(failure == nil)
        }
    }

    /// What the command prints, again and again while it is not what is wanted and a step before it said to wait.
    private static func run(_ step: Step, _ number: Int, _ shell: ManagedProcess) async throws -> [String] {
        let command = step.command.replacing("--detach", with: "--detach --ports 0")
        let deadline = ContinuousClock.now + .seconds(60)
        var attempt = 0
        while true {
            attempt += 1
            let mark = "end of step \(number), attempt \(attempt)"
            let start = shell.output.text.utf8.count
            try shell.write(Data((command + "\necho; echo '\(mark)'\n").utf8))
            _ = try await shell.line(containing: mark)
            let text = String(decoding: Array(shell.output.text.utf8.dropFirst(start)), as: UTF8.self)
            let printed = text.prefix(upTo: text.range(of: mark)?.lowerBound ?? text.endIndex)
            let found = printed.split(separator: "\n").map { masked(String($0)) }
            if found == step.output.map(masked) || ContinuousClock.now > deadline || !command.contains("--describe") {
                return found
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Without what is another in each run: addresses, identifiers, and which replica comes first, since the controller
    /// draws the broker that leads the first partition.
    private static func masked(_ line: String) -> String {
        line.replacing(/127\.0\.0\.1:\d+/, with: "ADDRESS").replacing(/TopicId: \S+/, with: "TopicId: ID")
            .replacing(/^Removed what was in .*/, with: "Removed")
            .replacing(/(Replicas|Isr): ([\d,]+)/) { match in
                "\(match.1): \(match.2.split(separator: ",").sorted().joined(separator: ","))"
            }
            .trimmingCharacters(in: .whitespaces)
    }
}
