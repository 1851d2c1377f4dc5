import KafkaMessages
import KafkaTransport
import KafkaWire

extension KafkaAdmin {
    /// The replica id of tools that read any broker's copy, be it a leader's or a follower's, and are no replica
    /// themselves.
    private static let debuggingConsumer: Int32 = -2

    /// Reads one broker's copies of partitions, whether it leads them or not, as far as it knows them to be committed.
    ///
    /// - Parameters:
    ///   - targets: where to begin; the broker serves them in this order, and gives at least one batch of the first that
    ///     has any.
    ///   - maxWait: how long the broker may wait when there is nothing.
    /// - Returns: what it has, by partition; partitions that it leaves out are missing.
    /// - Throws: when the broker cannot be asked, or refuses the whole request.
    package func readReplicas(
        _ targets: [FetchTarget],
        of broker: Int32,
        maxWait: Duration
    ) async throws(KafkaClientError) -> [TopicPartition: ReplicaPage] {
        let deadline = Deadline.after(cluster.configuration.request.timeout)
        let connection = try await cluster.connection(to: .node(broker), lane: .fetch, deadline: deadline)
        let haveIDs = targets.allSatisfy { $0.topicID != .zero }
        let version = try cluster.mapping { () throws(ConnectionError) in
            try connection.version(
                of: FetchRequest.self,
                atMost: haveIDs ? .max : FetchExchange.firstVersionWithTopicIDs - 1
            )
        }
        let response = try await cluster.exchange(
            Self.replicaRequest(targets, version: version, maxWait: maxWait),
            over: connection,
            version: version,
            deadline: .after(cluster.configuration.request.timeout + maxWait)
        )
        guard response.errorCode == .none else {
            throw KafkaClientError("Broker \(broker) refuses a fetch", response.errorCode)
        }
        let names = Dictionary(
            targets.map { ($0.topicID, $0.partition.topic) },
            uniquingKeysWith: { first, _ in first }
        )
        var pages: [TopicPartition: ReplicaPage] = [:]
        for topic in response.responses {
            let byID = version >= FetchExchange.firstVersionWithTopicIDs
            guard let name = byID ? names[topic.topicId] : topic.topic else { continue }
            for data in topic.partitions {
                pages[TopicPartition(topic: name, partition: data.partitionIndex)] = ReplicaPage(data)
            }
        }
        return pages
    }

    private static func replicaRequest(
        _ targets: [FetchTarget],
        version: Int16,
        maxWait: Duration
    ) -> FetchRequest {
        let session = FetchSession.Request(
            sessionID: 0,
            epoch: -1,
            targets: targets,
            forgotten: [],
            usesTopicIDs: version >= FetchExchange.firstVersionWithTopicIDs
        )
        let plan = FetchPlanner.Plan(
            targets: targets,
            maxBytes: Int32(clamping: ConsumerConfiguration().fetchMaxBytes),
            minBytes: 1,
            maxWaitMs: maxWait.milliseconds32
        )
        var request = FetchExchange.request(
            session,
            plan: plan,
            version: version,
            isolationLevel: .readUncommitted,
            rack: ""
        )
        // KIP-903 moved the id of who fetches.
        if version >= 15 {
            request.replicaState.replicaId = debuggingConsumer
        } else {
            request.replicaId = debuggingConsumer
        }
        return request
    }
}
