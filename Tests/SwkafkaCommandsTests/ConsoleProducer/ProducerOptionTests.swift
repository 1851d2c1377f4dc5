import Testing

@testable import SwkafkaCommands

@Suite struct ProducerOptionTests {
    private func properties(_ words: String...) throws -> [String: String] {
        let words = ["console-producer", "--bootstrap-server", "h:1", "--topic", "t"] + words
        let command = try #require(try CommandLineReader.parse(words) as? ConsoleProducerCommand)
        return try command.sending.properties(commandConfig: command.connection.commandConfig)
    }

    @Test func absentOptionsLeaveTheDefaults() throws {
        let properties = try properties()
        #expect(properties["linger.ms"] == "1000")
        #expect(properties["retries"] == nil)
        #expect(properties["request.timeout.ms"] == nil)
        #expect(properties["client.id"] == "console-producer")
        #expect(properties["compression.type"] == nil)
        #expect(properties["acks"] == nil)
    }

    @Test func optionsWinOverProperties() throws {
        #expect(try properties("--producer-property", "linger.ms=5", "--timeout", "7")["linger.ms"] == "7")
        #expect(try properties("--command-property", "linger.ms=5")["linger.ms"] == "5")
        #expect(try properties("--command-property", "compression.type=lz4")["compression.type"] == "lz4")
        #expect(try properties("--max-partition-memory-bytes", "9", "--batch-size", "8")["batch.size"] == "9")
        #expect(try properties("--request-required-acks", "-1")["acks"] == "-1")
    }

    @Test func theCodecNeedsNoValue() throws {
        #expect(try properties("--compression-codec")["compression.type"] == "gzip")
        #expect(try properties("--compression-codec", "--sync")["compression.type"] == "gzip")
        #expect(try properties("--compression-codec", "zstd")["compression.type"] == "zstd")
        #expect(try properties("--compression-codec=snappy")["compression.type"] == "snappy")
        #expect(try properties("-compression-codec", "lz4")["compression.type"] == "lz4")
    }

    @Test(arguments: [
        ["--compression-codec", "brotli"], ["--request-required-acks", "2"],
        ["--property", "a=b", "--reader-property", "c=d"],
        ["--producer-property", "a=b", "--command-property", "c=d"], ["--message-send-max-retries", "x"],
        ["--line-reader", "no.such.Reader"], ["--producer.config", "a", "--command-config", "b"],
    ])
    func mistakes(words: [String]) async {
        let words = ["console-producer", "--bootstrap-server", "h:1", "--topic", "t"] + words
        let status = await runCommand(words, in: testContext(output: MemorySink(), errors: MemorySink()))
        #expect(status == .usage)
    }

    @Test func oldOptionsAreAccepted() throws {
        let command = try parsed(
            ConsoleProducerCommand.self,
            "console-producer",
            "--broker-list",
            "h:1",
            "--topic",
            "t",
            "--new-producer",
            "--queue-size",
            "3",
            "--key-serializer",
            "x",
            "--property",
            "parse.key=true",
            "--property",
            "key.separator=:",
            "--line-reader",
            "kafka.tools.ConsoleProducer$LineMessageReader"
        )
        #expect(try command.reading.properties() == ["parse.key": "true", "key.separator": ":"])
    }
}
