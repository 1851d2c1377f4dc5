/// How a ``KafkaShareConsumer`` takes part in a share group (KIP-932). Every value has Kafka's default unless stated.
public struct ShareConsumerConfiguration: Sendable {
    /// The group's name. `group.id`.
    public var groupID: String
    /// How many records are asked for at once; brokers give whole batches, so there may be more. `max.poll.records`,
    /// default 500.
    public var maxRecords = 500
    /// How many bytes a broker gathers before it answers. `fetch.min.bytes`, default 1.
    public var fetchMinBytes = 1
    /// How many bytes a broker puts into one answer, apart from a larger first batch. `fetch.max.bytes`, default 50 MiB.
    public var fetchMaxBytes = 50 << 20
    /// How long a broker waits for ``fetchMinBytes``. `fetch.max.wait.ms`, default 500 ms.
    public var fetchMaxWait: Duration = .milliseconds(500)
    /// Whether checksums of batches are verified. `check.crcs`, default true.
    public var checksChecksums = true
    /// The largest size that one compressed batch may unfold to, in bytes. Default 256 MiB.
    public var maxDecompressedBytes = 256 << 20

    /// Defaults for everything but the name.
    public init(groupID: String) {
        self.groupID = groupID
    }

    /// Defaults, changed by properties under Kafka's names.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` for a value that is not allowed, or no `group.id`.
    public init(properties: inout PropertySet) throws(KafkaClientError) {
        self.init(groupID: properties.take("group.id") ?? "")
        guard !groupID.isEmpty else {
            throw KafkaClientError(.invalidConfiguration, "group.id is empty: give the share group a name.")
        }
        try properties.apply(Self.properties, to: &self)
        // What a caller acknowledges it says itself here, and that is all that these are about.
        for name in Self.withoutEffect { _ = properties.take(name) }
    }

    private static let withoutEffect = [
        "share.acknowledgement.mode", "share.acquire.mode", "max.partition.fetch.bytes", "isolation.level",
        "auto.offset.reset", "enable.auto.commit", "session.timeout.ms", "heartbeat.interval.ms", "group.protocol",
    ]

    static let properties: [PropertyBinding<ShareConsumerConfiguration>] = [
        .integer("max.poll.records", \.maxRecords, in: 1...Int(Int32.max)),
        .integer("fetch.min.bytes", \.fetchMinBytes, in: 0...Int(Int32.max)),
        .integer("fetch.max.bytes", \.fetchMaxBytes, in: 0...Int(Int32.max)),
        .milliseconds("fetch.max.wait.ms", \.fetchMaxWait),
        .boolean("check.crcs", \.checksChecksums),
    ]
}
