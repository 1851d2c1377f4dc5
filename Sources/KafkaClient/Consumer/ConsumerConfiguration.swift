/// Which records a consumer sees when producers write in transactions.
public enum IsolationLevel: Int8, Sendable {
    /// All records, those of open and aborted transactions too.
    case readUncommitted = 0
    /// Only records outside transactions and those of committed ones, up to the last stable offset.
    case readCommitted = 1
}

/// Where to go when a position does not exist (any more). `auto.offset.reset`.
public enum OffsetResetPolicy: Hashable, Sendable {
    /// To the first record that is still there.
    case earliest
    /// To the end: only records written from now on.
    case latest
    /// Nowhere: reading the partition fails with ``KafkaClientError/Code/offsetOutOfRange``.
    case none
    /// To the first record that is not older than this. `by_duration:` and an ISO 8601 duration.
    case byDuration(Duration)
}

/// How a ``KafkaConsumer`` fetches and what it shows. Every value has Kafka's default unless stated.
public struct ConsumerConfiguration: Sendable {
    /// Where to go when a position does not exist. `auto.offset.reset`, default latest.
    public var offsetReset: OffsetResetPolicy = .latest
    /// Which records of transactions are shown. `isolation.level`, default `read_uncommitted`.
    public var isolationLevel: IsolationLevel = .readUncommitted
    /// How many bytes a broker gathers before it answers. `fetch.min.bytes`, default 1.
    public var fetchMinBytes = 1
    /// How many bytes a broker puts into one answer, apart from a larger first batch. `fetch.max.bytes`, default 50 MiB.
    public var fetchMaxBytes = 50 << 20
    /// How many bytes of one partition a broker puts into one answer, apart from a larger first batch.
    /// `max.partition.fetch.bytes`, default 1 MiB.
    public var maxPartitionFetchBytes = 1 << 20
    /// How long a broker waits for ``fetchMinBytes``. `fetch.max.wait.ms`, default 500 ms.
    public var fetchMaxWait: Duration = .milliseconds(500)
    /// How many fetched bytes may wait to be read. The memory in use may exceed it by one answer of each broker.
    /// `queued.max.messages.kbytes` (librdkafka's name), default 16 MiB.
    public var queuedBytes = 16 << 20
    /// Whether checksums of batches are verified. `check.crcs`, default true.
    public var checksChecksums = true
    /// The largest size that one compressed batch may unfold to, in bytes. Default 256 MiB.
    public var maxDecompressedBytes = 256 << 20
    /// Whether incremental fetch sessions are used where brokers offer them (KIP-227). Default true.
    public var usesFetchSessions = true

    /// The consumer group to read for, `nil` for none. `group.id` and the properties that go with it.
    public var group: GroupConfiguration?

    /// Defaults for everything.
    public init() {}

    /// Defaults, changed by properties under Kafka's names.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` for a value that is not allowed.
    public init(properties: inout PropertySet) throws(KafkaClientError) {
        try properties.apply(Self.properties, to: &self)
        group = try GroupConfiguration(properties: &properties)
    }
}

extension ConsumerConfiguration {
    /// Kafka's names for the values above.
    static let properties: [PropertyBinding<ConsumerConfiguration>] = [
        PropertyBinding("auto.offset.reset") { (target: inout ConsumerConfiguration, text) throws(PropertyValueError) in
            target.offsetReset = try parseOffsetReset(text)
        },
        .choice(
            "isolation.level",
            \.isolationLevel,
            ["read_uncommitted": .readUncommitted, "read_committed": .readCommitted]
        ),
        .integer("fetch.min.bytes", \.fetchMinBytes, in: 0...Int(Int32.max)),
        .integer("fetch.max.bytes", \.fetchMaxBytes, in: 0...Int(Int32.max)),
        .integer("max.partition.fetch.bytes", \.maxPartitionFetchBytes, in: 0...Int(Int32.max)),
        .milliseconds("fetch.max.wait.ms", \.fetchMaxWait),
        PropertyBinding("queued.max.messages.kbytes") {
            (target: inout ConsumerConfiguration, text) throws(PropertyValueError) in
            target.queuedBytes = try parseInteger(text, in: 1...(1 << 21), unit: " KiB") << 10
        },
        .boolean("check.crcs", \.checksChecksums),
    ]

    /// `earliest`, `latest`, `none` or `by_duration:PnDTnHnMn.nS`.
    static func parseOffsetReset(_ text: String) throws(PropertyValueError) -> OffsetResetPolicy {
        switch text.lowercased() {
        case "earliest": return .earliest
        case "latest": return .latest
        case "none": return .none
        default:
            let prefix = "by_duration:"
            guard text.lowercased().hasPrefix(prefix), let duration = parseISODuration(text.dropFirst(prefix.count))
            else {
                throw PropertyValueError("earliest, latest, none or by_duration:P… is expected")
            }
            return .byDuration(duration)
        }
    }
}

/// An ISO 8601 duration of days, hours, minutes and seconds, such as `P1DT12H` or `PT0.5S`; `nil` when it is not one.
func parseISODuration(_ text: Substring) -> Duration? {
    var rest = text.uppercased()[...]
    guard rest.popFirst() == "P", !rest.isEmpty else { return nil }
    var isTime = false
    var total = Duration.zero
    var lastUnit = 0
    while !rest.isEmpty {
        if rest.first == "T" {
            guard !isTime, rest.count > 1 else { return nil }
            isTime = true
            rest.removeFirst()
        }
        let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let value = Double(number), value.isFinite, value < 1e12 else { return nil }
        rest = rest.dropFirst(number.count)
        guard let unit = rest.popFirst() else { return nil }
        let seconds: Double
        let rank: Int
        switch (unit, isTime) {
        case ("D", false): (seconds, rank) = (86_400, 1)
        case ("H", true): (seconds, rank) = (3600, 2)
        case ("M", true): (seconds, rank) = (60, 3)
        case ("S", true): (seconds, rank) = (1, 4)
        default: return nil
        }
        guard rank > lastUnit, rank == 4 || !number.contains(".") else { return nil }
        lastUnit = rank
        total += .seconds(value * seconds)
    }
    return total
}
