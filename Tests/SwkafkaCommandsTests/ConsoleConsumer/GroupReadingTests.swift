import Glibc
import KafkaClient
import NIOCore
import Synchronization
import Testing

@testable import SwkafkaCommands

/// What a reader in a group commits when its output ends in the middle.
@Suite("The console consumer commits what was written", .timeLimit(.minutes(2))) struct GroupReadingTests {
    /// Takes so many writes, then is closed like a pipe whose reader went away.
    final class ClosingSink: ByteSink {
        private let state: Mutex<(writes: Int, bytes: [UInt8])>

        init(after writes: Int) { state = Mutex((writes, [])) }

        var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

        func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
            let isOpen = state.withLock { state in
                guard state.writes > 0 else { return false }
                state.writes -= 1
                state.bytes.append(contentsOf: bytes)
                return true
            }
            guard isOpen else { throw .closed }
        }
    }

    /// Lines of many batches, several of which fit into the output's buffer, and in which a buffer ends anywhere.
    private static let lines = (0..<30_000).map { "line \($0) of many\n" }

    private func committed(_ bench: CommandBench, _ group: String) async throws -> Int? {
        let described = try await bench.run("consumer-groups", "--describe", "--group", group)
        return described.output.split(separator: "\n").last?.split(separator: " ").dropFirst(3).first.flatMap {
            Int($0)
        }
    }

    @Test(arguments: [0, 1, 3], ["16384", "200000"])
    func aPipeThatClosesInTheMiddle(writes: Int, batchSize: String) async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t", "--partitions", "1")
            let written = try await bench.run(
                "console-producer",
                "--topic",
                "t",
                "--batch-size",
                batchSize,
                input: Self.lines.joined()
            )
            #expect(written.status == 0)
            let output = ClosingSink(after: writes)
            let words = ["console-consumer", "--topic", "t", "--from-beginning", "--group", "g"]
            let context = testContext(output: output, errors: MemorySink())
            #expect(await runCommand(words + ["--bootstrap-server", bench.address], in: context) == .success)
            let whole = output.text.filter { $0 == "\n" }.count
            #expect(writes == 0 || whole > 2_000)
            #expect(try await committed(bench, "g") ?? 0 == whole)
        }
    }

    @Test func aRecordThatCannotBePrinted() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t", "--partitions", "1")
            _ = try await bench.run("console-producer", "--topic", "t", input: "12345678\n12345678\nx\n12345678\n")
            let read = try await bench.run(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--group",
                "g",
                "--value-deserializer",
                "LongDeserializer"
            )
            #expect(read.status == 1)
            #expect(try await committed(bench, "g") == 2)
        }
    }

    @Test func whatNobodyAskedToStoreIsNotStored() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "a\nb\n")
            func read(_ options: [String]) async throws -> Transcript {
                try await bench.run(["console-consumer", "--topic", "t", "--from-beginning"] + options)
            }
            #expect(try await read(["--max-messages", "1"]).output == "a\n")
            let off = ["--group", "g", "--consumer-property", "enable.auto.commit=false"]
            #expect(try await read(["--max-messages", "2"] + off).output == "a\nb\n")
            #expect(try await committed(bench, "g") == nil)
            let made = ["--consumer-property", "enable.auto.commit=true", "--consumer-property", "group.id=h"]
            #expect(try await read(["--max-messages", "1"] + made).output == "a\n")
            #expect(try await committed(bench, "h") == 1)
        }
    }

    /// Reads topic `t` in group `g` until the group has committed an offset of its only partition, then is interrupted.
    private func read(_ bench: CommandBench, _ options: [String], untilCommitted offset: Int) async throws -> String {
        let interruptions = ManualInterruptions()
        let output = MemorySink()
        var context = testContext(output: output, errors: MemorySink())
        context.interruptions = interruptions
        let reading = context
        let words = ["console-consumer", "--topic", "t", "--group", "g", "--bootstrap-server", bench.address] + options
        let often = ["--consumer-property", "auto.commit.interval.ms=20"]
        async let status = runCommand(words + often, in: reading)
        while try await committed(bench, "g") != offset { try await Task.sleep(for: .milliseconds(20)) }
        interruptions.fire(.signal(SIGINT))
        #expect(await status == .signal(SIGINT))
        return output.text
    }

    /// What comes between two readings is not passed over, though the first had read nothing.
    @Test func aPlaceAtTheEndIsKept() async throws {
        try await CommandBench.with(["group.initial.rebalance.delay.ms": "0"]) { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "old\n")
            #expect(try await read(bench, [], untilCommitted: 1).isEmpty)
            _ = try await bench.run("console-producer", "--topic", "t", input: "new\n")
            let words = ["console-consumer", "--topic", "t", "--group", "g", "--max-messages", "1"]
            #expect(try await bench.run(words).output == "new\n")
            #expect(try await committed(bench, "g") == 2)
        }
    }

    @Test func aMarkerOfATransactionLeavesNoLag() async throws {
        try await CommandBench.with(["group.initial.rebalance.delay.ms": "0"]) { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t", "--partitions", "1")
            let servers = try ServerAddress.parseList(bench.address)
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
                var configuration = ProducerConfiguration()
                configuration.transactionalID = "x"
                let producer = try KafkaProducer(cluster: cluster, configuration: configuration)
                try await producer.initTransactions()
                try producer.beginTransaction()
                _ = try await producer.send(ProducerRecord(topic: "t", value: ByteBuffer(string: "a")))
                try await producer.commitTransaction()
                await producer.close()
            }
            #expect(try await read(bench, ["--from-beginning"], untilCommitted: 2) == "a\n")
        }
    }

    @Test func aTopicThatCannotBe() async throws {
        try await CommandBench.with { bench in
            let read = try await bench.run("console-consumer", "--topic", "bad name", "--timeout-ms", "20000")
            #expect(read.status == 1)
            #expect(read.errors.contains("bad name"))
        }
    }
}
