import Glibc
import KafkaMessages
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

@Suite("Console share consumer", .timeLimit(.minutes(1))) struct ConsoleShareConsumerTests {
    private static let loans = [
        ShareScript.Loan(values: ["a", "b", "c"], offset: 0), .init(values: ["d", "e"], offset: 3, deliveryCount: 2),
    ]

    private static func run(_ share: ShareScript, _ options: String...) async throws -> Transcript {
        try await ScriptedCluster.with(share.script()) { cluster in
            try await CommandBench(address: cluster.address).run(
                ["console-share-consumer", "--topic", "t", "--group", "g"] + options
            )
        }
    }

    @Test func acceptsWhatItPrints() async throws {
        let share = ShareScript(Self.loans)
        let result = try await Self.run(share, "--max-messages", "5")
        #expect(result == Transcript(status: 0, output: "a\nb\nc\nd\ne\n", errors: "Processed a total of 5 messages\n"))
        let log = share.seen
        #expect(log.acknowledged == ["0-2 [1]", "3-4 [1]"])
        // One session: opened, continued, closed; the first acknowledgements went along with the second fetch.
        #expect(log.fetches.map(\.shareSessionEpoch) == [0, 1])
        #expect(log.fetches.map(\.maxRecords) == [5, 2])
        #expect(log.fetches.allSatisfy { $0.groupId == "g" && $0.memberId == log.heartbeats[0].memberId })
        #expect(log.fetches[0].topics == [.init(topicId: ShareScript.id, partitions: [.init(partitionIndex: 0)])])
        #expect(log.closings.map(\.shareSessionEpoch) == [-1])
        // Joined with its topic, and left.
        #expect(log.heartbeats.first?.subscribedTopicNames == ["t"] && log.heartbeats.first?.memberEpoch == 0)
        #expect(log.heartbeats.last?.memberEpoch == -1)
    }

    /// What the limit leaves unprinted is not acknowledged: the end of the session gives it back.
    @Test func theLimitCutsABatch() async throws {
        let share = ShareScript(Self.loans)
        let result = try await Self.run(share, "--max-messages", "2")
        #expect(result.output == "a\nb\n" && result.status == 0)
        #expect(share.seen.acknowledged == ["0-1 [1]"])
    }

    @Test(arguments: [("--release", 2), ("--reject", 3)])
    func otherOutcomes(option: String, type: Int) async throws {
        let share = ShareScript(Self.loans)
        let result = try await Self.run(share, option, "--max-messages", "5", "--property", "print.delivery=true")
        #expect(
            result.output == "Delivery:1\ta\nDelivery:1\tb\nDelivery:1\tc\nDelivery:2\td\nDelivery:2\te\n",
            "\(result)"
        )
        #expect(share.seen.acknowledged == ["0-2 [\(type)]", "3-4 [\(type)]"])
    }

    @Test func recordsThatCannotBePrintedAreRejected() async throws {
        let share = ShareScript([.init(values: ["12345678", "x", nil, "87654321"], offset: 0)])
        let deserializer = "org.apache.kafka.common.serialization.LongDeserializer"
        let result = try await Self.run(
            share,
            "--reject-message-on-error",
            "--max-messages",
            "3",
            "--value-deserializer",
            deserializer
        )
        #expect(result.status == 0 && result.errors.contains("Passed over offset 1"), "\(result)")
        #expect(share.seen.acknowledged == ["0-0 [1]", "1-1 [3]", "2-2 [0]", "3-3 [1]"])
        let strict = ShareScript([.init(values: ["12345678", "x"], offset: 0)])
        let failed = try await Self.run(strict, "--max-messages", "3", "--value-deserializer", deserializer)
        #expect(failed.status == 1 && failed.errors.contains("Processed a total of 2 messages"), "\(failed)")
        #expect(strict.seen.acknowledged == ["0-0 [1]"], "what was printed before counts")
    }

    @Test func otherForms() async throws {
        let json = try await Self.run(ShareScript(Self.loans), "--max-messages", "1", "--output", "json")
        #expect(
            json.output
                == #"{"topic":"t","partition":0,"offset":0,"timestamp":1700000000000,"timestampType":"CreateTime","#
                + #""leaderEpoch":4,"deliveryCount":1,"key":null,"value":"a","headers":[]}"# + "\n",
            "\(json)"
        )
        let count = try await Self.run(ShareScript(Self.loans), "--max-messages", "4", "--count")
        #expect(count.output == "4\n")
        let format = try await Self.run(ShareScript(Self.loans), "--max-messages", "2", "--format", "%o:%s ")
        #expect(format.output == "0:a 1:b ")
    }

    @Test func timeEndsIt() async throws {
        let share = ShareScript(Self.loans)
        let result = try await Self.run(share, "--timeout-ms", "2000")
        #expect(result.status == 0 && result.output == "a\nb\nc\nd\ne\n", "\(result)")
        #expect(result.errors.contains("No record came for 2000 ms"), "\(result)")
        #expect(share.seen.acknowledged == ["0-2 [1]", "3-4 [1]"])
    }

    @Test func lateAcknowledgementsAreTold() async throws {
        let share = ShareScript(Self.loans, acknowledgements: .invalidRecordState)
        let result = try await Self.run(share, "--max-messages", "5")
        #expect(result.status == 1 && result.output == "a\nb\nc\nd\ne\n", "\(result)")
        #expect(result.errors.contains("3 records of t-0 may be delivered again"), "\(result)")
        #expect(result.errors.contains("2 records of t-0 may be delivered again"), "\(result)")
    }

    @Test(
        arguments: [(Interruption.signal(SIGINT), 130), (.signal(SIGTERM), 143), (.outputClosed, 0)]
            as [(Interruption, Int32)]
    )
    func interruptions(interruption: Interruption, status: Int32) async throws {
        let share = ShareScript(Self.loans)
        try await ScriptedCluster.with(share.script()) { cluster in
            let interruptions = ManualInterruptions()
            let output = InterruptingSink(interruptions, interruption)
            let errors = MemorySink()
            var context = testContext(output: output, errors: errors)
            context.interruptions = interruptions
            let words = ["console-share-consumer", "--topic", "t", "--bootstrap-server", cluster.address]
            #expect(await runCommand(words, in: context).rawValue == status)
            #expect(output.text == "a\nb\nc\n")
            #expect(errors.text == (status == 0 ? "" : "Processed a total of 3 messages\n"))
        }
        let log = share.seen
        #expect(log.acknowledged == ["0-2 [1]"] && log.heartbeats.last?.memberEpoch == -1)
        #expect(log.heartbeats[0].groupId == "console-share-consumer")
    }

    /// A pipe that is closed takes nothing: everything goes back.
    @Test func aClosedPipe() async throws {
        let share = ShareScript(Self.loans)
        try await ScriptedCluster.with(share.script()) { cluster in
            let errors = MemorySink()
            let context = testContext(output: MemorySink(failure: .closed), errors: errors)
            let words = ["console-share-consumer", "--topic", "t", "--bootstrap-server", cluster.address]
            #expect(await runCommand(words, in: context) == .success)
            #expect(errors.text.isEmpty)
        }
        #expect(share.seen.acknowledged.isEmpty && share.seen.closings.count == 1)
    }

    @Test func theBundledBrokerHasNone() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t")
            for words in [
                ["console-share-consumer", "--topic", "t"], ["share-groups", "--list"],
                ["share-groups", "--describe", "--group", "g"], ["share-groups", "--delete", "--group", "g"],
                ["share-groups", "--delete-offsets", "--group", "g", "--topic", "t"],
                ["share-groups", "--reset-offsets", "--group", "g", "--topic", "t", "--to-earliest", "--dry-run"],
            ] {
                let result = try await bench.run(words)
                #expect(result.status == 1 && result.output.isEmpty, "\(words): \(result)")
                #expect(result.errors.contains("does not offer share groups (KIP-932)"), "\(words): \(result)")
                #expect(
                    result.errors.contains("4.1 or newer with the feature share.version at 1"),
                    "\(words): \(result)"
                )
            }
        }
    }

    @Test func mistakes() async throws {
        func status(_ words: String..., says text: String) async {
            let result = await transcript(["console-share-consumer", "--bootstrap-server", "127.0.0.1:1"] + words)
            #expect(result.status == 2 && result.errors.contains(text), "\(words): \(result)")
        }
        await status(says: "--topic is needed")
        await status("--topic", "t", "--release", "--reject", says: "not both")
        await status("--topic", "t", "--grop", "g", says: "Did you mean '--group'?")
        await status("--topic", "t", "--group", "a", "--consumer-property", "group.id=b", says: "Group ids differ")
        await status("--topic", "t", "--formatter", "DefaultMessageFormater", says: "Did you mean")
        let dead = await transcript("console-share-consumer", "--bootstrap-server", "127.0.0.1:1", "--topic", "t")
        #expect(dead.status == 1 && dead.errors.contains("127.0.0.1:1"), "\(dead)")
        let share = ShareScript([])
        try await ScriptedCluster.with(share.script()) { cluster in
            let unknown = try await CommandBench(address: cluster.address).run(
                "console-share-consumer",
                "--topic",
                "tt",
                "--timeout-ms",
                "100"
            )
            #expect(unknown.status == 0 && unknown.errors.contains("Did you mean 't'?"), "\(unknown)")
        }
    }
}
