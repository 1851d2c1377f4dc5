import KafkaCoordination
import KafkaMessages

/// How the topics that coordinators write to are made.
enum InternalTopics {
    static let offsets = "__consumer_offsets"
    static let transactions = "__transaction_state"

    /// What to ask the controller for; nil for a name that is not one of them. A topic gets no more replicas than there
    /// are brokers, so that one broker is enough.
    static func creation(
        of name: String,
        _ image: MetadataImage,
        _ resolver: ConfigResolver
    ) -> CreateTopicsRequest.CreatableTopic? {
        let value = { (name: String, fallback: Int) in
            resolver.brokerValue(name).flatMap { Int($0.trimmingBlanks()) } ?? fallback
        }
        let prefix: String
        switch name {
        case offsets: prefix = "offsets.topic"
        case transactions: prefix = "transaction.state.log"
        default: return nil
        }
        let brokers = image.brokers.values.filter(\.isActive).count
        let replicas = max(1, min(value("\(prefix).replication.factor", 3), brokers))
        var topic = CreateTopicsRequest.CreatableTopic(
            name: name,
            numPartitions: Int32(clamping: value("\(prefix).num.partitions", 50)),
            replicationFactor: Int16(clamping: replicas)
        )
        var configs = [
            ("cleanup.policy", "compact"), ("compression.type", "producer"),
            ("segment.bytes", String(value("\(prefix).segment.bytes", 100 << 20))),
        ]
        if name == transactions {
            configs.append(("min.insync.replicas", String(min(value("\(prefix).min.isr", 2), replicas))))
            configs.append(("unclean.leader.election.enable", "false"))
        }
        topic.configs = configs.map { .init(name: $0.0, value: $0.1) }
        return topic
    }

    /// Makes the topic if it is missing; does nothing when another request was faster.
    static func create(
        _ name: String,
        _ metadata: ClusterMetadata,
        _ channel: any ControllerChannel
    ) async throws(PartitionError) {
        let view = metadata.view
        guard view.image.topics[name] == nil, let topic = creation(of: name, view.image, view.resolver) else { return }
        let response = try await channel.send(CreateTopicsRequest(topics: [topic]))
        for refused in response.topics where refused.errorCode != .none && refused.errorCode != .topicAlreadyExists {
            throw PartitionError(refused.errorCode, refused.errorMessage)
        }
    }
}
