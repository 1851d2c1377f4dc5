import KafkaBroker
import KafkaClient
import Logging
import NIOCore

/// Our own broker in this process, and a client of it over loopback.
enum BrokerFixture {
    /// Runs a broker that ends with the closure and leaves nothing behind.
    static func withCluster<Result: Sendable>(
        brokerProperties: [String: String] = [:],
        configure: @Sendable (inout ClientConfiguration) -> Void = { _ in },
        _ body: @Sendable @escaping (KafkaCluster) async throws -> Result
    ) async throws -> Result {
        let defaults = ["listeners": "PLAINTEXT://127.0.0.1:0", "auto.create.topics.enable": "false"]
        let properties = defaults.merging(brokerProperties) { _, given in given }
        let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let broker = Broker(
            configuration: try BrokerConfiguration(properties: properties, isEphemeral: true),
            logger: silent
        )
        var client = ClientConfiguration(bootstrapServers: [ServerAddress(host: "127.0.0.1", port: 1)])
        configure(&client)
        let configured = client
        return try await broker.serve { address in
            var configuration = configured
            configuration.bootstrapServers = [ServerAddress(host: "127.0.0.1", port: address.port)]
            return try await KafkaCluster.withCluster(configuration, body)
        }
    }

    /// Creates a topic.
    static func create(_ topic: NewTopic, in cluster: KafkaCluster) async throws {
        _ = try await KafkaAdmin(cluster: cluster).createTopics([topic])[topic.name]?.get()
    }

    /// Writes values `first ..< first + count` as text to one partition, with timestamps 1000, 2000, … of the values.
    static func write(
        _ count: Int,
        startingWith first: Int = 0,
        to partition: TopicPartition,
        in cluster: KafkaCluster
    ) async throws {
        try await KafkaProducer.withProducer(cluster) { producer in
            for number in first..<(first + count) {
                var record = ProducerRecord(
                    topic: partition.topic,
                    partition: partition.partition,
                    value: ByteBuffer(string: "\(number)")
                )
                record.timestampMs = Int64(number) * 1000
                _ = try await producer.send(record)
            }
        }
    }

    /// The values of the next records, `count` of them.
    static func read(_ count: Int, from consumer: KafkaConsumer) async throws -> [String] {
        var values: [String] = []
        while values.count < count, let batch = try await consumer.nextBatch(timeout: .seconds(20)) {
            var records = try batch.records()
            while let record = try records.next() {
                values.append(record.value.map { String(buffer: $0) } ?? "null")
            }
        }
        return values
    }
}
