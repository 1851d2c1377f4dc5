import Glibc
import KafkaClient
import Testing

@testable import SwkafkaCommands

/// Commands that destroy something ask a person at a terminal, and nobody else.
@Suite("Questions before something is destroyed", .timeLimit(.minutes(2))) struct ConfirmationTests {
    /// What a command line does where somebody answers.
    private static func ask(
        _ bench: CommandBench,
        _ words: [String],
        answer: String,
        isScript: Bool = false,
        isTerminal: Bool = true
    ) async -> Transcript {
        var ends: [CInt] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends where end >= 0 { close(end) } }
        _ = answer.withBytes { Glibc.write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        ends[1] = -1
        let (output, errors) = (MemorySink(), MemorySink())
        var context = testContext(output: output, errors: errors)
        context.input = ends[0]
        context.inputIsTerminal = isTerminal
        context.errorsAreTerminal = isTerminal
        context.isScript = isScript
        let status = await runCommand(words + ["--bootstrap-server", bench.address], in: context)
        return Transcript(status: status.rawValue, output: output.text, errors: errors.text)
    }

    private static let reset = [
        "consumer-groups", "--reset-offsets", "--group", "g", "--topic", "t", "--to-latest", "--execute",
    ]

    private static func withGroup(_ body: @Sendable @escaping (CommandBench) async throws -> Void) async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t")
            _ = try await bench.run("console-producer", "--topic", "t", input: "a\nb\n")
            // Without a terminal nobody is asked: an existing command line goes on as it is.
            let start = try await bench.run(
                "consumer-groups",
                "--reset-offsets",
                "--group",
                "g",
                "--topic",
                "t",
                "--to-earliest",
                "--execute"
            )
            #expect(start.status == 0 && !start.errors.contains("?"), "\(start)")
            try await body(bench)
        }
    }

    private static func offset(_ bench: CommandBench) async throws -> String {
        let text = try await bench.run("consumer-groups", "--describe", "--group", "g").output
        return text.split(separator: "\n").last.map { String($0.split(separator: " ")[3]) } ?? ""
    }

    @Test func movingAGroup() async throws {
        try await Self.withGroup { bench in
            let no = await Self.ask(bench, Self.reset, answer: "n\n")
            #expect(no.status == 1 && no.output.isEmpty, "\(no)")
            #expect(no.errors.hasPrefix("Set group g to other offsets in 1 partition? This cannot be undone. [y/N] "))
            #expect(no.errors.contains("Nothing was changed."), "\(no)")
            let before = try await Self.offset(bench)
            #expect(before == "0")
            let yes = await Self.ask(bench, Self.reset, answer: "y\n")
            #expect(yes.status == 0 && yes.output.contains("NEW-OFFSET"), "\(yes)")
            let after = try await Self.offset(bench)
            #expect(after == "2")
        }
    }

    @Test func whoIsNotAsked() async throws {
        try await Self.withGroup { bench in
            let given = await Self.ask(bench, Self.reset + ["--yes"], answer: "n\n")
            #expect(given.status == 0 && given.errors.isEmpty, "\(given)")
            let script = await Self.ask(bench, Self.reset, answer: "n\n", isScript: true)
            #expect(script.status == 0 && script.errors.isEmpty, "\(script)")
            let pipe = await Self.ask(bench, Self.reset, answer: "n\n", isTerminal: false)
            #expect(pipe.status == 0 && pipe.errors.isEmpty, "\(pipe)")
            let plan = await Self.ask(bench, Array(Self.reset.dropLast()) + ["--dry-run"], answer: "n\n")
            #expect(plan.status == 0 && plan.errors.isEmpty, "\(plan)")
        }
    }

    @Test func everyCommandThatDestroys() async throws {
        try await Self.withGroup { bench in
            let file = #"{"partitions":[{"topic":"t","partition":0,"offset":1}]}"#
            try await bench.withFile(file) { path in
                let commands = [
                    ["topics", "--delete", "--topic", "t"], ["delete-records", "--offset-json-file", path],
                    ["consumer-groups", "--delete", "--group", "g"],
                    ["consumer-groups", "--delete-offsets", "--group", "g", "--topic", "t"],
                    ["leader-election", "--election-type", "unclean", "--topic", "t", "--partition", "0"],
                    ["streams-application-reset", "--application-id", "g", "--input-topics", "t"],
                ]
                for words in commands {
                    let no = await Self.ask(bench, words, answer: "\n")
                    #expect(no.status == 1 && no.errors.contains("? This cannot be undone. [y/N]"), "\(words): \(no)")
                }
                let offset = try await Self.offset(bench)
                #expect(offset == "0", "nothing has happened")
                for words in commands.reversed() {
                    let done = await Self.ask(bench, words, answer: "", isTerminal: false)
                    #expect(!done.errors.contains("[y/N]"), "\(words): \(done)")
                }
            }
        }
    }

    /// A command of our own, which no script of Kafka's users calls, needs to be told.
    @Test func ourOwnCommandsNeedAYes() throws {
        let context = testContext(output: MemorySink(), errors: MemorySink())
        let failure = #expect(throws: CommandFailure.self) {
            try Confirmation.require("Remove all data in /x", isGiven: false, context)
        }
        #expect(failure?.status == .usage && failure?.hint?.contains("--yes") == true)
        #expect(throws: Never.self) { try Confirmation.require("Remove all data in /x", isGiven: true, context) }
    }
}
