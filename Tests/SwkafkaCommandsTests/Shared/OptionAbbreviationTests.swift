import ArgumentParser
import Foundation
import Testing

@testable import SwkafkaCommands

@Suite struct OptionAbbreviationTests {
    @Test func beginningsOfOptions() throws {
        let topics = try parsed(
            TopicsCommand.self,
            "topics",
            "--desc",
            "--boot",
            "h:1",
            "--topic",
            "--boot",
            "--under-r"
        )
        #expect(topics.connection.servers == .servers("h:1"))
        #expect(topics.topics.topic == "--boot")
        let equals = try parsed(TopicsCommand.self, "topics", "--lis", "--bootstrap=h:1", "--excl")
        #expect(equals.actions.list && equals.topics.excludeInternal)
        // Whole names win over longer ones: --topic beside --topics-with-overrides and --topic-id.
        #expect(try parsed(TopicsCommand.self, "topics", "--list", "--topic", "a", "--boo", "h:1").topics.topic == "a")
        let format = try parsed(
            StorageFormatCommand.self,
            "storage",
            "format",
            "--cluster",
            "id",
            "--conf",
            "f",
            "--ignore"
        )
        #expect(format.clusterID == "id" && format.config == "f" && format.ignoreFormatted)
        let list = try parsed(TransactionsListCommand.self, "transactions", "--boot", "h:1", "list", "--dur", "7")
        #expect(list.connection.servers == .servers("h:1"))
    }

    /// `--broker-l` is not the old spelling of --bootstrap-server, nor is `--out` ours where Kafka has such an option.
    @Test func namesOfKafkasScriptsComeFirst() throws {
        let configs = try parsed(ConfigsCommand.self, "configs", "--desc", "--broker-l", "1", "--bootstrap-s", "h:1")
        #expect(configs.entities.brokerLogger == "1")
        let consumer = try parsed(
            ConsoleConsumerCommand.self,
            "console-consumer",
            "--boot",
            "h:1",
            "--topic",
            "t",
            "--from-b",
            "--max",
            "5"
        )
        #expect(consumer.connection.servers == .servers("h:1"))
        let own = try parsed(TopicsCommand.self, "topics", "--list", "--boot", "h:1", "--outp", "json")
        #expect(own.output.format == .json)
    }

    @Test func whatMayMeanSeveral() async {
        let result = await transcript("topics", "--list", "--bootstrap-server", "h:1", "--top", "a")
        #expect(result.status == 2)
        #expect(
            result.errors.hasPrefix(
                "Option '--top' is ambiguous; it may mean --topic, --topic-id, --topics-with-overrides.\n"
            ),
            "\(result)"
        )
        let twice = await transcript("topics", "--list", "--boot", "h:1", "--bootstrap-server", "h:2")
        #expect(twice.status == 2)
        #expect(twice.errors.contains("--bootstrap-server was given more than once"), "\(twice)")
        let unknown = await transcript("topics", "--list", "--boot", "h:1", "--nope")
        #expect(unknown.errors.contains("There is no option '--nope'"), "\(unknown)")
    }

    @Test func valuesAndWordsBehindTheEndOfOptionsStay() throws {
        let table = OptionTable(help: "  --topic <name>  A\n  --verbose  B\n  --after[=<x>]  C\n")
        let abbreviations = OptionAbbreviations(table: table, shown: table)
        #expect(
            try abbreviations.completing(["--top", "--verb", "--ver", "x", "--", "--ver"])
                == ["--topic", "--verb", "--verbose", "x", "--", "--ver"]
        )
        #expect(try abbreviations.completing(["--top=--ver", "-v", "--"]) == ["--topic=--ver", "-v", "--"])
        #expect(try abbreviations.completing(["--=", "--x"]) == ["--=", "--x"])
    }

    /// What counts as our own is in no help text of Kafka's scripts.
    @Test func ownOptionsAreNotKafkas() throws {
        for name in ["topics", "configs", "console-consumer", "console-producer", "get-offsets", "delete-records"] {
            guard let help = try GoldenCase.all(name).first(where: { $0.id == "help" }) else { continue }
            for option in OptionAbbreviations.own {
                #expect(!help.stderr.contains("--\(option) "), "\(name): \(option)")
            }
        }
    }

    /// A command that can be told where brokers are can also be told by a profile.
    @Test func everyCommandThatAsksBrokersTakesAProfile() {
        var types = Swkafka.configuration.subcommands
        while let type = types.popLast() {
            types += type.configuration.subcommands
            let options = OptionTable(help: type.helpMessage(includeHidden: false, columns: 10_000)).options
            if options["bootstrap-server"] != nil {
                #expect(options["profile"] != nil, "\(type.configuration.commandName ?? "")")
            }
        }
    }
}
