import KafkaClient
import NIOCore
import Synchronization

/// What all who take part in a verification share.
struct VerifyWorkload: Sendable {
    let servers: String
    let topic: String
    let partitions: Int32
    /// Records a second of each producer.
    let rate: Int
    let ledger: VerifyLedger
    /// Set when nothing more is to be written.
    let isOver = VerifyFlag()
    /// Where readers may stop, once it is known.
    let ends = VerifyEnds()

    /// How often records are written, in milliseconds.
    static let tickMs = 20

    /// A cluster as a client of its own sees it.
    func withCluster<Result>(
        _ name: String,
        _ properties: [String: String],
        _ body: (KafkaCluster, inout PropertySet) async throws -> Result
    ) async throws -> Result {
        var values = [
            "client.id": name, "request.timeout.ms": "5000", "socket.connection.setup.timeout.ms": "2000",
            "max.block.ms": "15000", "reconnect.backoff.max.ms": "500", "retry.backoff.max.ms": "500",
        ]
        values.merge(properties) { $1 }
        var set = PropertySet(values)
        let configuration = try ClientConfiguration(
            properties: &set,
            bootstrapServers: try ServerAddress.parseList(servers)
        )
        return try await KafkaCluster.withCluster(configuration) { cluster in try await body(cluster, &set) }
    }

    func send(_ record: VerifyRecord, _ producer: KafkaProducer) async throws(KafkaClientError) -> PendingDelivery {
        try await producer.enqueue(ProducerRecord(topic: topic, key: record.key, value: record.value))
    }
}

/// Something that is so from a moment on.
final class VerifyFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) || Task.isCancelled }

    func set() { flag.store(true, ordering: .releasing) }
}

/// The offsets at which partitions end, once nothing more is written.
final class VerifyEnds: Sendable {
    private let state = Mutex<(ends: [Int32: Int64], deadline: ContinuousClock.Instant)?>(nil)

    /// By partition, and when to give up; nil while they are not known.
    var known: (ends: [Int32: Int64], deadline: ContinuousClock.Instant)? { state.withLock { $0 } }

    func set(_ ends: [Int32: Int64], patience: Duration) {
        state.withLock { $0 = (ends, ContinuousClock.now + patience) }
    }
}
