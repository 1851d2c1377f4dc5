package import KafkaMessages

/// How a client finds its cluster, talks to it, and behaves when that fails.
///
/// Shared by ``KafkaAdmin``, ``KafkaConsumer`` and the producer. Every value has Kafka's default.
public struct ClientConfiguration: Sendable {
    /// Where to start: any brokers of the cluster, tried in turn. `bootstrap.servers`.
    public var bootstrapServers: [ServerAddress]
    /// Whether ``bootstrapServers`` are controllers instead of brokers, for administration that needs no broker (KIP-919).
    /// Everything then goes to the active controller, and topics are not told. Kafka's `bootstrap.controllers`.
    public var bootstrapsFromControllers = false
    /// The name that brokers log and that quotas apply to. `client.id`, default `swkafka`.
    public var clientID = "swkafka"
    /// The rack or zone that this client runs in; empty when unknown. `client.rack`.
    public var rack = ""
    /// How connections are made and kept.
    public var connection = Connection()
    /// How answers are waited for.
    public var request = Request()
    /// How long to wait between attempts.
    public var retry = Retry()
    /// How knowledge of the cluster is kept fresh.
    public var metadata = Metadata()

    /// How connections are made and kept.
    public struct Connection: Sendable {
        /// The longest a single attempt to connect may take, name look-up included.
        /// `socket.connection.setup.timeout.ms`, default 10 s.
        public var setupTimeout: Duration = .seconds(10)
        /// The pause before the second attempt to reach a node. `reconnect.backoff.ms`, default 50 ms.
        public var reconnectBackoff: Duration = .milliseconds(50)
        /// The longest pause between attempts; it doubles up to here. `reconnect.backoff.max.ms`, default 1 s.
        public var reconnectBackoffMax: Duration = .seconds(1)
        /// How long to go round the bootstrap servers when none answers at the first contact. Zero tries each of them
        /// once, so that a wrong address is reported at once. Later losses of the whole cluster are waited out within
        /// the deadline of the call.
        public var bootstrapPatience: Duration = .zero
        /// How long a connection may have nothing to do before it is closed. `connections.max.idle.ms`, default 9 min.
        public var maxIdle: Duration = .seconds(540)
        /// The largest answer that is accepted, in bytes. Default 1 GiB.
        public var maxResponseBytes = 1 << 30
        /// The highest version to speak of an API, for brokers that offer one that they do not get right.
        package var versionLimits: [APIKey: Int16] = [:]
    }

    /// How answers are waited for.
    public struct Request: Sendable {
        /// The longest that one request may stay unanswered. `request.timeout.ms`, default 30 s.
        public var timeout: Duration = .seconds(30)
        /// The longest that a whole call may take, retries included. `default.api.timeout.ms`, default 60 s.
        public var callTimeout: Duration = .seconds(60)
    }

    /// How long to wait between attempts.
    public struct Retry: Sendable {
        /// The pause before the first repetition. `retry.backoff.ms`, default 100 ms.
        public var backoff: Duration = .milliseconds(100)
        /// The longest pause; it doubles up to here. `retry.backoff.max.ms`, default 1 s.
        public var backoffMax: Duration = .seconds(1)
    }

    /// How knowledge of the cluster is kept fresh.
    public struct Metadata: Sendable {
        /// How old knowledge may become. `metadata.max.age.ms`, default 5 min.
        public var maxAge: Duration = .seconds(300)
        /// How long an unused topic stays known. `metadata.max.idle.ms`, default 5 min.
        public var maxIdle: Duration = .seconds(300)
        /// Whether to start again from the bootstrap list when no known node can be reached.
        /// `metadata.recovery.strategy`, default `rebootstrap`.
        public var rebootstraps = true
        /// Whether asking about a topic that does not exist may create it, where the broker allows it.
        /// `allow.auto.create.topics`, default true.
        public var allowsTopicCreation = true
    }

    /// Defaults for everything but the addresses.
    public init(bootstrapServers: [ServerAddress]) {
        self.bootstrapServers = bootstrapServers
    }

    /// Defaults, changed by properties under Kafka's names. Addresses given here win over `bootstrap.servers`.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` for a value that is not allowed, or when there is no
    ///   address at all.
    public init(
        properties: inout PropertySet,
        bootstrapServers: [ServerAddress] = []
    ) throws(KafkaClientError) {
        self.bootstrapServers = bootstrapServers
        let listed = properties.take("bootstrap.servers")
        if bootstrapServers.isEmpty {
            guard let listed else {
                throw KafkaClientError(
                    .invalidConfiguration,
                    "No broker is named: give an address such as localhost:9092, or set bootstrap.servers."
                )
            }
            self.bootstrapServers = try ServerAddress.parseList(listed)
        }
        try properties.apply(Self.properties, to: &self)
        try validate()
    }

    /// Checks that the values fit together.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` naming the first that does not.
    public func validate() throws(KafkaClientError) {
        guard !bootstrapServers.isEmpty else {
            throw KafkaClientError(.invalidConfiguration, "The list of bootstrap servers is empty.")
        }
        guard clientID.utf8.count <= Int(Int16.max) else {
            throw KafkaClientError(.invalidConfiguration, "client.id is longer than 32767 bytes.")
        }
        let pairs: [(String, Duration, String, Duration)] = [
            ("retry.backoff.ms", retry.backoff, "retry.backoff.max.ms", retry.backoffMax),
            (
                "reconnect.backoff.ms", connection.reconnectBackoff, "reconnect.backoff.max.ms",
                connection.reconnectBackoffMax
            ),
            ("request.timeout.ms", request.timeout, "default.api.timeout.ms", request.callTimeout),
        ]
        for (lowerName, lower, upperName, upper) in pairs where lower > upper {
            throw KafkaClientError(
                .invalidConfiguration,
                "\(lowerName) (\(lower)) must not be longer than \(upperName) (\(upper))."
            )
        }
    }
}

extension ClientConfiguration {
    /// Kafka's names for the values above.
    static let properties: [PropertyBinding<ClientConfiguration>] = [
        .string("client.id", \.clientID),
        .string("client.rack", \.rack),
        .milliseconds("socket.connection.setup.timeout.ms", \.connection.setupTimeout, in: 1...Int64(Int32.max)),
        .milliseconds("reconnect.backoff.ms", \.connection.reconnectBackoff),
        .milliseconds("reconnect.backoff.max.ms", \.connection.reconnectBackoffMax),
        .milliseconds("connections.max.idle.ms", \.connection.maxIdle, in: 1...Int64.max / 2),
        .milliseconds("request.timeout.ms", \.request.timeout, in: 1...Int64(Int32.max)),
        .milliseconds("default.api.timeout.ms", \.request.callTimeout, in: 1...Int64(Int32.max)),
        .milliseconds("retry.backoff.ms", \.retry.backoff),
        .milliseconds("retry.backoff.max.ms", \.retry.backoffMax),
        .milliseconds("metadata.max.age.ms", \.metadata.maxAge),
        .milliseconds("metadata.max.idle.ms", \.metadata.maxIdle, in: 5000...Int64.max / 2),
        .choice("metadata.recovery.strategy", \.metadata.rebootstraps, ["rebootstrap": true, "none": false]),
        .boolean("allow.auto.create.topics", \.metadata.allowsTopicCreation),
        PropertyBinding("security.protocol") { (_: inout ClientConfiguration, text) throws(PropertyValueError) in
            guard text.uppercased() == "PLAINTEXT" else {
                throw PropertyValueError("this client speaks PLAINTEXT only")
            }
        },
    ]
}
