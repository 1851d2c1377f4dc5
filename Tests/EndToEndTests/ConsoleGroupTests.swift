import Foundation
import KafkaTestSupport
import Testing

/// `console-consumer` as a member of groups: what they are told, and where others go on.
@Suite("The console consumer in groups", .timeLimit(.minutes(2)))
struct ConsoleGroupTests {
    private static func protocolProperty(_ name: String) -> [String] {
        ["--consumer-property", "group.protocol=\(name)"]
    }

    private func create(_ broker: BrokerProcess, partitions: Int, _ lines: [String]) async throws {
        _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "\(partitions)")
        let input = lines.map { $0 + "\n" }.joined()
        #expect(try await broker.swkafka("console-producer", "--topic", "t", input: input).status == 0)
    }

    /// Committed offset and lag of each partition.
    private func offsets(_ broker: BrokerProcess, _ group: String) async throws -> [String] {
        let described = try await broker.swkafka("consumer-groups", "--describe", "--group", group)
        return described.lines.dropFirst().map { line in
            let words = line.split(separator: " ")
            return words.count > 5 ? "\(words[3]) \(words[5])" : line
        }
    }

    /// Asks again until the answer is right.
    private func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
        for _ in 0..<400 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("it never came to this: \(what)")
    }

    @Test(arguments: ["classic", "consumer"])
    func aGroupGoesOnWhereItStopped(groupProtocol: String) async throws {
        try await BrokerProcess.with { broker in
            try await create(broker, partitions: 1, ["a", "b", "c", "d", "e"])
            func read(_ count: Int) async throws -> CommandResult {
                try await Swkafka.run(
                    [
                        "console-consumer", "--bootstrap-server", broker.address, "--topic", "t", "--from-beginning",
                        "--group", "g", "--max-messages", "\(count)",
                    ] + Self.protocolProperty(groupProtocol)
                )
            }
            let first = try await read(2)
            #expect(first.text == "a\nb\n", "\(first)")
            #expect(first.errors == "Processed a total of 2 messages\n")
            #expect(try await offsets(broker, "g") == ["2 3"])
            #expect(try await read(1).text == "c\n")
            #expect(try await offsets(broker, "g") == ["3 2"])
            let rest = try await read(2)
            #expect(rest.text == "d\ne\n", "\(rest)")
            let described = try await broker.swkafka("consumer-groups", "--describe", "--group", "g", "--state")
            #expect(described.text.contains("Empty"), "the last reader has left: \(described)")
        }
    }

    @Test(arguments: ["classic", "consumer"])
    func ctrlCStoresWhatWasWritten(groupProtocol: String) async throws {
        try await BrokerProcess.with { broker in
            try await create(broker, partitions: 1, ["a", "b", "c"])
            let arguments =
                [
                    "console-consumer", "--bootstrap-server", broker.address, "--topic", "t", "--from-beginning",
                    "--group", "g",
                ] + Self.protocolProperty(groupProtocol)
            try await ManagedProcess.with(Swkafka.path, arguments) { consumer in
                _ = try await consumer.line(containing: "c")
                consumer.send(signal: SIGINT)
                #expect(await consumer.status() == 130)
                #expect(consumer.errors.text == "Processed a total of 3 messages\n")
            }
            #expect(try await offsets(broker, "g") == ["3 0"])
        }
    }

    /// Offsets are stored while the reader goes on, and one that is killed repeats little.
    @Test func offsetsAreStoredOnTheWay() async throws {
        try await BrokerProcess.with { broker in
            try await create(broker, partitions: 1, ["a", "b", "c"])
            let arguments = [
                "console-consumer", "--bootstrap-server", broker.address, "--topic", "t", "--from-beginning", "--group",
                "g", "--consumer-property", "auto.commit.interval.ms=100",
            ]
            try await ManagedProcess.with(Swkafka.path, arguments) { consumer in
                try await eventually("3 0") { try await offsets(broker, "g") == ["3 0"] }
                consumer.send(signal: SIGKILL)
                #expect(await consumer.status() == 128 + SIGKILL)
            }
        }
    }

    @Test func headLeavesTheRestToTheNext() async throws {
        try await BrokerProcess.with { broker in
            let lines = (0..<100_000).map { "line \($0)" }
            try await create(broker, partitions: 1, lines)
            let head = try await MannersTests.shell(
                #""$1" console-consumer --bootstrap-server "$2" --topic t --from-beginning --group g | head -1"#,
                broker.address
            )
            #expect(head.status == 0, "\(head)")
            #expect(head.text == "line 0\n")
            let stored = try await offsets(broker, "g").first?.split(separator: " ").first.flatMap { Int($0) } ?? 0
            let rest = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--group",
                "g",
                "--max-messages",
                "\(lines.count - stored)"
            )
            #expect(rest.lines == Array(lines[stored...]), "from \(stored)")
        }
    }

    @Test func aGroupThatNobodyNamedHasAMadeUpName() async throws {
        try await BrokerProcess.with { broker in
            try await create(broker, partitions: 1, ["a"])
            let arguments = [
                "console-consumer", "--bootstrap-server", broker.address, "--topic", "t", "--from-beginning",
            ]
            try await ManagedProcess.with(Swkafka.path, arguments) { consumer in
                _ = try await consumer.line(containing: "a")
                let listed = try await broker.swkafka("consumer-groups", "--list")
                #expect(listed.text.wholeMatch(of: /console-consumer-[0-9]{1,5}\n/) != nil, "\(listed)")
                let described = try await broker.swkafka("consumer-groups", "--describe", "--all-groups")
                #expect(described.text.contains("console-consumer-"))
                consumer.send(signal: SIGTERM)
                #expect(await consumer.status() == 143)
            }
            let stored = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "__consumer_offsets",
                "--from-beginning",
                "--formatter",
                "OffsetsMessageFormatter",
                "--timeout-ms",
                "500"
            )
            #expect(stored.status == 0)
            #expect(stored.output.isEmpty, "\(stored)")
        }
    }

    @Test(arguments: ["classic", "consumer"])
    func twoReadersShare(groupProtocol: String) async throws {
        try await BrokerProcess.with { broker in
            try await create(broker, partitions: 2, [])
            let arguments =
                [
                    "console-consumer", "--bootstrap-server", broker.address, "--topic", "t", "--from-beginning",
                    "--group", "g", "--consumer-property", "heartbeat.interval.ms=200",
                ] + Self.protocolProperty(groupProtocol)
            try await ManagedProcess.with(Swkafka.path, arguments) { first in
                try await ManagedProcess.with(Swkafka.path, arguments) { second in
                    try await eventually("two members with a partition each") {
                        let members = try await broker.swkafka(
                            "consumer-groups",
                            "--describe",
                            "--group",
                            "g",
                            "--members"
                        )
                        let counts = members.lines.dropFirst().map { $0.split(separator: " ").last ?? "" }
                        return counts == ["1", "1"]
                    }
                    let input = (0..<200).map { "\($0)\tvalue \($0)\n" }.joined()
                    let produced = try await broker.swkafka(
                        "console-producer",
                        "--topic",
                        "t",
                        "--property",
                        "parse.key=true",
                        input: input
                    )
                    #expect(produced.status == 0)
                    try await eventually("all was read") {
                        first.output.text.count + second.output.text.count >= 2_000 - 110
                    }
                    for reader in [first, second] {
                        reader.send(signal: SIGINT)
                        #expect(await reader.status() == 130)
                        #expect(!reader.output.text.isEmpty)
                    }
                    let read = (first.output.text + second.output.text).split(separator: "\n").map(String.init)
                    #expect(read.sorted() == (0..<200).map { "value \($0)" }.sorted())
                }
            }
            #expect(try await offsets(broker, "g").map { $0.split(separator: " ").last } == ["0", "0"])
        }
    }

    @Test func theCoordinatorsTopicsArePrinted() async throws {
        try await BrokerProcess.with { broker in
            try await create(broker, partitions: 1, ["a", "b"])
            _ = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--group",
                "g",
                "--max-messages",
                "1"
            )
            let groups = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "__consumer_offsets",
                "--from-beginning",
                "--formatter",
                "GroupMetadataMessageFormatter",
                "--timeout-ms",
                "500"
            )
            #expect(groups.text.contains(#""data":{"group":"g"}"#), "\(groups)")
            let offsets = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "__consumer_offsets",
                "--from-beginning",
                "--formatter",
                "OffsetsMessageFormatter",
                "--timeout-ms",
                "500"
            )
            #expect(
                offsets.text.hasPrefix(
                    #"{"key":{"version":1,"data":{"group":"g","topic":"t","partition":0}},"value":{"version":"#
                ),
                "\(offsets)"
            )
        }
    }
}
