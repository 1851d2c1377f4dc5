public import KafkaCompression

/// Who must have a batch before it counts as delivered. `acks`.
public enum Acknowledgements: Int16, Sendable {
    /// Nobody: the broker does not even answer, and losses go unnoticed.
    case none = 0
    /// The leader of the partition.
    case leader = 1
    /// Every replica in sync.
    case all = -1
}

/// How a ``KafkaProducer`` gathers, sends and repeats. Every value has the default of Kafka 4 unless stated.
public struct ProducerConfiguration: Sendable {
    /// Who must have a batch before it counts as delivered. `acks`, default all.
    public var acks = Acknowledgements.all
    /// Whether brokers recognise repetitions, so that a record is written once and in order.
    /// `enable.idempotence`, default on where ``acks``, ``retries`` and ``maxInFlight`` allow it.
    public var isIdempotent: Bool?
    /// From which size in bytes on a batch does not wait for more records. `batch.size`, default 16384.
    ///
    /// Unset, it is where a batch becomes ready, and one that is ready but finds five requests under way goes on
    /// growing up to ``maxRequestSize``: a slow link then carries few large batches. Set, it is also the upper bound of a
    /// batch, as in Kafka; only a larger single record exceeds it.
    public var batchSize: Int?
    /// How long a batch waits for more records. `linger.ms`, default 5 ms.
    public var linger: Duration = .milliseconds(5)
    /// Bytes of records that may wait for delivery. `buffer.memory`, default 32 MiB.
    public var bufferMemory = 32 << 20
    /// How long a call waits for memory or for a topic's description. `max.block.ms`, default 60 s.
    public var maxBlock: Duration = .seconds(60)
    /// The largest record, and the largest request, in bytes. `max.request.size`, default 1 MiB.
    public var maxRequestSize = 1 << 20
    /// Requests that may be under way to a broker. `max.in.flight.requests.per.connection`, default 5.
    public var maxInFlight = 5
    /// How often a batch is sent again. `retries`, default without limit but ``deliveryTimeout``.
    public var retries = Int(Int32.max)
    /// How long a record may take from its append to its acknowledgement. `delivery.timeout.ms`, default 2 min.
    public var deliveryTimeout: Duration = .seconds(120)
    /// How batches are compressed. `compression.type`, default none.
    public var compression = CompressionCodec.none
    /// The codec's level, `nil` for its own default. `compression.gzip.level`, `compression.lz4.level`,
    /// `compression.zstd.level`.
    public var compressionLevel: Int?
    /// How partitions are chosen.
    public var partitioning = Partitioning()
    /// The name under which this producer writes in transactions; at most one producer has it at a time, and one that
    /// comes later shuts out the earlier. `transactional.id`, default none.
    public var transactionalID: String?
    /// How long a transaction may stay open before its coordinator aborts it; brokers allow up to 15 min.
    /// `transaction.timeout.ms`, default 60 s.
    public var transactionTimeout: Duration = .seconds(60)

    /// How partitions are chosen.
    public struct Partitioning: Sendable {
        /// What decides. `partitioner.class`, or librdkafka's `partitioner`.
        public var kind = PartitionerKind.standard
        /// Whether records without key prefer partitions with short queues.
        /// `partitioner.adaptive.partitioning.enable`, default true.
        public var isAdaptive = true
        /// How long a broker may leave batches waiting before records without key avoid it; zero for ever.
        /// `partitioner.availability.timeout.ms`, default 0.
        public var availabilityTimeout: Duration = .zero
        /// Whether records with a key are treated as those without. `partitioner.ignore.keys`, default false.
        public var ignoresKeys = false
    }

    /// Defaults for everything.
    public init() {}

    /// Defaults, changed by properties under Kafka's names.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` for a value that is not allowed.
    public init(properties: inout PropertySet) throws(KafkaClientError) {
        try properties.apply(Self.properties, to: &self)
        for codec in [CompressionCodec.gzip, .lz4, .zstd] {
            try takeLevel(of: codec, from: &properties)
        }
    }

    private mutating func takeLevel(
        of codec: CompressionCodec,
        from properties: inout PropertySet
    ) throws(KafkaClientError) {
        let name = "compression.\(codec.name).level"
        guard let text = properties.take(name) else { return }
        guard let level = Int(text), codec.levels?.contains(level) == true else {
            let range = codec.levels.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "none"
            throw KafkaClientError(
                .invalidConfiguration,
                "'\(text)' is not a value for \(name): a level is expected, \(range)."
            )
        }
        if compression == codec { compressionLevel = level }
    }

    /// Whether repetitions are recognised, after all settings are known.
    var usesIdempotence: Bool {
        transactionalID != nil || isIdempotent ?? (acks == .all && retries > 0 && maxInFlight <= SequenceLedger.window)
    }

    /// Checks what one value alone does not show.
    ///
    /// - Parameter requestTimeout: how long a request may stay unanswered.
    func validate(requestTimeout: Duration) throws(KafkaClientError) {
        try validateTransactions()
        if isIdempotent == true || transactionalID != nil {
            guard acks == .all else {
                throw KafkaClientError(
                    .invalidConfiguration,
                    "enable.idempotence needs acks=all; set acks=all or enable.idempotence=false."
                )
            }
            guard retries > 0 else {
                throw KafkaClientError(
                    .invalidConfiguration,
                    "enable.idempotence needs retries above 0; raise retries or set enable.idempotence=false."
                )
            }
            guard maxInFlight <= SequenceLedger.window else {
                throw KafkaClientError(
                    .invalidConfiguration,
                    "enable.idempotence needs max.in.flight.requests.per.connection of at most 5, not \(maxInFlight)."
                )
            }
        }
        guard deliveryTimeout >= linger + requestTimeout else {
            throw KafkaClientError(
                .invalidConfiguration,
                "delivery.timeout.ms (\(deliveryTimeout)) must not be shorter than linger.ms (\(linger)) and "
                    + "request.timeout.ms (\(requestTimeout)) together."
            )
        }
        if let compressionLevel, compression.levels?.contains(compressionLevel) != true {
            throw KafkaClientError(
                .invalidConfiguration,
                "\(compression.name) has no compression level \(compressionLevel)."
            )
        }
    }

    private func validateTransactions() throws(KafkaClientError) {
        guard let transactionalID else { return }
        guard !transactionalID.isEmpty else {
            throw KafkaClientError(.invalidConfiguration, "transactional.id is empty: give it a name, or leave it out.")
        }
        guard isIdempotent != false else {
            throw KafkaClientError(
                .invalidConfiguration,
                "transactional.id needs an idempotent producer; leave out enable.idempotence=false."
            )
        }
    }

    /// What the accumulator goes by.
    func accumulatorSettings(backoff: Backoff) -> AccumulatorSettings {
        var settings = AccumulatorSettings()
        settings.batchSize = min(batchSize ?? 16384, maxRequestSize)
        settings.batchLimit = batchSize.map { min($0, maxRequestSize) } ?? maxRequestSize
        settings.lingerMs = linger.milliseconds
        settings.bufferMemory = bufferMemory
        settings.maxRequestSize = maxRequestSize
        settings.deliveryTimeoutMs = deliveryTimeout.milliseconds
        settings.maxInFlight = maxInFlight
        settings.retries = retries
        settings.backoff = backoff
        settings.isIdempotent = usesIdempotence
        settings.isTransactional = transactionalID != nil
        settings.codec = compression
        settings.compressionLevel = compressionLevel
        settings.availabilityTimeoutMs = partitioning.isAdaptive ? partitioning.availabilityTimeout.milliseconds : 0
        return settings
    }

    /// What the partitioner of each topic goes by.
    var partitionerSettings: PartitionerSettings {
        var settings = PartitionerSettings()
        settings.kind = partitioning.kind
        settings.isAdaptive = partitioning.isAdaptive
        settings.availabilityTimeoutMs = partitioning.availabilityTimeout.milliseconds
        settings.ignoresKeys = partitioning.ignoresKeys
        settings.batchSize = max(1, min(batchSize ?? 16384, maxRequestSize))
        return settings
    }
}

extension ProducerConfiguration {
    /// Kafka's names for the values above.
    static let properties: [PropertyBinding<ProducerConfiguration>] = [
        .choice("acks", \.acks, ["all": .all, "-1": .all, "0": .none, "1": .leader]),
        PropertyBinding("enable.idempotence") {
            (target: inout ProducerConfiguration, text) throws(PropertyValueError) in
            switch text.lowercased() {
            case "true": target.isIdempotent = true
            case "false": target.isIdempotent = false
            default: throw PropertyValueError("true or false is expected")
            }
        },
        PropertyBinding("batch.size") { (target: inout ProducerConfiguration, text) throws(PropertyValueError) in
            target.batchSize = try parseInteger(text, in: 0...(1 << 30), unit: " bytes")
        },
        .milliseconds("linger.ms", \.linger),
        .integer("buffer.memory", \.bufferMemory, in: 1024...Int(Int64.max >> 1)),
        .milliseconds("max.block.ms", \.maxBlock, in: 0...Int64.max / 2),
        .integer("max.request.size", \.maxRequestSize, in: 1...(1 << 30)),
        .integer("max.in.flight.requests.per.connection", \.maxInFlight, in: 1...Int(Int32.max)),
        .integer("retries", \.retries, in: 0...Int(Int32.max)),
        .milliseconds("delivery.timeout.ms", \.deliveryTimeout),
        .choice(
            "compression.type",
            \.compression,
            ["none": .none, "gzip": .gzip, "snappy": .snappy, "lz4": .lz4, "zstd": .zstd]
        ),
        .partitioner("partitioner.class"),
        .partitioner("partitioner"),
        .boolean("partitioner.adaptive.partitioning.enable", \.partitioning.isAdaptive),
        .milliseconds("partitioner.availability.timeout.ms", \.partitioning.availabilityTimeout),
        .boolean("partitioner.ignore.keys", \.partitioning.ignoresKeys),
        PropertyBinding("transactional.id") { (target: inout ProducerConfiguration, text) throws(PropertyValueError) in
            guard !text.isEmpty else { throw PropertyValueError("a name is expected") }
            target.transactionalID = text
        },
        .milliseconds("transaction.timeout.ms", \.transactionTimeout, in: 1...Int64(Int32.max)),
    ]
}

extension PropertyBinding<ProducerConfiguration> {
    fileprivate static func partitioner(_ name: String) -> Self {
        Self(name) { (target: inout ProducerConfiguration, text) throws(PropertyValueError) in
            guard let kind = PartitionerKind(propertyValue: text) else {
                let words = PartitionerKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw PropertyValueError("one of \(words) or a class name of Kafka's own partitioners is expected")
            }
            target.partitioning.kind = kind
        }
    }
}
