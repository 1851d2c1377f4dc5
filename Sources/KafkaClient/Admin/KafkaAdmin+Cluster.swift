public import KafkaMessages
import KafkaTransport

/// A cluster and its live brokers.
public struct ClusterDescription: Hashable, Sendable {
    /// The cluster's id; `nil` when the broker is too old to have one.
    public var clusterID: String?
    /// The broker that takes administrative requests; `nil` when there is none at the moment.
    public var controllerID: Int32?
    /// The live brokers, by id.
    public var brokers: [Node]
}

/// A directory in which a broker keeps partitions.
public struct LogDirectory: Hashable, Sendable {
    /// One partition's files in a directory.
    public struct Replica: Hashable, Sendable {
        /// The size of the log in bytes.
        public var size: Int64
        /// How many records it is behind the current log; 0 when it is the current one.
        public var offsetLag: Int64
        /// Whether it will replace the current log when it has caught up.
        public var isFuture: Bool
    }

    /// The directory's path on the broker.
    public var path: String
    /// Why the directory cannot be used, ``ErrorCode/none`` when it can.
    public var error: ErrorCode
    /// The size of the volume in bytes; `nil` when the broker does not say.
    public var totalBytes: Int64?
    /// The free space of the volume in bytes; `nil` when the broker does not say.
    public var usableBytes: Int64?
    /// The partitions in the directory.
    public var replicas: [TopicPartition: Replica]
}

extension KafkaAdmin {
    /// The cluster's id, controller and live brokers; controllers in their place, where the client knows only those.
    public func describeCluster(timeout: Duration? = nil) async throws(KafkaClientError) -> ClusterDescription {
        let deadline = deadline(timeout)
        return try await cluster.withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let connection = try await cluster.anyConnection(deadline: deadline)
            let isMetadata =
                cluster.configuration.bootstrapsFromControllers
                || connection.negotiatedVersion(for: .describeCluster) == nil
            guard !isMetadata else {
                let response = try await cluster.fetchMetadata(
                    topics: [],
                    allowsTopicCreation: false,
                    deadline: deadline
                )
                return ClusterDescription(
                    clusterID: response.clusterId,
                    controllerID: response.controllerId >= 0 ? response.controllerId : nil,
                    brokers: response.brokers.map { Node($0) }.sorted { $0.id < $1.id }
                )
            }
            let response = try await cluster.exchange(DescribeClusterRequest(), over: connection, deadline: deadline)
            guard response.errorCode == .none else {
                throw KafkaClientError(
                    "The cluster cannot be described",
                    response.errorCode,
                    detail: response.errorMessage
                )
            }
            return ClusterDescription(
                clusterID: response.clusterId,
                controllerID: response.controllerId >= 0 ? response.controllerId : nil,
                brokers: response.brokers
                    .map { Node(id: $0.brokerId, host: $0.host, port: Int($0.port), rack: $0.rack) }
                    .sorted { $0.id < $1.id }
            )
        }
    }

    /// Which APIs in which versions each live broker offers, and which features.
    ///
    /// - Returns: the broker's own words, or why it could not be asked, by broker.
    public func apiVersions(
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [Node: Result<ApiVersionsResponse, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askBrokers(nil, deadline: deadline) { (node) async throws(KafkaClientError) in
            try await cluster.connection(to: node.id, deadline: deadline).apiVersions
        }
    }

    /// The directories in which brokers keep partitions.
    ///
    /// - Parameter brokers: whom to ask; `nil` for all live brokers.
    /// - Returns: the directories, or why they cannot be told, by broker.
    public func describeLogDirs(
        brokers: [Int32]? = nil,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [Node: Result<[LogDirectory], KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askBrokers(brokers, deadline: deadline) { (node) async throws(KafkaClientError) in
            var request = DescribeLogDirsRequest()
            request.topics = nil
            let response = try await cluster.send(request, to: .node(node.id), deadline: deadline)
            guard response.errorCode == .none else {
                throw KafkaClientError("Directories of broker \(node.id) cannot be described", response.errorCode)
            }
            return response.results.map(LogDirectory.init)
        }
    }

    /// Asks brokers one by one, each of them at the same time.
    func askBrokers<Answer: Sendable>(
        _ ids: [Int32]?,
        deadline: Deadline,
        _ ask: @escaping @Sendable (Node) async throws(KafkaClientError) -> Answer
    ) async throws(KafkaClientError) -> [Node: Result<Answer, KafkaClientError>] {
        try await cluster.withRetries(deadline: deadline) { [cluster] (_) async throws(KafkaClientError) in
            try await cluster.refreshMetadata(deadline: deadline)
        }
        let live = cluster.withMetadata { $0.nodes }
        if let missing = ids?.first(where: { live[$0] == nil }) {
            throw KafkaClientError(
                .invalidArgument,
                "There is no live broker with id \(missing); there are \(live.keys.sorted())."
            )
        }
        let nodes = live.values.filter { ids?.contains($0.id) ?? true }
        return await withTaskGroup(of: (Node, Result<Answer, KafkaClientError>).self) { [cluster] tasks in
            for node in nodes {
                tasks.addTask {
                    do throws(KafkaClientError) {
                        let answer = try await cluster.withRetries(deadline: deadline) {
                            (_) async throws(KafkaClientError) in
                            try await ask(node)
                        }
                        return (node, .success(answer))
                    } catch {
                        return (node, .failure(error))
                    }
                }
            }
            return await tasks.reduce(into: [:]) { all, one in all[one.0] = one.1 }
        }
    }
}

extension LogDirectory {
    init(_ result: DescribeLogDirsResponse.DescribeLogDirsResult) {
        var replicas: [TopicPartition: Replica] = [:]
        for topic in result.topics {
            for partition in topic.partitions {
                replicas[TopicPartition(topic: topic.name, partition: partition.partitionIndex)] = Replica(
                    size: partition.partitionSize,
                    offsetLag: partition.offsetLag,
                    isFuture: partition.isFutureKey
                )
            }
        }
        self.init(
            path: result.logDir,
            error: result.errorCode,
            totalBytes: result.totalBytes >= 0 ? result.totalBytes : nil,
            usableBytes: result.usableBytes >= 0 ? result.usableBytes : nil,
            replicas: replicas
        )
    }
}
