/// The configs of a broker that have an effect here.
package enum BrokerConfigs {
    /// Sorted by name.
    package static let all: [ConfigDefinition] =
        [
            identity, network, ClusterConfigs.all, topicCreation, logDefaults, log, limits, CleanerConfigs.all,
            ReplicationConfigs.all,
            CoordinatorConfigs.topics,
            CoordinatorConfigs.groups, CoordinatorConfigs.offsets, CoordinatorConfigs.transactions,
        ]
        .flatMap(\.self)
        .sorted { $0.name < $1.name }

    package static let byName: [String: ConfigDefinition] = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The names that stand for the same setting, best first, and so appear as synonyms of each other.
    package static func synonyms(of name: String) -> [String] {
        families.first { $0.contains(name) } ?? [name]
    }

    private static let families: [[String]] = [
        ["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
        ["log.roll.ms", "log.roll.hours"],
        ["log.roll.jitter.ms", "log.roll.jitter.hours"],
        ["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
        ["log.dirs", "log.dir"],
        ["node.id", "broker.id"],
    ]

    private static let identity: [ConfigDefinition] = [
        ConfigDefinition("node.id", .int, "1", .atLeast(0), "Number of this broker in the cluster."),
        ConfigDefinition("broker.id", .int, "1", .atLeast(0), "Older name of node.id."),
        ConfigDefinition(
            "process.roles",
            .list,
            "broker,controller",
            .oneOf(["broker", "controller"]),
            "What this process is: broker, controller, or both."
        ),
        ConfigDefinition("broker.rack", .string, nil, "Rack or zone of this broker, for placing replicas apart."),
        ConfigDefinition("log.dirs", .string, nil, "Directories that hold the data, separated by commas."),
        ConfigDefinition("metadata.log.dir", .string, nil, "Directory of the metadata, if not the first of log.dirs."),
        ConfigDefinition("log.dir", .string, "/tmp/kafka-logs", "Older name of log.dirs."),
    ]

    private static let network: [ConfigDefinition] = [
        ConfigDefinition(
            "listeners",
            .string,
            "PLAINTEXT://127.0.0.1:9092",
            "Address on which the broker accepts connections."
        ),
        ConfigDefinition(
            "advertised.listeners",
            .string,
            nil,
            "Address that clients are told to connect to, where it differs from listeners."
        ),
        ConfigDefinition(
            "controller.listener.names",
            .string,
            nil,
            "Names of listeners for controllers; a process that is not only a controller does not open them."
        ),
        ConfigDefinition(
            "listener.security.protocol.map",
            .string,
            "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
            "Security protocol of each listener name."
        ),
        ConfigDefinition("num.network.threads", .int, "2", .atLeast(1), "Threads that move bytes between sockets."),
        ConfigDefinition("num.io.threads", .int, "4", .atLeast(1), "Threads that work on requests and on the disk."),
        ConfigDefinition(
            "socket.request.max.bytes",
            .int,
            "104857600",
            .atLeast(1),
            "Largest request in bytes; a larger one closes its connection."
        ),
        ConfigDefinition(
            "connections.max.idle.ms",
            .long,
            "600000",
            "Milliseconds after which a connection without requests is closed; negative for never."
        ),
        ConfigDefinition(
            "max.connections",
            .int,
            "2147483647",
            .atLeast(0),
            "Connections that may be open at the same time."
        ),
    ]

    private static let topicCreation: [ConfigDefinition] = [
        ConfigDefinition(
            "auto.create.topics.enable",
            .boolean,
            "true",
            "Whether a topic that a client asks for, and that does not exist, is created."
        ),
        ConfigDefinition(
            "delete.topic.enable",
            .boolean,
            "true",
            "Whether topics can be deleted."
        ),
        ConfigDefinition(
            "num.partitions",
            .int,
            "1",
            .atLeast(1),
            "Partitions of a topic when its creator does not say."
        ),
        ConfigDefinition(
            "default.replication.factor",
            .int,
            "1",
            .atLeast(1),
            "Replicas of a topic when its creator does not say."
        ),
    ]

    /// Defaults of topic configs: `TopicConfigs` names the connection.
    private static let logDefaults: [ConfigDefinition] = [
        ConfigDefinition(
            "log.segment.bytes",
            .int,
            "1073741824",
            .atLeast(14),
            update: .clusterWide,
            "Default of segment.bytes."
        ),
        ConfigDefinition("log.roll.ms", .long, nil, .atLeast(1), update: .clusterWide, "Default of segment.ms."),
        ConfigDefinition("log.roll.hours", .int, "168", .atLeast(1), "Default of segment.ms, in hours."),
        ConfigDefinition(
            "log.roll.jitter.ms",
            .long,
            nil,
            .atLeast(0),
            update: .clusterWide,
            "Default of segment.jitter.ms."
        ),
        ConfigDefinition("log.roll.jitter.hours", .int, "0", .atLeast(0), "Default of segment.jitter.ms, in hours."),
        ConfigDefinition(
            "log.index.size.max.bytes",
            .int,
            "10485760",
            .atLeast(4),
            update: .clusterWide,
            "Default of segment.index.bytes."
        ),
        ConfigDefinition(
            "log.index.interval.bytes",
            .int,
            "4096",
            .atLeast(0),
            update: .clusterWide,
            "Default of index.interval.bytes."
        ),
        ConfigDefinition(
            "log.flush.interval.messages",
            .long,
            "9223372036854775807",
            .atLeast(1),
            update: .clusterWide,
            "Default of flush.messages."
        ),
        ConfigDefinition("log.flush.interval.ms", .long, nil, update: .clusterWide, "Default of flush.ms."),
        ConfigDefinition(
            "log.flush.scheduler.interval.ms",
            .long,
            "9223372036854775807",
            "Default of flush.ms, and how often it is looked at."
        ),
        ConfigDefinition(
            "log.segment.delete.delay.ms",
            .long,
            "60000",
            .atLeast(0),
            update: .clusterWide,
            "Default of file.delete.delay.ms."
        ),
        ConfigDefinition("log.preallocate", .boolean, "false", update: .clusterWide, "Default of preallocate."),
        ConfigDefinition(
            "log.cleanup.policy",
            .list,
            "delete",
            .oneOf(["compact", "delete"]),
            update: .clusterWide,
            "Default of cleanup.policy."
        ),
        ConfigDefinition("log.retention.ms", .long, nil, update: .clusterWide, "Default of retention.ms."),
        ConfigDefinition("log.retention.minutes", .int, nil, "Default of retention.ms, in minutes."),
        ConfigDefinition("log.retention.hours", .int, "168", "Default of retention.ms, in hours."),
        ConfigDefinition(
            "log.retention.bytes",
            .long,
            "-1",
            update: .clusterWide,
            "Default of retention.bytes."
        ),
        ConfigDefinition(
            "log.cleaner.delete.retention.ms",
            .long,
            "86400000",
            .atLeast(0),
            update: .clusterWide,
            "Default of delete.retention.ms."
        ),
        ConfigDefinition(
            "log.cleaner.min.cleanable.ratio",
            .double,
            "0.5",
            .fraction(0, 1),
            update: .clusterWide,
            "Default of min.cleanable.dirty.ratio."
        ),
        ConfigDefinition(
            "log.cleaner.min.compaction.lag.ms",
            .long,
            "0",
            .atLeast(0),
            update: .clusterWide,
            "Default of min.compaction.lag.ms."
        ),
        ConfigDefinition(
            "log.cleaner.max.compaction.lag.ms",
            .long,
            "9223372036854775807",
            .atLeast(1),
            update: .clusterWide,
            "Default of max.compaction.lag.ms."
        ),
        ConfigDefinition(
            "message.max.bytes",
            .int,
            "1048588",
            .atLeast(0),
            update: .clusterWide,
            "Default of max.message.bytes."
        ),
        ConfigDefinition(
            "compression.type",
            .string,
            "producer",
            .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
            update: .clusterWide,
            "Default of the topic config of the same name."
        ),
        ConfigDefinition(
            "compression.gzip.level",
            .int,
            "-1",
            .gzipLevel,
            update: .clusterWide,
            "Default of the topic config of the same name."
        ),
        ConfigDefinition(
            "compression.lz4.level",
            .int,
            "9",
            .between(1, 17),
            update: .clusterWide,
            "Default of the topic config of the same name."
        ),
        ConfigDefinition(
            "compression.zstd.level",
            .int,
            "3",
            .between(-131072, 22),
            update: .clusterWide,
            "Default of the topic config of the same name."
        ),
        ConfigDefinition(
            "log.message.timestamp.type",
            .string,
            "CreateTime",
            .oneOf(["CreateTime", "LogAppendTime"]),
            update: .clusterWide,
            "Default of message.timestamp.type."
        ),
        ConfigDefinition(
            "log.message.timestamp.before.max.ms",
            .long,
            "9223372036854775807",
            .atLeast(0),
            update: .clusterWide,
            "Default of message.timestamp.before.max.ms."
        ),
        ConfigDefinition(
            "log.message.timestamp.after.max.ms",
            .long,
            "3600000",
            .atLeast(0),
            update: .clusterWide,
            "Default of message.timestamp.after.max.ms."
        ),
        ConfigDefinition(
            "min.insync.replicas",
            .int,
            "1",
            .atLeast(1),
            update: .clusterWide,
            "Default of the topic config of the same name."
        ),
        ConfigDefinition(
            "unclean.leader.election.enable",
            .boolean,
            "false",
            update: .clusterWide,
            "Default of the topic config of the same name."
        ),
        ConfigDefinition(
            "log.local.retention.ms",
            .long,
            "-2",
            .atLeast(-2),
            update: .clusterWide,
            "Default of local.retention.ms."
        ),
        ConfigDefinition(
            "log.local.retention.bytes",
            .long,
            "-2",
            .atLeast(-2),
            update: .clusterWide,
            "Default of local.retention.bytes."
        ),
    ]

    private static let log: [ConfigDefinition] = [
        ConfigDefinition(
            "log.retention.check.interval.ms",
            .long,
            "300000",
            .atLeast(1),
            "Milliseconds between two looks for segments to delete."
        ),
        ConfigDefinition(
            "log.flush.offset.checkpoint.interval.ms",
            .int,
            "60000",
            .atLeast(0),
            "Milliseconds between two writes of the recovery points."
        ),
        ConfigDefinition(
            "replica.high.watermark.checkpoint.interval.ms",
            .long,
            "5000",
            .atLeast(1),
            "Milliseconds between two writes of the high watermarks."
        ),
        ConfigDefinition(
            "producer.id.expiration.ms",
            .int,
            "86400000",
            .atLeast(1),
            update: .clusterWide,
            "Milliseconds after its last write until an idempotent producer is forgotten."
        ),
        ConfigDefinition(
            "producer.id.expiration.check.interval.ms",
            .int,
            "600000",
            .atLeast(1),
            "Milliseconds between two looks for producers to forget."
        ),
    ]

    private static let limits: [ConfigDefinition] = [
        ConfigDefinition(
            "fetch.max.bytes",
            .int,
            "57671680",
            .atLeast(1024),
            "Most bytes of records in one answer to a fetch."
        ),
        ConfigDefinition(
            "max.incremental.fetch.session.cache.slots",
            .int,
            "1000",
            .atLeast(0),
            "Fetch sessions that are kept at the same time."
        ),
        ConfigDefinition(
            "max.request.partition.size.limit",
            .int,
            "2000",
            .atLeast(1),
            "Most partitions in one answer to DescribeTopicPartitions."
        ),
    ]
}
