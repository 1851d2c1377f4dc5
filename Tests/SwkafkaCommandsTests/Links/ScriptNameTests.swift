import Testing

@testable import SwkafkaCommands

@Suite struct ScriptNameTests {
    @Test(arguments: [
        ("kafka-topics", "topics"), ("kafka-topics.sh", "topics"),
        ("/opt/kafka/bin/kafka-console-producer.sh", "console-producer"),
        ("./kafka-get-offsets", "get-offsets"),
    ])
    func scriptsAreCommands(path: String, command: String) {
        #expect(ScriptName.command(calledAs: path) == command)
    }

    @Test(arguments: [
        "swkafka", "/usr/bin/swkafka", "topics", "topics.sh", "kafka-", "kafka-.sh", "kafka-describe.sh",
        "kafka-broker",
        "kafka-topics.bat", "kafka-topics.sh.sh", "/kafka-topics/swkafka", "",
    ])
    func othersAreNot(path: String) {
        #expect(ScriptName.command(calledAs: path) == nil)
    }

    @Test func wrongUsageIsOneUnderAScriptsName() async {
        for (name, status) in [("swkafka", ExitStatus.usage), ("kafka-topics.sh", .failure)] {
            let errors = MemorySink()
            let words = name == "swkafka" ? [name, "topics", "--lst"] : [name, "--lst"]
            #expect(await run(words, in: testContext(output: MemorySink(), errors: errors)) == status)
            #expect(errors.text.contains("Did you mean '--list'?"))
        }
    }

    /// Kafka's scripts pass over such words; swkafka itself takes them for mistakes.
    @Test func wordsThatBelongToNoOption() throws {
        let words = ["topics", "--list", "a", "--bootstrap-server", "h:1", "--exclude-internal", "b", "--", "-c"]
        var stray: [String] = []
        let command = try #require(try CommandLineReader.parse(words) { stray = $0 } as? TopicsCommand)
        #expect(stray == ["a", "b", "-c"])
        #expect(command.actions.list && command.topics.excludeInternal)
        #expect(throws: (any Error).self) { try CommandLineReader.parse(words) }
        // What is wrong without them stays wrong, and argparse's scripts refuse them.
        for wrong in [
            ["topics", "--delete", "a", "--bootstrap-server", "h:1"],
            ["storage", "random-uuid", "a"],
        ] {
            #expect(throws: (any Error).self) { try CommandLineReader.parse(wrong) { _ in } }
        }
    }

    @Test func helpAndVersionWorkUnderAScriptsName() async {
        for word in ["--help", "--version"] {
            let output = MemorySink()
            let status = await run(["kafka-topics", word], in: testContext(output: output, errors: MemorySink()))
            #expect(status == .success)
            #expect(!output.text.isEmpty)
        }
    }
}
