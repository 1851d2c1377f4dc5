import ArgumentParser
import Foundation
import Testing

@testable import SwkafkaCommands

/// Man pages and completions come from the definitions of the commands, and are checked in.
///
/// `SWKAFKA_WRITE_DOCS=1 swift test --filter DocumentationTests` (`make docs`) writes them anew.
@Suite(.serialized) struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../..").standardizedFileURL

    private func facts() throws -> CommandFacts {
        do {
            _ = try Swkafka.parseAsRoot(["--experimental-dump-help"])
        } catch {
            return try CommandFacts.read(Swkafka.message(for: error))
        }
        throw CommandFailure("the parser gave no dump")
    }

    private func pages() throws -> [ManualPage] { pages(of: try facts(), below: []) }

    private func pages(of command: CommandFacts, below parents: [String]) -> [ManualPage] {
        [ManualPage(command: command, parents: parents)]
            + (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap {
                pages(of: $0, below: parents + [command.commandName])
            }
    }

    /// Pages that are about no single command.
    private static let writtenByHand: Set<String> = ["swkafka-config.5", "swkafka-formats.7"]

    private func page(_ name: String) throws -> String {
        let text = try String(contentsOf: Self.root.appendingPathComponent("man/\(name)"), encoding: .utf8)
        return text.replacingOccurrences(of: "\\-", with: "-").replacingOccurrences(of: "\\&", with: "")
    }

    /// Every variable, every place for a password and every setting with a meaning of its own.
    @Test func theConfigurationPageIsComplete() throws {
        let page = try page("swkafka-config.5")
        for word in UserSettings.variables + SettingsKeys.passwords + [
            "bootstrap.servers", "sasl.username", ".swkafka",
        ] {
            #expect(page.contains(word), "swkafka-config(5) does not know \(word)")
        }
    }

    /// Every form of output, and every token of format strings.
    @Test func theFormatsPageIsComplete() throws {
        let page = try page("swkafka-formats.7")
        for format in OutputFormat.allCases { #expect(page.contains("\n.It \(format.rawValue)\n")) }
        for token in "tpoThkKsSR%" {
            #expect(page.contains("\n.It %\(token)\n"), "swkafka-formats(7) does not know %\(token)")
        }
    }

    /// Compares with what is checked in, or writes it when asked to.
    private func check(_ path: String, _ text: String) throws {
        let file = Self.root.appendingPathComponent(path)
        if ProcessInfo.processInfo.environment["SWKAFKA_WRITE_DOCS"] != nil {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data(text.utf8).write(to: file)
        }
        let current = try? String(contentsOf: file, encoding: .utf8)
        #expect(current == text, "\(path) is stale: run `make docs`")
    }

    @Test func manualPagesAreCurrent() throws {
        for page in try pages() { try check("man/\(page.fileName)", page.text) }
    }

    @Test func completionsAreCurrent() throws {
        try check("completions/swkafka.bash", CompletionScripts.script(.bash))
        try check("completions/_swkafka", CompletionScripts.script(.zsh))
        try check("completions/swkafka.fish", CompletionScripts.script(.fish))
    }

    @Test func nothingStaleLiesAround() throws {
        let pages = Set(
            try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("man").path)
        )
        #expect(pages == Set(try self.pages().map(\.fileName)).union(Self.writtenByHand))
    }

    /// The linters, where they are installed.
    @Test(arguments: [
        ("mandoc", "cd man && mandoc -T lint ./*.[157]"), ("bash", "bash -n completions/swkafka.bash"),
        ("zsh", "zsh -n completions/_swkafka"), ("fish", "fish -n completions/swkafka.fish"),
    ])
    func lintersAreContent(tool: String, command: String) throws {
        guard try shell("command -v \(tool)").status == 0 else { return }
        let result = try shell(command)
        #expect(result.status == 0, "\(result.output)")
    }

    private func shell(_ command: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = Self.root
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
