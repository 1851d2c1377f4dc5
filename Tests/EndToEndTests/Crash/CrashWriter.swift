import KafkaClient
import KafkaTestSupport
import Synchronization

/// One idempotent producer with acks=all that writes as fast as it may, until told to stop.
final class CrashWriter: Sendable {
    private let identity: Int32
    private let producer: KafkaProducer
    private let isStopped = Atomic(false)

    init(_ identity: Int32, cluster: KafkaCluster, ledger: CrashLedger) throws {
        self.identity = identity
        var configuration = ProducerConfiguration()
        configuration.isIdempotent = true
        // Small batches, so that several of a partition are under way at any moment, and little that waits.
        configuration.batchSize = 2048
        configuration.linger = .milliseconds(1)
        configuration.bufferMemory = 128 << 10
        // No record may fail, however often the broker is killed before it is acknowledged.
        configuration.deliveryTimeout = .seconds(3600)
        configuration.maxBlock = .seconds(3600)
        producer = try KafkaProducer(cluster: cluster, configuration: configuration) { report in
            ledger.add(report, from: identity)
        }
    }

    /// Writes until ``stop()``. How many records each partition was given.
    func run(topic: String, partitions: Int32, seed: UInt64) async throws -> [CrashStream: Int64] {
        var generator = SeededGenerator(seed: seed)
        var written: [CrashStream: Int64] = [:]
        while !isStopped.load(ordering: .relaxed) {
            let stream = CrashStream(producer: identity, partition: .random(in: 0..<partitions, using: &generator))
            let record = CrashRecord(
                stream: stream,
                number: written[stream, default: 0],
                fillerSize: .random(in: CrashRecord.fillerSizes, using: &generator)
            )
            _ = try await producer.enqueue(
                ProducerRecord(topic: topic, partition: stream.partition, value: record.value)
            )
            written[stream, default: 0] += 1
        }
        return written
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    func close(within limit: Duration) async { await producer.close(within: limit) }
}
