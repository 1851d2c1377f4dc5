import KafkaBroker
import KafkaClient
import KafkaCompression
import KafkaWire
import Logging
import NIOCore
import Synchronization
import Testing

/// Counts what a producer reports.
private final class Reports: Sendable {
    private let counts = Mutex((delivered: 0, failed: 0))

    var delivered: Int { counts.withLock { $0.delivered } }
    var failed: Int { counts.withLock { $0.failed } }

    func add(_ report: DeliveryReport) {
        counts.withLock { counts in
            switch report.baseOffset {
            case .success: counts.delivered += report.recordCount
            case .failure: counts.failed += report.recordCount
            }
        }
    }
}

/// A producer against our own broker, over loopback.
@Suite struct KafkaProducerTests {
    /// Runs a broker with a topic `t`, and a cluster client for it.
    private func withBroker(
        partitions: Int32 = 1,
        topicConfigs: [String: String] = [:],
        _ body: @Sendable @escaping (KafkaCluster) async throws -> Void
    ) async throws {
        let properties = ["listeners": "PLAINTEXT://127.0.0.1:0", "auto.create.topics.enable": "false"]
        let configuration = try BrokerConfiguration(properties: properties, isEphemeral: true)
        let broker = Broker(
            configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await broker.serve { address in
            let server = ServerAddress(host: address.host, port: address.port)
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: [server])) { cluster in
                let topic = NewTopic("t", partitions: partitions, configs: topicConfigs)
                let created = try await KafkaAdmin(cluster: cluster).createTopics([topic])
                _ = try created["t"]?.get()
                try await body(cluster)
            }
        }
    }

    /// The values of all records of `t`, by partition.
    private func read(_ cluster: KafkaCluster, count: Int) async throws -> [Int32: [[UInt8]]] {
        let consumer = KafkaConsumer(cluster: cluster)
        var values: [Int32: [[UInt8]]] = [:]
        var seen = 0
        try await consumer.assign(topics: ["t"], from: .beginning)
        while seen < count, let batch = try await consumer.nextBatch(timeout: .seconds(20)) {
            var records = try batch.records()
            while let record = try records.next() {
                values[record.partition.partition, default: []].append(
                    record.value.map { Array($0.readableBytesView) } ?? []
                )
                seen += 1
            }
        }
        await consumer.close()
        return values
    }

    @Test func sendTellsWhereARecordIs() async throws {
        try await withBroker(partitions: 3) { cluster in
            try await KafkaProducer.withProducer(cluster) { producer in
                for offset in 0..<3 {
                    var record = ProducerRecord(topic: "t", partition: 2, value: ByteBuffer(string: "v"))
                    record.timestampMs = 1_700_000_000_000 + Int64(offset)
                    record.headers = [RecordHeader(key: "h", value: nil)]
                    let written = try await producer.send(record)
                    #expect(written.partition == 2)
                    #expect(written.offset == Int64(offset))
                    #expect(written.timestampMs == 1_700_000_000_000 + Int64(offset))
                }
            }
        }
    }

    @Test func concurrentSendsAreBatched() async throws {
        try await withBroker { cluster in
            try await KafkaProducer.withProducer(cluster) { producer in
                let offsets = try await withThrowingTaskGroup(of: Int64.self) { group in
                    for number in 0..<500 {
                        group.addTask { try await producer.send(ProducerRecord(topic: "t", value: "\(number)")).offset }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(offsets.sorted() == (0..<500).map(Int64.init))
            }
        }
    }

    @Test(arguments: CompressionCodec.allCases, [1, 4] as [Int32])
    func blocksOfLinesArriveWholeAndInOrder(codec: CompressionCodec, partitions: Int32) async throws {
        let count = 30_000
        try await withBroker(partitions: partitions) { cluster in
            let reports = Reports()
            var configuration = ProducerConfiguration()
            configuration.compression = codec
            // Less than what is appended, so that the appending thread has to wait for the broker.
            configuration.bufferMemory = 256 << 10
            try await KafkaProducer.withProducer(cluster, configuration: configuration, report: reports.add) {
                producer in
                try await Self.onThread { try Self.append(0..<count, to: producer) }
            }
            #expect(reports.delivered == count)
            #expect(reports.failed == 0)
            let values = try await read(cluster, count: count)
            let numbers = values.mapValues { lines in
                lines.map { Int(String(decoding: $0, as: UTF8.self).split(separator: " ")[1]) ?? -1 }
            }
            #expect(numbers.values.flatMap { $0 }.sorted() == Array(0..<count))
            for (partition, sequence) in numbers {
                #expect(zip(sequence, sequence.dropFirst()).allSatisfy { $0 < $1 }, "partition \(partition)")
            }
            if partitions > 1 { #expect(numbers.count > 1) }
        }
    }

    @Test func threadsThatShareLittleMemoryAllComeThrough() async throws {
        try await withBroker { cluster in
            let reports = Reports()
            var configuration = ProducerConfiguration()
            configuration.batchSize = 2000
            configuration.bufferMemory = 20_000
            try await KafkaProducer.withProducer(cluster, configuration: configuration, report: reports.add) {
                producer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for thread in 0..<3 {
                        group.addTask {
                            try await Self.onThread {
                                try Self.append(thread * 5000..<(thread + 1) * 5000, to: producer)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(reports.delivered == 15_000)
            #expect(reports.failed == 0)
        }
    }

    @Test(arguments: [Acknowledgements.none, .leader]) func weakerAcknowledgementsWork(acks: Acknowledgements)
        async throws
    {
        try await withBroker { cluster in
            var configuration = ProducerConfiguration()
            configuration.acks = acks
            try await KafkaProducer.withProducer(cluster, configuration: configuration) { producer in
                let written = try await producer.send(ProducerRecord(topic: "t", value: "v"))
                #expect(written.offset == (acks == .none ? -1 : 0))
            }
            #expect(try await read(cluster, count: 1) == [0: [Array("v".utf8)]])
        }
    }

    @Test func equalKeysGoToOnePartition() async throws {
        try await withBroker(partitions: 8) { cluster in
            try await KafkaProducer.withProducer(cluster) { producer in
                let first = try await producer.send(ProducerRecord(topic: "t", key: "k", value: "1"))
                let second = try await producer.send(ProducerRecord(topic: "t", key: "k", value: "2"))
                #expect(first.partition == second.partition)
            }
        }
    }

    @Test func aRecordAboveTheTopicsLimitFailsAlone() async throws {
        try await withBroker(topicConfigs: ["max.message.bytes": "10000"]) { cluster in
            var configuration = ProducerConfiguration()
            configuration.linger = .milliseconds(200)
            try await KafkaProducer.withProducer(cluster, configuration: configuration) { producer in
                var pending: [PendingDelivery] = []
                for number in 0..<10 {
                    let size = number == 4 ? 12_000 : 3000
                    let value = ByteBuffer(repeating: UInt8(0x61 + number), count: size)
                    pending.append(try await producer.enqueue(ProducerRecord(topic: "t", value: value)))
                }
                var offsets: [Int64?] = []
                for delivery in pending {
                    do throws(KafkaClientError) {
                        offsets.append(try await delivery.value.offset)
                    } catch {
                        #expect(error.code == .recordTooLarge)
                        offsets.append(nil)
                    }
                }
                #expect(offsets == [0, 1, 2, 3, nil, 4, 5, 6, 7, 8])
            }
        }
    }

    @Test func anUnknownTopicIsAnErrorAfterMaxBlock() async throws {
        try await withBroker { cluster in
            var configuration = ProducerConfiguration()
            configuration.maxBlock = .seconds(6)
            try await KafkaProducer.withProducer(cluster, configuration: configuration) { producer in
                let error = await #expect(throws: KafkaClientError.self) {
                    try await producer.send(ProducerRecord(topic: "missing", value: "v"))
                }
                #expect(error?.code == .unknownTopic)
                let partition = await #expect(throws: KafkaClientError.self) {
                    try await producer.send(ProducerRecord(topic: "t", partition: 7, value: ByteBuffer(string: "v")))
                }
                #expect(partition?.code == .unknownPartition)
                let written = try await producer.send(ProducerRecord(topic: "t", value: "v"))
                #expect(written.offset == 0)
            }
        }
    }

    @Test func anOversizedRecordIsRefusedAtOnce() async throws {
        try await withBroker { cluster in
            try await KafkaProducer.withProducer(cluster) { producer in
                let value = ByteBuffer(repeating: 0x61, count: 2 << 20)
                let error = await #expect(throws: KafkaClientError.self) {
                    try await producer.send(ProducerRecord(topic: "t", value: value))
                }
                #expect(error?.code == .recordTooLarge)
            }
        }
    }

    @Test func aClosedProducerTakesNothing() async throws {
        try await withBroker { cluster in
            let producer = try KafkaProducer(cluster: cluster)
            let pending = try await producer.enqueue(ProducerRecord(topic: "t", value: "v"))
            await producer.close()
            #expect(try await pending.value.offset == 0)
            let error = await #expect(throws: KafkaClientError.self) {
                try await producer.send(ProducerRecord(topic: "t", value: "v"))
            }
            #expect(error?.code == .closed)
            await producer.close()
        }
    }

    @Test func flushWaitsForDelivery() async throws {
        try await withBroker { cluster in
            let reports = Reports()
            var configuration = ProducerConfiguration()
            configuration.linger = .seconds(60)
            try await KafkaProducer.withProducer(cluster, configuration: configuration, report: reports.add) {
                producer in
                for number in 0..<10 { _ = try await producer.enqueue(ProducerRecord(topic: "t", value: "\(number)")) }
                #expect(reports.delivered == 0)
                await producer.flush()
                #expect(reports.delivered == 10)
                await producer.flush()
            }
        }
    }

    @Test func contradictorySettingsAreRefused() async throws {
        let cluster = KafkaCluster(
            configuration: ClientConfiguration(bootstrapServers: [ServerAddress(host: "localhost", port: 1)])
        )
        var configuration = ProducerConfiguration()
        configuration.isIdempotent = true
        configuration.acks = .leader
        #expect(throws: KafkaClientError.self) { try KafkaProducer(cluster: cluster, configuration: configuration) }
        configuration = ProducerConfiguration()
        configuration.deliveryTimeout = .seconds(1)
        #expect(throws: KafkaClientError.self) { try KafkaProducer(cluster: cluster, configuration: configuration) }
        await cluster.close()
    }

    @Test func propertiesAreUnderstood() throws {
        var properties = PropertySet([
            "acks": "1", "linger.ms": "50", "batch.size": "32768", "compression.type": "zstd",
            "compression.zstd.level": "7",
            "max.in.flight.requests.per.connection": "9", "partitioner": "murmur2_random", "buffer.memory": "65536",
        ])
        let configuration = try ProducerConfiguration(properties: &properties)
        #expect(properties.unknownNames == [])
        #expect(configuration.acks == .leader)
        #expect(configuration.linger == .milliseconds(50))
        #expect(configuration.batchSize == 32768)
        #expect(configuration.compression == .zstd)
        #expect(configuration.compressionLevel == 7)
        #expect(configuration.maxInFlight == 9)
        #expect(configuration.partitioning.kind == .murmur2Random)
        #expect(configuration.bufferMemory == 65536)
        for wrong in [["acks": "2"], ["batch.size": "-1"], ["compression.type": "brotli"], ["partitioner": "x"]] {
            var wrong = PropertySet(wrong)
            #expect(throws: KafkaClientError.self) { try ProducerConfiguration(properties: &wrong) }
        }
    }

    /// Appends numbered lines to `t` in blocks of a thousand.
    private static func append(_ numbers: Range<Int>, to producer: KafkaProducer) throws {
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 1000) {
            var block: [UInt8] = []
            var spans: [RecordSpan] = []
            for number in start..<start + 1000 {
                let line = Array("line \(number) of a file that is not very interesting".utf8)
                spans.append(RecordSpan(valueOffset: Int32(block.count), valueLength: Int32(line.count)))
                block += line + [0x0A]
            }
            var rest = spans[...]
            try block.withUnsafeBytes { try producer.append(&rest, in: $0, to: "t") }
            #expect(rest.isEmpty)
        }
    }

    /// Runs blocking work on a thread of its own.
    private static func onThread(_ work: @Sendable @escaping () throws -> Void) async throws {
        try await withCheckedThrowingContinuation { continuation in
            WorkThread.start { continuation.resume(with: Result { try work() }) }
        }
    }
}
