public import KafkaWire

/// A topic in a list.
public struct TopicListing: Hashable, Sendable {
    /// The topic's name.
    public var name: String
    /// The topic's id; zero when the broker is too old to have ids.
    public var id: KafkaUUID
    /// Whether Kafka itself owns the topic.
    public var isInternal: Bool
}

/// A topic with its partitions.
public struct TopicDescription: Hashable, Sendable {
    /// The topic's name.
    public var name: String
    /// The topic's id; zero when the broker is too old to have ids.
    public var id: KafkaUUID
    /// Whether Kafka itself owns the topic.
    public var isInternal: Bool
    /// Ordered by index.
    public var partitions: [PartitionDescription]
}

/// A partition of a described topic.
public struct PartitionDescription: Hashable, Sendable {
    /// Leader, replicas and who is in sync.
    public var metadata: PartitionMetadata
    /// Replicas that are not in sync and may still be elected without loss (KIP-966); `nil` when the broker cannot say.
    public var eligibleLeaderReplicas: [Int32]?
    /// The last replicas that were eligible before all were gone; `nil` when the broker cannot say.
    public var lastKnownEligibleReplicas: [Int32]?
}

/// A topic to create.
public struct NewTopic: Hashable, Sendable {
    /// The topic's name.
    public var name: String
    /// How many partitions; `nil` for the broker's default. Must be `nil` with an ``assignment``.
    public var partitions: Int32?
    /// How many copies of each; `nil` for the broker's default. Must be `nil` with an ``assignment``.
    public var replicationFactor: Int16?
    /// The brokers of each partition in turn, the preferred leader first; `nil` leaves the choice to the cluster.
    public var assignment: [[Int32]]?
    /// Configuration that differs from the default.
    public var configs: [String: String]

    /// A topic to create, with the broker's defaults where nothing is said.
    public init(
        _ name: String,
        partitions: Int32? = nil,
        replicationFactor: Int16? = nil,
        assignment: [[Int32]]? = nil,
        configs: [String: String] = [:]
    ) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.assignment = assignment
        self.configs = configs
    }
}

/// What was created.
public struct CreatedTopic: Hashable, Sendable {
    /// The topic's id; zero when the broker is too old to have ids.
    public var id: KafkaUUID
    /// How many partitions it got; `nil` when the broker does not say.
    public var partitions: Int32?
    /// How many copies of each; `nil` when the broker does not say.
    public var replicationFactor: Int16?
}

/// More partitions for a topic.
public struct NewPartitions: Hashable, Sendable {
    /// How many the topic shall have in all.
    public var totalCount: Int32
    /// The brokers of each added partition in turn; `nil` leaves the choice to the cluster.
    public var assignment: [[Int32]]?

    /// A new total, larger than the present one.
    public init(totalCount: Int32, assignment: [[Int32]]? = nil) {
        self.totalCount = totalCount
        self.assignment = assignment
    }
}

/// A partition that is moving to other brokers.
public struct PartitionReassignment: Hashable, Sendable {
    /// All brokers that hold or will hold it.
    public var replicas: [Int32]
    /// Those that are being added.
    public var addingReplicas: [Int32]
    /// Those that will be removed.
    public var removingReplicas: [Int32]
}
