import Testing

@testable import SwkafkaCommands

@Suite(.timeLimit(.minutes(2))) struct StreamsApplicationResetTests {
    private static let lines = (0..<5).map { "k:\($0)\n" }.joined()

    /// An application that has read its input, stored its place, and made topics of its own.
    private func prepare(_ bench: CommandBench) async throws {
        for topic in ["in", "app-store-changelog", "app-x-repartition", "app-mine", "other-store-changelog"] {
            _ = try await bench.run("console-producer", "--topic", topic, input: Self.lines)
        }
        let stored = try await bench.run(
            "consumer-groups",
            "--reset-offsets",
            "--group",
            "app",
            "--topic",
            "in",
            "--to-latest",
            "--execute"
        )
        #expect(stored.status == 0, "\(stored)")
    }

    private func reset(_ bench: CommandBench, _ words: String...) async throws -> Transcript {
        try await bench.run(["streams-application-reset", "--application-id", "app"] + words)
    }

    private func place(_ bench: CommandBench) async throws -> String {
        let described = try await bench.run("consumer-groups", "--describe", "--group", "app", "--offsets")
        let row = described.output.split(separator: "\n").last?.split(separator: " ").map(String.init) ?? []
        return row.count > 3 ? row[3] : ""
    }

    @Test func beginsAnew() async throws {
        try await CommandBench.with { bench in
            try await prepare(bench)
            #expect(try await place(bench) == "5")
            let shown = try await reset(bench, "--input-topics", "in", "--dry-run")
            let text = """
                Reset-offsets for input topics [in]
                Following input topics offsets will be reset to (for consumer group app)
                Topic: in Partition: 0 Offset: 0
                Done.
                Deleting inferred internal topics [app-store-changelog, app-x-repartition]
                Done.

                """
            let head = "----Dry run displays the actions which will be performed when running Streams Reset Tool----\n"
            #expect(shown == Transcript(status: 0, output: head + text, errors: ""))
            #expect(try await place(bench) == "5")
            #expect(try await reset(bench, "--input-topics", "in") == Transcript(status: 0, output: text, errors: ""))
            #expect(try await place(bench) == "0")
            let topics = try await bench.run("topics", "--list", "--exclude-internal").output
            #expect(topics == "app-mine\nin\nother-store-changelog\n")
        }
    }

    @Test func wherever() async throws {
        try await CommandBench.with { bench in
            try await prepare(bench)
            let shifted = try await reset(bench, "--input-topics", "in", "--shift-by", "-2", "--internal-topics", "")
            #expect(shifted.output.contains("Topic: in Partition: 0 Offset: 3\n"), "\(shifted)")
            let beyond = try await reset(bench, "--input-topics", "in", "--to-offset", "99")
            #expect(beyond.output.contains("Topic: in Partition: 0 Offset: 5\n"))
            #expect(beyond.errors.contains("New offset (99) is higher than latest offset"))
            let file = try await bench.withFile("in,0,1\n") { path in
                try await reset(bench, "--input-topics", "in", "--from-file", path)
            }
            #expect(file.output.contains("Topic: in Partition: 0 Offset: 1\n"), "\(file)")
            let both = try await reset(bench, "--intermediate-topics", "in")
            #expect(both.output.contains("Seek-to-end for intermediate topics [in]\n"))
            #expect(both.output.contains("Topic: in Partition: 0 Offset: 5\n"))
        }
    }

    @Test func whatIsNotThere() async throws {
        try await CommandBench.with { bench in
            let nothing = try await reset(bench)
            #expect(nothing.status == 0)
            #expect(
                nothing.output == """
                    No input or intermediate topics specified. Skipping seek.
                    Deleting inferred internal topics []
                    Done.

                    """
            )
            let missing = try await reset(bench, "--input-topics", "nope")
            #expect(missing.status == 1)
            #expect(missing.errors == "ERROR: These input topics do not exist: nope\n")
            let stranger = try await reset(bench, "--internal-topics", "other")
            #expect(stranger.status == 1)
            #expect(stranger.errors.contains("no internal topics of 'app': other"))
        }
    }

    @Test(arguments: [
        ("app-store-changelog", true), ("app-a-subscription-response-topic", true),
        ("app-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000003-topic", true),
        ("app-x-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-3-topic", true),
        ("app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE--topic", false), ("app2-store-changelog", false),
        ("app-changelogs", false), ("app", false),
    ])
    func ownTopics(name: String, isOwn: Bool) {
        #expect(StreamsInternalTopics.contains(name, of: "app") == isOwn)
    }

    @Test(arguments: [
        ["--to-earliest", "--to-latest"], ["--to-datetime", "soon"], ["--bootstrap-servers", "127.0.0.1:1"],
    ])
    func wrongWords(words: [String]) async {
        let start = ["streams-application-reset", "--application-id", "a", "--bootstrap-server", "127.0.0.1:1"]
        let result = await transcript(start + words)
        #expect(result.status == 2, "\(result)")
    }
}
