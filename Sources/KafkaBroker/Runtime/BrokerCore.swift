import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import Logging
import Synchronization

/// Whether the broker is about to stop: then nobody may wait for more records.
final class Stopping: Sendable {
    private let flag = Atomic(false)

    var hasBegun: Bool { flag.load(ordering: .acquiring) }

    func begin() { flag.store(true, ordering: .releasing) }
}

/// What request handlers work with: this broker's identity, its metadata, its partitions, its clock.
struct BrokerCore: Sendable {
    let nodeID: Int32
    let clusterID: String
    /// The cluster as this broker sees it.
    let metadata: ClusterMetadata
    /// The way to whoever decides about the cluster.
    let controller: any ControllerChannel
    /// Which registration of this broker holds now.
    let brokerEpoch: BrokerEpoch
    let partitions: PartitionManager
    let fetchSessions: FetchSessions
    let producerIDs: ProducerIDAllocator
    let groups: CoordinatorRuntime<GroupCoordinator>
    let transactions: CoordinatorRuntime<TransactionCoordinator>
    let markers: MarkerWriter
    let peers: any BrokerPeers
    let replication: ReplicationDriver
    /// The broker's time, which `--clock` sets: stamps, ages, expiry.
    let clock: any BrokerClock
    /// Real time: how long somebody waits at a connection, how often people are told.
    let realClock: any BrokerClock
    let stopping = Stopping()
    let diskFailures = DiskFailures()
    let logger: Logger

    /// Authorized operations of the cluster, a topic and a group: everything, as long as nobody is refused.
    static let clusterOperations: Int32 = 8096
    static let topicOperations: Int32 = 3576
    static let groupOperations: Int32 = 3400

    var image: MetadataImage { metadata.view.image }

    /// This broker's configs.
    var resolver: ConfigResolver { metadata.view.resolver }

    func brokerValue(_ name: String) -> String? { resolver.brokerValue(name) }

    func brokerInteger(_ name: String, _ fallback: Int) -> Int {
        brokerValue(name).flatMap { Int($0.trimmingBlanks()) } ?? fallback
    }

    func brokerNumber(_ name: String, _ fallback: Double) -> Double {
        brokerValue(name).flatMap { Double($0.trimmingBlanks()) } ?? fallback
    }

    func brokerFlag(_ name: String) -> Bool { brokerValue(name)?.trimmingBlanks().lowercased() == "true" }

    func partition(_ topic: String, _ number: Int32) throws(PartitionError) -> Partition {
        try partitions.partition(topic, number) { image }
    }

    /// Notes a disk failure in the broker's log; the client gets the code.
    func note(_ error: PartitionError, _ partition: TopicPartition) {
        guard let storage = error.storage, diskFailures.isNews(partition, nowMs: realClock.nowMs) else { return }
        logger.error("Disk failure", metadata: ["partition": "\(partition)", "error": "\(storage)"])
    }
}
