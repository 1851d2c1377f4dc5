import KafkaClient
import KafkaTestSupport
import NIOCore
import Testing

/// Transactions of our producer whose coordinator others wrote. The mock writes no markers and hides nothing: what it
/// checks are the requests, their order, ids and epochs.
@Suite("Our transactional producer against librdkafka's mock cluster", .timeLimit(.minutes(2)))
struct MockTransactionTests {
    static func withProducer(
        _ body: @Sendable @escaping (KafkaCluster, KafkaProducer) async throws -> Void
    ) async throws {
        try await MockGroupTests.withCluster { client in
            try await KafkaCluster.withCluster(client) { cluster in
                var configuration = ProducerConfiguration()
                configuration.transactionalID = "mover"
                try await KafkaProducer.withProducer(cluster, configuration: configuration) { producer in
                    try await body(cluster, producer)
                }
            }
        }
    }

    @Test func commitsAndAborts() async throws {
        try await Self.withProducer { cluster, producer in
            try await producer.initTransactions()
            for round in 0..<6 {
                try producer.beginTransaction()
                for value in 0..<20 {
                    _ = try await producer.enqueue(
                        ProducerRecord(topic: "shared", value: ByteBuffer(string: "\(round * 20 + value)"))
                    )
                }
                if round % 3 == 2 {
                    try await producer.abortTransaction()
                } else {
                    try await producer.commitTransaction()
                }
            }
            let consumer = KafkaConsumer(cluster: cluster, configuration: MockGroupTests.configuration("reader"))
            try consumer.subscribe(topics: ["shared"])
            let values = try await MockGroupTests.read(80, consumer, patience: .seconds(10))
            let committed = [0, 1, 3, 4].flatMap { round in (0..<20).map { round * 20 + $0 } }
            #expect(Set(committed).isSubset(of: values))
            await consumer.close()
        }
    }

    @Test func movesOffsetsWithItsRecords() async throws {
        try await Self.withProducer { cluster, producer in
            try await MockGroupTests.produce(0..<50, cluster)
            let consumer = KafkaConsumer(
                cluster: cluster,
                configuration: MockGroupTests.configuration("mover", commits: false)
            )
            try consumer.subscribe(topics: ["shared"])
            try await producer.initTransactions()
            var moved = 0
            while moved < 50, let batch = try await consumer.nextBatch(timeout: .seconds(20)) {
                try producer.beginTransaction()
                var records = try batch.records()
                while let record = try records.next() {
                    _ = try await producer.enqueue(ProducerRecord(topic: "moved", value: record.value))
                    moved += 1
                }
                let group = try #require(consumer.groupMetadata)
                try await producer.sendOffsets(consumer.handedOutOffsets, group: group)
                try await producer.commitTransaction()
            }
            #expect(moved == 50)
            await consumer.close()
        }
    }

    @Test func callsOutOfTurnAreRefused() async throws {
        try await Self.withProducer { _, producer in
            #expect(throws: KafkaClientError.self) { try producer.beginTransaction() }
            try await producer.initTransactions()
            await #expect(throws: KafkaClientError.self) { try await producer.commitTransaction() }
            await #expect(throws: KafkaClientError.self) {
                _ = try await producer.enqueue(ProducerRecord(topic: "shared", value: ByteBuffer(string: "x")))
            }
        }
    }
}
