import Testing

@testable import SwkafkaCommands

@Suite struct ConsumerOptionTests {
    @Test(arguments: [
        [], ["--topic", "a", "--include", "b"], ["--topic", "a", "--offset", "1"],
        ["--topic", "a", "--partition", "0", "--offset", "-1"],
        ["--topic", "a", "--partition", "0", "--offset", "middle"],
        ["--include", "a", "--partition", "0"], ["--topic", "a", "--group", "g", "--partition", "0"],
        ["--topic", "a", "--isolation-level", "nope"], ["--topic", "a", "--formatter", "no.such.F"],
        ["--topic", "a", "--partition", "0", "--offset", "1", "--from-beginning"],
        ["--topic", "a", "--max-messages", "x"], ["--topic", "a", "--property", "a=b", "--formatter-property", "a=b"],
        ["--topic", "a", "--whitelist", "b"], ["--include", "a", "--whitelist", "b"],
    ])
    func mistakes(words: [String]) async {
        let words = ["console-consumer", "--bootstrap-server", "h:1"] + words
        let status = await runCommand(words, in: testContext(output: MemorySink(), errors: MemorySink()))
        #expect(status == .usage)
    }

    @Test func oldAndNewSpellings() throws {
        let old = try parsed(
            ConsoleConsumerCommand.self,
            "console-consumer",
            "--broker-list",
            "h:1",
            "--whitelist",
            "a.*",
            "--new-consumer",
            "--property",
            "print.key=true",
            "--property",
            "key.separator=:",
            "--consumer-property",
            "client.id=x",
            "--consumer.config",
            "file"
        )
        #expect(old.reading.pattern == "a.*")
        #expect(old.configFile == "file")
        #expect(try old.printing.properties() == ["print.key": "true", "key.separator": ":"])
        let new = try parsed(
            ConsoleConsumerCommand.self,
            "console-consumer",
            "--bootstrap-server",
            "h:1",
            "--include",
            "a.*",
            "--formatter-property",
            "print.key=true",
            "--command-property",
            "client.id=x",
            "--command-config",
            "file"
        )
        #expect(new.reading.pattern == "a.*")
        #expect(new.configFile == "file")
    }

    @Test func whereToStart() throws {
        func start(_ words: String...) throws -> ConsumerReadingOptions.Start? {
            let words = ["console-consumer", "--bootstrap-server", "h:1", "--topic", "t"] + words
            return try #require(try CommandLineReader.parse(words) as? ConsoleConsumerCommand).reading.start
        }
        #expect(try start() == nil)
        #expect(try start("--from-beginning") == .earliest)
        #expect(try start("--partition", "0", "--offset", "EARLIEST") == .earliest)
        #expect(try start("--partition", "0", "--offset", "Latest") == .latest)
        #expect(try start("--partition", "0", "--offset", "42") == .offset(42))
        #expect(try start("--partition", "0", "--from-beginning") == .earliest)
    }

    @Test func negativeCountsAreValues() throws {
        let command = try parsed(
            ConsoleConsumerCommand.self,
            "console-consumer",
            "--bootstrap-server",
            "h:1",
            "--topic",
            "t",
            "--max-messages",
            "-5",
            "--timeout-ms",
            "-1"
        )
        #expect(command.reading.maxMessages == -5)
        #expect(command.reading.timeoutMs == -1)
    }
}
