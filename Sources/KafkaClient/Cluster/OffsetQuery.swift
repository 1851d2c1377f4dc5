import KafkaMessages
import KafkaTransport

/// Asking leaders for offsets; shared by consumer and admin client.
struct OffsetQuery: Hashable, Sendable {
    /// Special values of a ListOffsets timestamp.
    enum Timestamp {
        static let latest: Int64 = -1
        static let earliest: Int64 = -2
        static let maxTimestamp: Int64 = -3
        static let earliestLocal: Int64 = -4
        static let latestTiered: Int64 = -5
    }

    var partition: TopicPartition
    /// A time in milliseconds since 1970, or one of ``Timestamp``.
    var timestamp: Int64
    /// The epoch that the leader is expected to have, -1 for no check.
    var leaderEpoch: Int32 = -1
}

/// A leader's answer to an ``OffsetQuery``.
struct OffsetAnswer: Hashable, Sendable {
    var error: ErrorCode
    /// -1 when there is none.
    var offset: Int64
    /// -1 when there is none or it was not asked for.
    var timestamp: Int64
    /// -1 when unknown.
    var leaderEpoch: Int32
}

extension KafkaCluster {
    /// Asks one broker for offsets. Each partition must be named once.
    ///
    /// - Returns: an answer for each partition that the broker mentioned.
    func offsets(
        of queries: [OffsetQuery],
        from node: Int32,
        isolationLevel: IsolationLevel,
        deadline: Deadline
    ) async throws(KafkaClientError) -> [TopicPartition: OffsetAnswer] {
        var request = ListOffsetsRequest()
        request.replicaId = -1
        request.isolationLevel = isolationLevel.rawValue
        request.timeoutMs = configuration.request.timeout.milliseconds32
        request.topics = grouped(queries, by: \.partition.topic).map { name, queries in
            var topic = ListOffsetsRequest.ListOffsetsTopic()
            topic.name = name
            topic.partitions = queries.map { query in
                var partition = ListOffsetsRequest.ListOffsetsPartition()
                partition.partitionIndex = query.partition.partition
                partition.currentLeaderEpoch = query.leaderEpoch
                partition.timestamp = query.timestamp
                return partition
            }
            return topic
        }
        let connection = try await connection(to: .node(node), deadline: deadline)
        let version = try mapping { () throws(ConnectionError) in try connection.version(of: ListOffsetsRequest.self) }
        try checkOffsetVersion(version, queries: queries, connection: connection)
        let response = try await exchange(request, over: connection, version: version, deadline: deadline)
        var answers: [TopicPartition: OffsetAnswer] = [:]
        for topic in response.topics {
            for partition in topic.partitions {
                answers[TopicPartition(topic: topic.name, partition: partition.partitionIndex)] = OffsetAnswer(
                    error: partition.errorCode,
                    offset: partition.offset,
                    timestamp: partition.timestamp,
                    leaderEpoch: partition.leaderEpoch
                )
            }
        }
        return answers
    }

    /// Special timestamps came with later versions; an older broker would take them for times.
    private func checkOffsetVersion(
        _ version: Int16,
        queries: [OffsetQuery],
        connection: ClientConnection
    ) throws(KafkaClientError) {
        let needed: Int16 =
            switch queries.lazy.map(\.timestamp).min() ?? 0 {
            case Timestamps.latestTiered: 9
            case Timestamps.earliestLocal: 8
            case Timestamps.maxTimestamp: 7
            default: 1
            }
        guard version >= needed else {
            throw KafkaClientError(
                .unsupportedByBroker,
                "\(connection.peer) is too old for this kind of offset: it offers ListOffsets up to version \(version), "
                    + "and \(needed) is needed."
            )
        }
    }

    private typealias Timestamps = OffsetQuery.Timestamp
}

/// The elements by key, keys in the order of their first element.
func grouped<Element, Key: Hashable>(
    _ elements: some Sequence<Element>,
    by key: (Element) -> Key
) -> [(key: Key, elements: [Element])] {
    var indexes: [Key: Int] = [:]
    var groups: [(key: Key, elements: [Element])] = []
    for element in elements {
        let name = key(element)
        if let index = indexes[name] {
            groups[index].elements.append(element)
        } else {
            indexes[name] = groups.count
            groups.append((name, [element]))
        }
    }
    return groups
}
