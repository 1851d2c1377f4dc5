import KafkaClient

/// From which brokers to which ones the data of partitions go, and what that means for the throttles.
struct ReassignmentMoves {
    private struct Move {
        var sources: Set<Int32>
        var destinations: Set<Int32>
    }

    /// What limits copying between brokers and between the directories of one.
    static let brokerConfigs = [
        "leader.replication.throttled.rate", "follower.replication.throttled.rate", directoryConfig,
    ]
    static let directoryConfig = "replica.alter.log.dirs.io.max.bytes.per.second"
    /// Which replicas the limits are for.
    static let topicConfigs = ["leader.replication.throttled.replicas", "follower.replication.throttled.replicas"]

    private var moves: [TopicPartition: Move] = [:]

    /// - Parameters:
    ///   - ongoing: all moves that are under way.
    ///   - proposed: new ones, which may replace those.
    ///   - current: who holds the partitions of `proposed` now.
    init(
        ongoing: [TopicPartition: PartitionReassignment],
        proposed: [TopicPartition: [Int32]],
        current: [TopicPartition: [Int32]]
    ) {
        for (partition, reassignment) in ongoing {
            let coming = Set(reassignment.addingReplicas)
            moves[partition] = Move(sources: Set(reassignment.replicas).subtracting(coming), destinations: coming)
        }
        for (partition, replicas) in proposed {
            // What has begun to come holds nothing yet that could be copied.
            let sources = moves[partition]?.sources ?? Set(current[partition] ?? [])
            moves[partition] = Move(sources: sources, destinations: Set(replicas).subtracting(sources))
        }
    }

    /// Everybody who sends or receives.
    var brokers: [Int32] {
        moves.values.reduce(into: Set<Int32>()) { $0.formUnion($1.sources.union($1.destinations)) }.sorted()
    }

    /// The configs of topics that name the replicas to be throttled.
    var topicChanges: [ConfigResource: [ConfigChange]] {
        var pairs: [String: (leader: [String], follower: [String])] = [:]
        for (partition, move) in moves.sorted(by: { $0.key < $1.key }) {
            let text = { (brokers: Set<Int32>) in brokers.sorted().map { "\(partition.partition):\($0)" } }
            pairs[partition.topic, default: ([], [])].leader += text(move.sources)
            pairs[partition.topic, default: ([], [])].follower += text(move.destinations)
        }
        return Dictionary(
            uniqueKeysWithValues: pairs.map { topic, pairs in
                (
                    ConfigResource.topic(topic),
                    zip(Self.topicConfigs, [pairs.leader, pairs.follower]).map {
                        ConfigChange(.set, $0, $1.joined(separator: ","))
                    }
                )
            }
        )
    }

    /// The configs of brokers that limit copying between them.
    func brokerChanges(bytesPerSecond: Int64) -> [ConfigResource: [ConfigChange]] {
        let changes = Self.brokerConfigs.prefix(2).map { ConfigChange(.set, $0, "\(bytesPerSecond)") }
        return Dictionary(uniqueKeysWithValues: brokers.map { (ConfigResource.broker($0), changes) })
    }
}
