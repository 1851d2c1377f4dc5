public import KafkaMessages
public import KafkaWire

/// A broker, as the cluster itself names it.
public struct Node: Hashable, Sendable, CustomStringConvertible {
    /// The broker's `node.id`.
    public var id: Int32
    /// The host from the broker's `advertised.listeners`.
    public var host: String
    /// The port from the broker's `advertised.listeners`.
    public var port: Int
    /// The broker's `broker.rack`.
    public var rack: String?

    /// A broker whose facts are known.
    public init(id: Int32, host: String, port: Int, rack: String? = nil) {
        self.id = id
        self.host = host
        self.port = port
        self.rack = rack
    }

    /// Where to connect to.
    public var address: ServerAddress { ServerAddress(host: host, port: port) }

    /// `host:port (id: 1 rack: r1)`, as Kafka writes it.
    public var description: String { "\(address) (id: \(id) rack: \(rack ?? "null"))" }
}

/// One partition, as a broker described it.
public struct PartitionMetadata: Hashable, Sendable {
    /// The partition's number.
    public var index: Int32
    /// The broker that leads it, -1 when there is none.
    public var leader: Int32
    /// How often leadership has changed; -1 when the broker is too old to say.
    public var leaderEpoch: Int32
    /// The brokers that hold it, the preferred leader first.
    public var replicas: [Int32]
    /// The brokers whose copy is complete.
    public var inSyncReplicas: [Int32]
    /// The brokers of ``replicas`` that cannot serve it now.
    public var offlineReplicas: [Int32]
    /// Why the description is incomplete, ``ErrorCode/none`` when it is not.
    public var error: ErrorCode

    /// A partition whose facts are known.
    public init(
        index: Int32,
        leader: Int32,
        leaderEpoch: Int32 = -1,
        replicas: [Int32] = [],
        inSyncReplicas: [Int32] = [],
        offlineReplicas: [Int32] = [],
        error: ErrorCode = .none
    ) {
        self.index = index
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.replicas = replicas
        self.inSyncReplicas = inSyncReplicas
        self.offlineReplicas = offlineReplicas
        self.error = error
    }
}

/// One topic, as a broker described it.
public struct TopicMetadata: Hashable, Sendable {
    /// The topic's name.
    public var name: String
    /// The topic's id; ``KafkaUUID/zero`` when the broker is too old to have ids.
    public var id: KafkaUUID
    /// Whether Kafka itself owns the topic.
    public var isInternal: Bool
    /// Ordered by index, each once.
    public var partitions: [PartitionMetadata]

    /// A topic whose facts are known; the partitions are put in order.
    public init(name: String, id: KafkaUUID = .zero, isInternal: Bool = false, partitions: [PartitionMetadata]) {
        self.name = name
        self.id = id
        self.isInternal = isInternal
        self.partitions = partitions.sorted { $0.index < $1.index }
    }

    /// The partition with this number.
    public func partition(_ index: Int32) -> PartitionMetadata? {
        // Partitions are numbered from 0 without gaps, so the first look nearly always hits.
        if index >= 0, Int(index) < partitions.count, partitions[Int(index)].index == index {
            return partitions[Int(index)]
        }
        return partitions.first { $0.index == index }
    }
}

extension Node {
    init(_ broker: MetadataResponse.MetadataResponseBroker) {
        self.init(id: broker.nodeId, host: broker.host, port: Int(broker.port), rack: broker.rack)
    }
}

extension PartitionMetadata {
    init(_ partition: MetadataResponse.MetadataResponsePartition) {
        self.init(
            index: partition.partitionIndex,
            leader: partition.leaderId,
            leaderEpoch: partition.leaderEpoch,
            replicas: partition.replicaNodes,
            inSyncReplicas: partition.isrNodes,
            offlineReplicas: partition.offlineReplicas,
            error: partition.errorCode
        )
    }
}
