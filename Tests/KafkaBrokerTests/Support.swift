import KafkaCompression
import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import KafkaBroker

/// A client of a broker that runs in this process.
struct TestClient: Sendable {
    let address: BrokerAddress
    let connection: ClientConnection

    func send<R: KafkaRequest>(_ request: R, version: Int16? = nil) async throws -> R.Response {
        try await connection.send(request, version: version, timeout: .seconds(20))
    }

    /// Creates a topic and returns its id.
    @discardableResult
    func create(_ name: String, partitions: Int32 = 1, configs: [String: String] = [:]) async throws -> KafkaUUID {
        let topic = CreateTopicsRequest.CreatableTopic(
            name: name,
            numPartitions: partitions,
            replicationFactor: 1,
            configs: configs.map { .init(name: $0.key, value: $0.value) }
        )
        let response = try await send(CreateTopicsRequest(topics: [topic]))
        try #require(response.topics.map(\.errorCode) == [.none])
        return response.topics[0].topicId
    }

    func produce(
        _ topic: String,
        partition: Int32 = 0,
        _ batch: ByteBuffer,
        acks: Int16 = -1,
        version: Int16? = nil
    ) async throws -> ProduceResponse.PartitionProduceResponse {
        let request = ProduceRequest(
            acks: acks,
            timeoutMs: 5000,
            topicData: [.init(name: topic, partitionData: [.init(index: partition, records: .bytes(batch))])]
        )
        return try await send(request, version: version).responses[0].partitionResponses[0]
    }

    /// One partition by name, without a session.
    func fetch(
        _ topic: String,
        _ partition: Int32 = 0,
        from offset: Int64,
        maxWaitMs: Int32 = 0,
        minBytes: Int32 = 1,
        maxBytes: Int32 = 1 << 20,
        isolation: Int8 = 0,
        version: Int16 = 12
    ) async throws -> FetchResponse.PartitionData {
        let request = FetchRequest(
            maxWaitMs: maxWaitMs,
            minBytes: minBytes,
            isolationLevel: isolation,
            topics: [
                .init(
                    topic: topic,
                    partitions: [.init(partition: partition, fetchOffset: offset, partitionMaxBytes: maxBytes)]
                )
            ]
        )
        return try await send(request, version: version).responses[0].partitions[0]
    }
}

/// Runs a broker on a free port of this machine, without keeping its data unless a directory is given.
func withBroker<Result: Sendable>(
    _ properties: [String: String] = [:],
    directory: String? = nil,
    environment: BrokerEnvironment = BrokerEnvironment(),
    _ body: @Sendable @escaping (TestClient) async throws -> Result
) async throws -> Result {
    var all = properties.merging(["listeners": "PLAINTEXT://127.0.0.1:0"]) { given, _ in given }
    if let directory { all["log.dirs"] = directory }
    let configuration = try BrokerConfiguration(properties: all, isEphemeral: directory == nil)
    let broker = Broker(configuration: configuration, logger: quietLogger, environment: environment)
    return try await broker.serve { address in
        let connection = try await connect(address)
        let result = try await body(TestClient(address: address, connection: connection))
        await connection.closeAndWait()
        return result
    }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func connect(_ address: BrokerAddress) async throws -> ClientConnection {
    try await ClientConnection.connect(
        to: PeerAddress(host: address.host, port: address.port),
        on: MultiThreadedEventLoopGroup.singleton,
        logger: quietLogger
    )
}

/// A batch of records with these values, and keys "k".
func batch(
    _ values: [String?],
    codec: CompressionCodec = .none,
    keys: Bool = true,
    timestampMs: Int64 = 1_700_000_000_000,
    producerID: Int64 = -1,
    epoch: Int16 = -1,
    sequence: Int32 = -1,
    isTransactional: Bool = false,
    isControl: Bool = false
) throws -> ByteBuffer {
    var builder = RecordBatchBuilder(codec: codec, maxBytes: 64 << 20)
    for (index, value) in values.enumerated() {
        let key = keys ? ByteBuffer(string: "k") : nil
        let isIn = withBytes(key) { key in
            withBytes(value.map { ByteBuffer(string: $0) }) { value in
                builder.append(key: key, value: value, timestampMs: timestampMs + Int64(index))
            }
        }
        try #require(isIn)
    }
    return try builder.finish(
        producerId: producerID,
        producerEpoch: epoch,
        baseSequence: sequence,
        isTransactional: isTransactional,
        isControl: isControl
    )
}

private func withBytes<Result>(_ buffer: ByteBuffer?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
    guard let buffer else { return body(nil) }
    return buffer.withUnsafeReadableBytes { body($0) }
}

/// The values in fetched records, by offset.
func values(_ data: FetchResponse.PartitionData) throws -> [(offset: Int64, value: String?)] {
    var found: [(Int64, String?)] = []
    var batches = RecordBatchSequence(try #require(try data.records?.bytes()))
    while let batch = try batches.next() {
        try batch.validateChecksum()
        var records = try batch.records()
        while let record = try records.next() {
            found.append((record.offset, record.value.map { String(buffer: $0) }))
        }
    }
    return found
}
