import KafkaBroker
import KafkaClient
import KafkaMessages
import KafkaWire
import NIOCore
import Testing

@testable import SwkafkaCommands

/// `transactions` against our own broker: an open transaction is seen and ended, one that nobody knows of is found and
/// aborted.
@Suite("Transactions from the command line", .timeLimit(.minutes(2))) struct TransactionsAtWorkTests {
    private static func with(
        _ body: @Sendable @escaping (CommandBench, KafkaCluster) async throws -> Void
    ) async throws {
        let properties = ["transaction.partition.verification.enable": "false"]
        try await CommandBench.with(properties) { bench in
            let servers = try ServerAddress.parseList(bench.address)
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
                _ = try await bench.run("topics", "--create", "--topic", "orders", "--partitions", "1")
                try await body(bench, cluster)
            }
        }
    }

    /// A producer with an open transaction that has written to orders.
    private static func withOpenTransaction(
        _ id: String,
        _ cluster: KafkaCluster,
        _ body: (KafkaProducer) async throws -> Void
    ) async throws {
        var configuration = ProducerConfiguration()
        configuration.transactionalID = id
        let producer = try KafkaProducer(cluster: cluster, configuration: configuration)
        try await producer.initTransactions()
        try producer.beginTransaction()
        _ = try await producer.send(ProducerRecord(topic: "orders", partition: 0, value: ByteBuffer(string: "open")))
        try await body(producer)
        await producer.close(within: .zero)
    }

    /// The cells of a line that begins with `first`.
    private func line(_ transcript: Transcript, _ first: String) -> [String] {
        let lines = transcript.output.split(separator: "\n").map { line in
            line.split(separator: "\t").map { $0.split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
        }
        return lines.first { $0.first == first } ?? []
    }

    @Test func anOpenTransactionIsSeenAndEnded() async throws {
        try await Self.with { bench, cluster in
            try await Self.withOpenTransaction("pay-1", cluster) { producer in
                let listed = try await bench.run("transactions", "list")
                #expect(line(listed, "pay-1").last == "Ongoing", "\(listed)")
                let described = try await bench.run("transactions", "describe", "--transactional-id", "pay-1")
                let cells = line(described, "1")
                #expect(cells.count == 9 && cells[1] == "pay-1" && cells[4] == "Ongoing", "\(described)")
                #expect(cells.last == "orders-0")
                let partition = ["--topic", "orders", "--partition", "0"]
                let producers = try await bench.run(["transactions", "describe-producers"] + partition)
                #expect(line(producers, cells[2]).last == "0", "\(producers)")
                let hanging = try await bench.run(
                    "transactions",
                    "find-hanging",
                    "--topic",
                    "orders",
                    "--max-transaction-timeout",
                    "0"
                )
                #expect(hanging.output.split(separator: "\n").count == 1, "\(hanging)")
                let ended = try await bench.run("transactions", "force-terminate", "--transactional-id", "pay-1")
                #expect(ended == Transcript(status: 0, output: "", errors: ""))
                let error = await #expect(throws: KafkaClientError.self) { try await producer.commitTransaction() }
                #expect(error?.code == .fenced)
            }
            let listed = try await bench.run("transactions", "list", "--output", "json")
            #expect(listed.output.contains("\"pay-1\"") && !listed.output.contains("Ongoing"), "\(listed)")
        }
    }

    @Test func aTransactionThatNobodyKnowsIsFoundAndAborted() async throws {
        try await Self.with { bench, cluster in
            // Written without the coordinator's knowledge, as brokers without verification let it happen.
            let initial = InitProducerIdRequest(transactionalId: "lost", transactionTimeoutMs: 60_000)
            _ = try await bench.run("transactions", "list")
            let deadline = Deadline.after(.seconds(30))
            let coordinator = try await cluster.coordinator(
                of: CoordinatorKey(.transaction, "lost"),
                deadline: deadline
            )
            let producer = try await cluster.send(initial, to: .node(coordinator.id), deadline: deadline)
            #expect(producer.errorCode == .none)
            var builder = RecordBatchBuilder()
            // Long before the present of these tests.
            let isIn = ByteBuffer(string: "lost").withUnsafeReadableBytes { value in
                builder.append(key: nil, value: value, timestampMs: 1_699_000_000_000)
            }
            #expect(isIn)
            let batch = try builder.finish(
                producerId: producer.producerId,
                producerEpoch: producer.producerEpoch,
                baseSequence: 0,
                isTransactional: true
            )
            let request = ProduceRequest(
                transactionalId: "lost",
                acks: -1,
                timeoutMs: 5_000,
                topicData: [.init(name: "orders", partitionData: [.init(index: 0, records: .bytes(batch))])]
            )
            let written = try await cluster.send(request, to: .node(coordinator.id), atMost: 9, deadline: deadline)
            #expect(written.responses[0].partitionResponses[0].errorCode == .none)

            let found = try await bench.run("transactions", "find-hanging", "--topic", "orders")
            let cells = line(found, "orders")
            #expect(cells.count == 8 && cells[1] == "0" && cells[2] == "\(producer.producerId)", "\(found)")
            let read = ["console-consumer", "--topic", "orders", "--partition", "0", "--from-beginning"]
            _ = try await bench.run("console-producer", "--topic", "orders", input: "behind\n")
            let stuck = try await bench.run(
                read + ["--isolation-level", "read_committed", "--timeout-ms", "300"]
            )
            #expect(stuck.output.isEmpty)
            let aborted = try await bench.run(
                "transactions",
                "abort",
                "--topic",
                "orders",
                "--partition",
                "0",
                "--start-offset",
                "0"
            )
            #expect(aborted.status == 0, "\(aborted)")
            let gone = try await bench.run("transactions", "find-hanging", "--topic", "orders")
            #expect(gone.output.split(separator: "\n").count == 1, "\(gone)")
            let free = try await bench.run(
                read + ["--isolation-level", "read_committed", "--max-messages", "1"]
            )
            #expect(free.output == "behind\n")
        }
    }
}
