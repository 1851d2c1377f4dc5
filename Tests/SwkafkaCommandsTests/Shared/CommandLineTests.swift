import ArgumentParser
import Testing

@testable import SwkafkaCommands

@Suite struct CommandLineTests {
    @Test func helpAndVersionGoToStandardOutput() async {
        for words in [["--help"], ["topics", "--help"], ["help", "topics"], ["console-producer", "-h"]] {
            let output = MemorySink()
            let errors = MemorySink()
            let status = await runCommand(words, in: testContext(output: output, errors: errors))
            #expect(status == .success)
            #expect(output.text.contains("USAGE: swkafka"))
            #expect(output.text.contains("EXAMPLES"))
            #expect(errors.text.isEmpty)
        }
        let version = await transcript("topics", "--version")
        #expect(version.status == 0)
        #expect(version.output == "\(Swkafka.configuration.version)\n")
    }

    @Test func everyCommandHasHelpWithExamples() {
        var types = Swkafka.configuration.subcommands
        while let type = types.popLast() {
            // Hidden commands are for swkafka itself.
            #expect(type.configuration.discussion.contains("EXAMPLES") || !type.configuration.shouldDisplay)
            #expect(!type.configuration.abstract.isEmpty)
            #expect(type is any SwkafkaCommand.Type || !type.configuration.subcommands.isEmpty)
            types += type.configuration.subcommands
        }
    }

    @Test func groupsOfCommands() async {
        let which = await transcript("storage")
        #expect(which.status == 2)
        #expect(which.errors.hasPrefix("swkafka storage: which command?\n"))
        #expect(which.errors.contains("random-uuid"))
        let unknown = await transcript("storage", "random-uid")
        #expect(unknown.status == 2)
        #expect(
            unknown.errors == "swkafka storage: there is no command 'random-uid'.\n"
                + "Did you mean 'swkafka storage random-uuid'?\n"
        )
        let option = await transcript("storage", "random-uuid", "--nope")
        #expect(option.status == 2)
        #expect(option.errors.hasSuffix("See 'swkafka storage random-uuid --help'.\n"))
        #expect(
            await transcript("storage", "random-uuid", "--help").output.contains("USAGE: swkafka storage random-uuid")
        )
        let help = await transcript("transactions", "--bootstrap-server", "h:1", "--help")
        #expect(help.status == 0 && help.output.contains("USAGE: swkafka transactions"), "\(help)")
        let version = await transcript("transactions", "--bootstrap-server", "h:1", "--version")
        #expect(version.status == 0 && version.output == "\(Swkafka.configuration.version)\n", "\(version)")
        let ids = [await transcript("storage", "random-uuid"), await transcript("storage", "random-uuid")]
        #expect(ids[0] != ids[1])
        for id in ids {
            #expect(id.status == 0)
            #expect(id.output.count == 23)
            #expect(!id.output.hasPrefix("-"))
        }
    }

    @Test func noCommandIsWrongUsage() async {
        let result = await transcript()
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("SUBCOMMANDS"))
    }

    @Test func namesTheNearestCommandAndOption() async {
        let command = await transcript("topcis", "--list")
        #expect(command.status == 2)
        #expect(command.errors == "swkafka: there is no command 'topcis'.\nDid you mean 'swkafka topics'?\n")
        let option = await transcript("topics", "--list", "--bootstrap-server", "h:1", "--topc", "a")
        #expect(option.status == 2)
        #expect(option.errors.contains("--topic"))
        #expect(option.errors.hasSuffix("See 'swkafka topics --help'.\n"))
    }

    @Test(arguments: [
        ["topics", "--list"],
        ["topics", "--list", "--bootstrap-server", "noport"],
        ["topics", "--list", "--bootstrap-server", "h:0"],
        ["topics", "--list", "--bootstrap-server", "::1:9092"],
        ["topics", "--list", "--bootstrap-server", "h:1", "--broker-list", "h:1"],
        ["topics", "--list", "--zookeeper", "h:x"],
        ["topics", "--list", "--zookeeper", "h:2181", "--zk-tls-config-file", "f"],
        ["topics", "--list", "--zookeeper", "h:2181", "--bootstrap-server", "h:1"],
        ["topics", "--describe", "a", "b", "--bootstrap-server", "h:1"],
        ["topics", "--describe", "a", "--topic", "b", "--bootstrap-server", "h:1"],
        ["topics", "--list", "--describe", "--bootstrap-server", "h:1"],
        ["topics", "--bootstrap-server", "h:1"],
        ["topics", "--list", "--bootstrap-server", "h:1", "--topic", "a", "--topic", "b"],
        ["topics", "--list", "--bootstrap-server", "h:1", "--partitions", "x"],
        ["topics", "--list", "--bootstrap-server"],
        ["topics", "--li", "--bootstrap-server", "h"],
        ["topics", "--list", "--bootstrap-server", "h:1", "stray"],
    ])
    func wrongUsageEndsWithTwo(words: [String]) async {
        let output = MemorySink()
        let errors = MemorySink()
        let status = await runCommand(words, in: testContext(output: output, errors: errors))
        #expect(status == .usage)
        #expect(output.text.isEmpty)
        #expect(!errors.text.isEmpty)
    }

    /// The short way to a help leads to the same help.
    @Test(arguments: [["topics"], ["transactions", "list"], ["transactions"], ["cluster"], ["console-consumer"]])
    func helpTheShortWay(path: [String]) async throws {
        let short = try #require(CommandLineReader.help(for: path + ["--help"]))
        do {
            var command = try Swkafka.parseAsRoot(path + ["--help"])
            try command.run()
            Issue.record("the library asked for no help")
        } catch {
            #expect(KeyValueOptions.trimmed(short) == KeyValueOptions.trimmed(Swkafka.message(for: error)))
        }
        for words in [["--help"], path + ["--topic", "--help"], path, ["nothing", "--help"]] {
            #expect(CommandLineReader.help(for: words) == nil, "\(words)")
        }
    }

    @Test func zookeeperOverTLSIsRefusedWithAPointer() async {
        let result = await transcript("topics", "--zookeeper", "h:2181", "--zk-tls-config-file", "f", "--list")
        #expect(result.errors.contains("--bootstrap-server"))
    }

    @Test func acceptsOneDashAndEquals() throws {
        let command = try parsed(
            TopicsCommand.self,
            "topics",
            "-list",
            "-bootstrap-server=h:1",
            "-exclude-internal",
            "--topic=-a"
        )
        #expect(command.actions.list)
        #expect(command.topics.excludeInternal)
        #expect(command.topics.topic == "-a")
        #expect(command.connection.servers == .servers("h:1"))
    }

    @Test func valuesMayLookLikeOptions() throws {
        let swallowed = try parsed(
            TopicsCommand.self,
            "topics",
            "--bootstrap-server",
            "h:1",
            "--describe",
            "--topic",
            "--list"
        )
        #expect(swallowed.topics.topic == "--list")
        #expect(!swallowed.actions.list)
        let dashed = try parsed(
            TopicsCommand.self,
            "topics",
            "--bootstrap-server",
            "h:1",
            "-describe",
            "--topic",
            "-list"
        )
        #expect(dashed.topics.topic == "-list")
        #expect(!dashed.actions.list)
    }

    @Test func theOldSpellingOfServersIsAccepted() throws {
        let command = try parsed(TopicsCommand.self, "topics", "--list", "--broker-list", "a:1,[::1]:2")
        #expect(command.connection.servers == .servers("a:1,[::1]:2"))
    }

    @Test func aClosedPipeIsAQuietSuccess() async {
        let errors = MemorySink()
        let status = await runCommand(["--help"], in: testContext(output: MemorySink(failure: .closed), errors: errors))
        #expect(status == .success)
        #expect(errors.text.isEmpty)
    }

    @Test func aFullDiskIsAFailure() async {
        let errors = MemorySink()
        let status = await runCommand(
            ["--help"],
            in: testContext(output: MemorySink(failure: .failed(28)), errors: errors)
        )
        #expect(status == .failure)
        #expect(errors.text.contains("no space left"))
    }

    @Test func nearestWords() {
        #expect(NearestWord.of("topcis", in: ["topics", "configs"]) == "topics")
        #expect(NearestWord.of("console-prodcer", in: ["console-producer", "console-consumer"]) == "console-producer")
        #expect(NearestWord.of("xyz", in: ["topics", "configs"]) == nil)
        #expect(NearestWord.of("brok", in: ["topics", "broker-api-versions"]) == "broker-api-versions")
        #expect(NearestWord.editDistance(Array("ab".utf8), Array("ba".utf8)) == 1)
    }
}
