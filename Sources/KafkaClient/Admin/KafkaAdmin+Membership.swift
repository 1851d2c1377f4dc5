import KafkaMessages
import KafkaTransport
public import KafkaWire

/// A node of a cluster as DescribeCluster tells it.
public struct ClusterEndpoint: Hashable, Sendable {
    /// Its number, address and rack.
    public var node: Node
    /// A broker that takes no part at the moment; `false` as well when the cluster is too old to say (before KIP-1073).
    public var isFenced: Bool

    package init(node: Node, isFenced: Bool) {
        self.node = node
        self.isFenced = isFenced
    }
}

/// How far a node has read the metadata log (KIP-595, KIP-836).
public struct QuorumReplica: Hashable, Sendable {
    public var id: Int32
    /// Zero when it is not known.
    public var directoryID: KafkaUUID
    /// Everything below is in its log.
    public var logEndOffset: Int64
    /// In milliseconds since 1970; -1 when it is not known.
    public var lastFetchMs: Int64
    /// In milliseconds since 1970; -1 when it is not known.
    public var lastCaughtUpMs: Int64

    package init(id: Int32, directoryID: KafkaUUID, logEndOffset: Int64, lastFetchMs: Int64, lastCaughtUpMs: Int64) {
        self.id = id
        self.directoryID = directoryID
        self.logEndOffset = logEndOffset
        self.lastFetchMs = lastFetchMs
        self.lastCaughtUpMs = lastCaughtUpMs
    }
}

/// Where a controller listens for the others of its quorum.
public struct VoterEndpoint: Hashable, Sendable {
    /// The listener's name.
    public var name: String
    public var host: String
    public var port: UInt16

    public init(name: String, host: String, port: UInt16) {
        self.name = name
        self.host = host
        self.port = port
    }
}

/// The quorum that keeps the metadata log.
public struct QuorumDescription: Hashable, Sendable {
    public var leaderID: Int32
    public var leaderEpoch: Int32
    public var highWatermark: Int64
    public var voters: [QuorumReplica]
    public var observers: [QuorumReplica]
    /// Addresses by node, as `NAME://host:port`; empty when the cluster is too old to say.
    public var endpoints: [Int32: [String]]

    package init(
        leaderID: Int32,
        leaderEpoch: Int32,
        highWatermark: Int64,
        voters: [QuorumReplica],
        observers: [QuorumReplica],
        endpoints: [Int32: [String]]
    ) {
        self.leaderID = leaderID
        self.leaderEpoch = leaderEpoch
        self.highWatermark = highWatermark
        self.voters = voters
        self.observers = observers
        self.endpoints = endpoints
    }
}

extension KafkaAdmin {
    /// The nodes of one kind, by id.
    ///
    /// - Parameters:
    ///   - controllers: whether controllers are asked for, which only they can tell: the cluster was opened with their
    ///     addresses (KIP-919).
    ///   - includesFenced: whether brokers that take no part at the moment are told as well (KIP-1073).
    /// - Returns: the cluster's id, and the nodes.
    public func describeEndpoints(
        controllers: Bool = false,
        includesFenced: Bool = false,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> (clusterID: String, endpoints: [ClusterEndpoint]) {
        let deadline = deadline(timeout)
        let request = DescribeClusterRequest(endpointType: controllers ? 2 : 1, includeFencedBrokers: includesFenced)
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.anyConnection(deadline: deadline)
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            guard response.errorCode == .none else {
                throw KafkaClientError(
                    "The cluster cannot be described",
                    response.errorCode,
                    detail: response.errorMessage
                )
            }
            let endpoints = response.brokers.map {
                ClusterEndpoint(
                    node: Node(id: $0.brokerId, host: $0.host, port: Int($0.port), rack: $0.rack),
                    isFenced: $0.isFenced
                )
            }
            return (response.clusterId, endpoints.sorted { $0.node.id < $1.node.id })
        }
    }

    /// Makes the cluster forget a broker that will not come back.
    public func unregisterBroker(_ id: Int32, timeout: Duration? = nil) async throws(KafkaClientError) {
        let deadline = deadline(timeout)
        try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .any, deadline: deadline)
            let request = UnregisterBrokerRequest(brokerId: id)
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            guard response.errorCode == .none else {
                throw KafkaClientError(
                    "Broker \(id) cannot be unregistered",
                    response.errorCode,
                    detail: response.errorMessage
                )
            }
        }
    }

    /// Makes a controller a voter of the metadata quorum (KIP-853).
    ///
    /// - Parameters:
    ///   - directoryID: of the directory that holds the controller's metadata log.
    ///   - endpoints: where it listens for the others.
    public func addVoter(
        _ id: Int32,
        directoryID: KafkaUUID,
        endpoints: [VoterEndpoint],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) {
        let deadline = deadline(timeout)
        let request = AddRaftVoterRequest(
            timeoutMs: deadline.remaining.milliseconds32,
            voterId: id,
            voterDirectoryId: directoryID,
            listeners: endpoints.map { .init(name: $0.name, host: $0.host, port: $0.port) }
        )
        try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .any, deadline: deadline)
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            guard response.errorCode != .none else { return }
            let what = "Controller \(id) cannot be added"
            throw KafkaClientError(what, response.errorCode, detail: response.errorMessage)
        }
    }

    /// Takes a controller out of the metadata quorum (KIP-853).
    public func removeVoter(
        _ id: Int32,
        directoryID: KafkaUUID,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) {
        let deadline = deadline(timeout)
        let request = RemoveRaftVoterRequest(voterId: id, voterDirectoryId: directoryID)
        try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .any, deadline: deadline)
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            guard response.errorCode != .none else { return }
            let what = "Controller \(id) cannot be removed"
            throw KafkaClientError(what, response.errorCode, detail: response.errorMessage)
        }
    }

    /// Who keeps the metadata log, and how far everybody is with it.
    public func describeQuorum(timeout: Duration? = nil) async throws(KafkaClientError) -> QuorumDescription {
        let deadline = deadline(timeout)
        let request = DescribeQuorumRequest(
            topics: [.init(topicName: "__cluster_metadata", partitions: [.init(partitionIndex: 0)])]
        )
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .any, deadline: deadline)
            let response = try await cluster.exchange(request, over: connection, deadline: deadline)
            let partition = response.topics.first?.partitions.first
            let code = response.errorCode == .none ? partition?.errorCode ?? .unknownServerError : response.errorCode
            guard code == .none, let partition else {
                let detail = response.errorMessage ?? partition?.errorMessage
                throw KafkaClientError("The metadata quorum cannot be described", code, detail: detail)
            }
            return QuorumDescription(partition, response.nodes)
        }
    }
}

extension QuorumDescription {
    fileprivate init(_ partition: DescribeQuorumResponse.PartitionData, _ nodes: [DescribeQuorumResponse.Node]) {
        let replica = { (state: DescribeQuorumResponse.ReplicaState) in
            QuorumReplica(
                id: state.replicaId,
                directoryID: state.replicaDirectoryId,
                logEndOffset: state.logEndOffset,
                lastFetchMs: state.lastFetchTimestamp,
                lastCaughtUpMs: state.lastCaughtUpTimestamp
            )
        }
        self.init(
            leaderID: partition.leaderId,
            leaderEpoch: partition.leaderEpoch,
            highWatermark: partition.highWatermark,
            voters: partition.currentVoters.map(replica),
            observers: partition.observers.map(replica),
            endpoints: Dictionary(
                nodes.map { ($0.nodeId, $0.listeners.map { "\($0.name)://\($0.host):\($0.port)" }) }
            ) { $1 }
        )
    }
}
