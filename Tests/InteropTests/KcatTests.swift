import Foundation
import KafkaTestSupport
import Testing

@Suite("kcat against our broker", .timeLimit(.minutes(2)))
struct KcatTests {
    static let lines = (0..<2_000).map { "line \($0) \(String(repeating: "x", count: $0 % 120))\n" }.joined()

    static func kcat(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await run("/usr/bin/kcat", arguments, input: Data(input.utf8))
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func producesAndConsumes(codec: String) async throws {
        try await BrokerProcess.with { broker in
            let created = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            #expect(created.status == 0, "\(created)")
            let produced = try await Self.kcat("-b", broker.address, "-P", "-t", "t", "-z", codec, input: Self.lines)
            #expect(produced.status == 0, "\(produced)")

            let consumed = try await Self.kcat(
                "-b",
                broker.address,
                "-C",
                "-t",
                "t",
                "-e",
                "-q",
                "-X",
                "check.crcs=true"
            )
            #expect(consumed.status == 0)
            #expect(consumed.text == Self.lines)

            let ours = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--max-messages",
                "2000"
            )
            #expect(ours.status == 0, "\(ours.errors)")
            #expect(ours.text == Self.lines)
        }
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func readsWhatOurProducerWrote(codec: String) async throws {
        try await BrokerProcess.with { broker in
            let created = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            #expect(created.status == 0, "\(created)")
            let produced = try await broker.swkafka(
                "console-producer",
                "--topic",
                "t",
                "--compression-codec",
                codec,
                input: Self.lines
            )
            #expect(produced.status == 0, "\(produced)")
            let consumed = try await Self.kcat(
                "-b",
                broker.address,
                "-C",
                "-t",
                "t",
                "-e",
                "-q",
                "-X",
                "check.crcs=true"
            )
            #expect(consumed.text == Self.lines)
        }
    }

    @Test func listsAndQueries() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "asked", "--partitions", "2")
            let listed = try await Self.kcat("-b", broker.address, "-L", "-t", "asked")
            #expect(listed.status == 0, "\(listed)")
            #expect(listed.text.contains("topic \"asked\" with 2 partitions"))
            #expect(listed.text.contains(broker.address))

            _ = try await Self.kcat("-b", broker.address, "-P", "-t", "asked", "-p", "1", input: "a\nb\nc\n")
            let earliest = try await Self.kcat("-b", broker.address, "-Q", "-t", "asked:1:-2")
            let latest = try await Self.kcat("-b", broker.address, "-Q", "-t", "asked:1:-1")
            #expect(earliest.text == "asked [1] offset 0\n")
            #expect(latest.text == "asked [1] offset 3\n")
            let byTime = try await Self.kcat("-b", broker.address, "-Q", "-t", "asked:1:1000")
            #expect(byTime.text == "asked [1] offset 0\n")
        }
    }

    @Test func keepsKeysHeadersAndNulls() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            let produced = try await Self.kcat(
                "-b",
                broker.address,
                "-P",
                "-t",
                "t",
                "-K",
                ":",
                "-Z",
                "-H",
                "a=1",
                "-H",
                "b=2",
                input: "key:value\nkey:\n"
            )
            #expect(produced.status == 0, "\(produced)")
            let consumed = try await Self.kcat(
                "-b",
                broker.address,
                "-C",
                "-t",
                "t",
                "-e",
                "-q",
                "-f",
                "%o|%k|%K|%S|%h\n"
            )
            #expect(consumed.text == "0|key|3|5|a=1,b=2\n1|key|3|-1|a=1,b=2\n")
        }
    }

    /// The same format string gives the same bytes.
    @Test func formatsAsKcatDoes() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            let lines = """
                {"key":"k","value":"v","timestamp":1700000000123,"headers":[{"key":"a","value":"1"},{"key":"a","value":""}]}
                {"key":null,"value":null,"timestamp":1700000000124}
                {"key":"","value":"","timestamp":1700000000125,"headers":[{"key":"n","value":null}]}

                """
            let sent = try await broker.swkafka("console-producer", "--topic", "t", "--input", "json", input: lines)
            #expect(sent.status == 0, "\(sent)")
            let format = "%t [%p] %o %T %k %K %s %S %h\\t%R%%\\x41\\n"
            let theirs = try await Self.kcat("-b", broker.address, "-C", "-t", "t", "-e", "-q", "-f", format)
            let ours = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--exit-at-end",
                "--format",
                format
            )
            #expect(ours.output == theirs.output, "\(ours)\n\(theirs)")
        }
    }
}
