import Testing

@testable import SwkafkaCommands

@Suite struct ConfigsTests {
    @Test func additions() throws {
        typealias Addition = ConfigsGrammar.Addition
        #expect(
            try ConfigsGrammar.additions("retention.ms=3600000, cleanup.policy = [compact,delete],x=") == [
                Addition(name: "retention.ms", value: "3600000"),
                Addition(name: "cleanup.policy", value: "compact,delete"), Addition(name: "x", value: ""),
            ]
        )
        #expect(
            try ConfigsGrammar.additions("SCRAM=[iterations=8192,password=x]")
                == [Addition(name: "SCRAM", value: "iterations=8192,password=x")]
        )
        for wrong in ["a=b=c", "retention.ms", "", "a b=c"] {
            #expect(throws: CommandFailure.self) { try ConfigsGrammar.additions(wrong) }
        }
        let failure = #expect(throws: CommandFailure.self) {
            try ConfigsGrammar.additions("SCRAM-SHA-256=password=secret")
        }
        #expect(failure?.message.contains("secret") == false)
    }

    @Test(arguments: [
        ["--topic", "t1"], ["--describe", "--alter", "--topic", "t1"], ["--describe"],
        ["--describe", "--entity-type", "nope"], ["--describe", "--entity-type", "topics", "--entity-type", "brokers"],
        ["--describe", "--topic", "t1", "--entity-type", "topics"],
        ["--describe", "--topic", "t1", "--add-config", "a=b"],
        ["--describe", "--topic", "t1", "--broker", "1"], ["--describe", "--broker", "x"],
        ["--alter", "--topic", "t1"],
        ["--alter", "--entity-type", "topics", "--add-config", "a=b"],
        ["--alter", "--topic", "t1", "--add-config", "a=b", "--add-config-file", "f"],
    ])
    func mistakes(words: [String]) async {
        let words = ["configs", "--bootstrap-server", "h:1"] + words
        let errors = MemorySink()
        let status = await runCommand(words, in: testContext(output: MemorySink(), errors: errors))
        #expect(status == .usage)
        #expect(!errors.text.isEmpty)
    }

    @Test func entities() throws {
        func entities(_ words: String...) throws -> [ConfigsEntity] {
            let words = ["configs", "--bootstrap-server", "h:1", "--describe"] + words
            return try #require(try CommandLineReader.parse(words) as? ConfigsCommand).entities.resolved()
        }
        let topic = ConfigsEntity(kind: .topics, name: "t", isDefault: false)
        #expect(try entities("--topic", "t") == [topic])
        #expect(try entities("--entity-type", "topics", "--entity-name", "t") == [topic])
        let defaults = ConfigsEntity(kind: .brokers, name: nil, isDefault: true)
        #expect(try entities("--broker-defaults") == [defaults])
        #expect(try entities("--entity-type", "brokers", "--entity-default") == [defaults])
        #expect(
            try entities("--entity-type", "brokers") == [ConfigsEntity(kind: .brokers, name: nil, isDefault: false)]
        )
        #expect(try entities("--user", "a", "--client", "b").count == 2)
    }

    @Test func describesAsKafkaDoes() {
        let topic = ConfigsEntity(kind: .topics, name: "t1", isDefault: false)
        let configs = DescribedConfigs(
            entity: topic,
            settings: [
                .init(
                    name: "retention.ms",
                    value: "3600000",
                    isSensitive: false,
                    source: .dynamicTopic,
                    synonyms: [.init(source: .dynamicTopic, name: "retention.ms", value: "3600000")]
                ),
                .init(
                    name: "cleanup.policy",
                    value: "compact,delete",
                    isSensitive: false,
                    source: .dynamicTopic,
                    synonyms: [
                        .init(source: .dynamicTopic, name: "cleanup.policy", value: "compact,delete"),
                        .init(source: .defaultConfig, name: "log.cleanup.policy", value: "delete"),
                    ]
                ),
                .init(name: "flush.ms", value: nil, isSensitive: true, source: .staticBroker, synonyms: []),
            ]
        )
        #expect(ConfigsOutput.heading(topic, all: false) == "Dynamic configs for topic t1 are:\n")
        #expect(
            ConfigsOutput.text(configs, all: false)
                == "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:"
                + "cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}\n"
                + "  retention.ms=3600000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=3600000}\n"
        )
        #expect(
            ConfigsOutput.text(configs, all: true).contains("\n  flush.ms=null sensitive=true synonyms={}\n")
        )
    }

    @Test func headingsAndConfirmations() {
        let broker = ConfigsEntity(kind: .brokers, name: "1", isDefault: false)
        let defaults = ConfigsEntity(kind: .brokers, name: nil, isDefault: true)
        #expect(ConfigsOutput.heading(broker, all: true) == "All configs for broker 1 are:\n")
        #expect(ConfigsOutput.heading(defaults, all: false) == "Default configs for brokers in the cluster are:\n")
        #expect(ConfigsOutput.completed(broker) == "Completed updating config for broker 1.\n")
        #expect(
            ConfigsOutput.completed(defaults) == "Completed updating default config for brokers in the cluster.\n"
        )
    }
}
