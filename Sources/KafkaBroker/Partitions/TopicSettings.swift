import KafkaCompression
import KafkaCoordination
import KafkaStorage
import KafkaWire

/// What a topic's configs come to, parsed once for all its partitions.
struct TopicSettings: Sendable, Equatable {
    var log = LogConfig()
    var rules = RecordBatchRules()
    var minimumInSync = 1
    /// `replica.lag.time.max.ms`, in milliseconds.
    var maxLagMs: Int64 = 30_000
    /// `compression.type` is zstd: fetches of old versions cannot read the topic.
    var isZstd: Bool { rules.codec == .zstd }
    /// `flush.messages` is 1: nothing counts as written before it is on the disk.
    var waitsForDisk: Bool { log.flushMessages <= 1 }
    /// Replicas whose copying is limited on the side of the leader, and of the follower.
    var leaderThrottle = ThrottledReplicas.none
    var followerThrottle = ThrottledReplicas.none
    /// `cleanup.policy` is compact alone: records cannot be deleted by offset.
    var isOnlyCompacted = false

    init() {}

    init(overrides: [String: String], resolver: ConfigResolver) {
        let integer = { (name: String, fallback: Int64) -> Int64 in
            guard case .integer(let value)? = resolver.topicConfig(name, overrides: overrides) else { return fallback }
            return value
        }
        let string = { (name: String) -> String in
            guard case .string(let value)? = resolver.topicConfig(name, overrides: overrides) else { return "" }
            return value
        }
        var policies: [String] = []
        if case .list(let items)? = resolver.topicConfig("cleanup.policy", overrides: overrides) { policies = items }

        log.segmentBytes = integer("segment.bytes", log.segmentBytes)
        log.segmentMs = integer("segment.ms", log.segmentMs)
        log.segmentJitterMs = integer("segment.jitter.ms", log.segmentJitterMs)
        log.indexIntervalBytes = Int(integer("index.interval.bytes", 4096))
        log.segmentIndexBytes = Int(integer("segment.index.bytes", 10 << 20))
        log.retentionMs = integer("retention.ms", log.retentionMs)
        log.retentionBytes = integer("retention.bytes", log.retentionBytes)
        log.maxMessageBytes = Int(integer("max.message.bytes", 1_048_588))
        log.flushMessages = integer("flush.messages", log.flushMessages)
        log.flushMs = integer("flush.ms", log.flushMs)
        log.fileDeleteDelayMs = integer("file.delete.delay.ms", log.fileDeleteDelayMs)
        log.deletesOldSegments = policies.contains("delete")
        log.isCompacted = policies.contains("compact")
        log.minCompactionLagMs = integer("min.compaction.lag.ms", log.minCompactionLagMs)
        log.maxCompactionLagMs = integer("max.compaction.lag.ms", log.maxCompactionLagMs)
        log.deleteRetentionMs = integer("delete.retention.ms", log.deleteRetentionMs)
        if case .double(let ratio)? = resolver.topicConfig("min.cleanable.dirty.ratio", overrides: overrides) {
            log.minCleanableDirtyRatio = ratio
        }
        log.producerIDExpirationMs =
            resolver.brokerValue("producer.id.expiration.ms").flatMap(Int64.init) ?? log.producerIDExpirationMs

        rules.maxMessageBytes = log.maxMessageBytes
        rules.requiresKeys = log.isCompacted
        rules.timestampType = string("message.timestamp.type") == "LogAppendTime" ? .logAppendTime : .createTime
        rules.timestampBeforeMaxMs = integer("message.timestamp.before.max.ms", .max)
        rules.timestampAfterMaxMs = integer("message.timestamp.after.max.ms", 3_600_000)
        let codec = string("compression.type")
        rules.codec = codec == "uncompressed" ? CompressionCodec.none : CompressionCodec(name: codec)
        switch rules.codec {
        case .gzip: rules.compressionLevel = Self.level(integer("compression.gzip.level", -1))
        case .lz4: rules.compressionLevel = Self.level(integer("compression.lz4.level", 9))
        case .zstd: rules.compressionLevel = Self.level(integer("compression.zstd.level", 3))
        default: rules.compressionLevel = nil
        }
        let throttle = { (side: String) -> ThrottledReplicas in
            let name = "\(side).replication.throttled.replicas"
            guard case .list(let items)? = resolver.topicConfig(name, overrides: overrides) else { return .none }
            return ThrottledReplicas(items)
        }
        leaderThrottle = throttle("leader")
        followerThrottle = throttle("follower")
        minimumInSync = Int(integer("min.insync.replicas", 1))
        maxLagMs =
            resolver.brokerValue("replica.lag.time.max.ms").flatMap { Int64($0.trimmingBlanks()) } ?? maxLagMs
        isOnlyCompacted = log.isCompacted && !log.deletesOldSegments
    }

    private static func level(_ value: Int64) -> Int? { value == -1 ? nil : Int(value) }
}
