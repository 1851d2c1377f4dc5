/// Who spreads the partitions of a group over its members. `group.protocol`.
public enum GroupProtocol: Sendable {
    /// A member that the broker chooses as leader does, by a strategy that all members know.
    case classic
    /// The broker does, and moves partitions one by one (KIP-848). Needs a broker of Kafka 4.0 or later.
    case consumer
}

/// How a member of a classic group spreads partitions when it leads. `partition.assignment.strategy`.
public enum AssignmentStrategy: String, Sendable, CaseIterable {
    /// Each topic by itself, consecutive partitions to members in order: topics with as many partitions are joined up.
    case range
    /// All partitions of all topics dealt in turn.
    case roundRobin = "roundrobin"
    /// Even, and with as few moves as possible; all partitions are given back before each rebalance.
    case sticky
    /// As ``sticky``, but members go on reading what they keep, and what moves takes a second, short rebalance.
    case cooperativeSticky = "cooperative-sticky"

    /// Whether members keep their partitions while the group rebalances.
    package var isCooperative: Bool { self == .cooperativeSticky }

    /// From the name on the wire, or one of the class names that Java clients are configured with.
    init?(propertyValue text: String) {
        let package = "org.apache.kafka.clients.consumer."
        switch text {
        case "range", package + "RangeAssignor": self = .range
        case "roundrobin", package + "RoundRobinAssignor": self = .roundRobin
        case "sticky", package + "StickyAssignor": self = .sticky
        case "cooperative-sticky", package + "CooperativeStickyAssignor": self = .cooperativeSticky
        default: return nil
        }
    }
}

/// How a consumer takes part in a group: its members share the partitions of the topics that they subscribe to, and the
/// group remembers how far each partition was read. Every value has Kafka's default.
public struct GroupConfiguration: Sendable {
    /// The group's name. `group.id`.
    public var id: String
    /// A name of this member that outlives restarts: a member that comes back under it within ``sessionTimeout`` gets its
    /// partitions again without a rebalance (KIP-345). `group.instance.id`, default none.
    public var instanceID: String?
    /// Who assigns partitions. `group.protocol`, default classic.
    public var groupProtocol = GroupProtocol.classic
    /// After how long without a heartbeat the broker takes a member for dead; the classic protocol only, as the broker
    /// decides otherwise. `session.timeout.ms`, default 45 s.
    public var sessionTimeout: Duration = .seconds(45)
    /// How often a heartbeat is sent; the classic protocol only. `heartbeat.interval.ms`, default 3 s.
    public var heartbeatInterval: Duration = .seconds(3)
    /// The longest that an application may take between two calls for records before its partitions go to others. Also
    /// how long the group waits for it in a rebalance. `max.poll.interval.ms`, default 5 min.
    public var maxPollInterval: Duration = .seconds(300)
    /// Strategies of the classic protocol, the preferred one first. `partition.assignment.strategy`, default range and
    /// cooperative-sticky.
    public var strategies: [AssignmentStrategy] = [.range, .cooperativeSticky]
    /// The broker's assignor to ask for with ``GroupProtocol/consumer``. `group.remote.assignor`, default the broker's.
    public var remoteAssignor: String?
    /// Whether what was handed out is committed from time to time, before partitions go, and at the end.
    /// `enable.auto.commit`, default true.
    public var commitsAutomatically = true
    /// How often that happens. `auto.commit.interval.ms`, default 5 s.
    public var autoCommitInterval: Duration = .seconds(5)
    /// Whether a pattern leaves out topics that Kafka itself owns. `exclude.internal.topics`, default true.
    public var excludesInternalTopics = true

    /// Defaults for everything but the name.
    public init(id: String) {
        self.id = id
    }

    /// Defaults, changed by properties under Kafka's names.
    ///
    /// - Returns: `nil` when there is no `group.id`.
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` for a value that is not allowed, or a heartbeat that would
    ///   come later than the session ends.
    init?(properties: inout PropertySet) throws(KafkaClientError) {
        let name = properties.take("group.id")
        self.init(id: name ?? "")
        try properties.apply(Self.properties, to: &self)
        guard let name else { return nil }
        guard !name.isEmpty else {
            throw KafkaClientError(.invalidConfiguration, "group.id is empty: give the group a name.")
        }
        try validate()
    }

    /// Checks that the values fit together.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` naming what does not.
    func validate() throws(KafkaClientError) {
        if groupProtocol == .classic {
            guard heartbeatInterval < sessionTimeout else {
                throw KafkaClientError(
                    .invalidConfiguration,
                    "heartbeat.interval.ms (\(heartbeatInterval)) must be shorter than session.timeout.ms "
                        + "(\(sessionTimeout)); a third of it is usual."
                )
            }
            guard !strategies.isEmpty else {
                throw KafkaClientError(
                    .invalidConfiguration,
                    "partition.assignment.strategy is empty: name at least one strategy."
                )
            }
        }
        guard maxPollInterval > .zero else {
            throw KafkaClientError(.invalidConfiguration, "max.poll.interval.ms must be above zero.")
        }
    }

    /// Whether members keep partitions during a rebalance: only when every strategy lets them (KIP-429).
    var isCooperative: Bool { strategies.allSatisfy(\.isCooperative) }
}

extension GroupConfiguration {
    /// Kafka's names for the values above, but `group.id`.
    static let properties: [PropertyBinding<GroupConfiguration>] = [
        PropertyBinding("group.instance.id") { (target: inout GroupConfiguration, text) throws(PropertyValueError) in
            guard !text.isEmpty else { throw PropertyValueError("a name is expected") }
            target.instanceID = text
        },
        .choice("group.protocol", \.groupProtocol, ["classic": .classic, "consumer": .consumer]),
        .milliseconds("session.timeout.ms", \.sessionTimeout, in: 1...Int64(Int32.max)),
        .milliseconds("heartbeat.interval.ms", \.heartbeatInterval, in: 1...Int64(Int32.max)),
        .milliseconds("max.poll.interval.ms", \.maxPollInterval, in: 1...Int64(Int32.max)),
        PropertyBinding("partition.assignment.strategy") {
            (target: inout GroupConfiguration, text) throws(PropertyValueError) in
            target.strategies = try parseStrategies(text)
        },
        PropertyBinding("group.remote.assignor") {
            (target: inout GroupConfiguration, text) throws(PropertyValueError) in
            target.remoteAssignor = text.isEmpty ? nil : text
        },
        .boolean("enable.auto.commit", \.commitsAutomatically),
        .milliseconds("auto.commit.interval.ms", \.autoCommitInterval),
        .boolean("exclude.internal.topics", \.excludesInternalTopics),
    ]

    private static func parseStrategies(_ text: String) throws(PropertyValueError) -> [AssignmentStrategy] {
        var strategies: [AssignmentStrategy] = []
        for word in text.split(separator: ",") {
            guard let strategy = AssignmentStrategy(propertyValue: String(trimmingSpaces(word))) else {
                let words = AssignmentStrategy.allCases.map(\.rawValue).joined(separator: ", ")
                throw PropertyValueError("a list of \(words), or of Kafka's own assignor classes, is expected")
            }
            if !strategies.contains(strategy) { strategies.append(strategy) }
        }
        guard !strategies.isEmpty else { throw PropertyValueError("at least one strategy is expected") }
        return strategies
    }
}
