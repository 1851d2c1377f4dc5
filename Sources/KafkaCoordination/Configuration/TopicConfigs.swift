/// The configs of a topic, and the broker config that gives each its default.
package enum TopicConfigs {
    /// A topic config with the broker configs that stand behind it, best first. The first is the one DescribeConfigs
    /// names; the rest are the same setting in coarser units, converted with `scale`.
    package struct Entry: Sendable {
        package let definition: ConfigDefinition
        package let synonyms: [Synonym]
    }

    package struct Synonym: Sendable {
        package let name: String
        /// What the broker's value is multiplied with: milliseconds in a minute, for example.
        package let scale: Int64

        init(_ name: String, scale: Int64 = 1) {
            self.name = name
            self.scale = scale
        }
    }

    /// Sorted by name.
    package static let all: [Entry] = (storage + cleaning + records + replication + tiering).sorted {
        $0.definition.name < $1.definition.name
    }

    package static let byName: [String: Entry] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.definition.name, $0) }
    )

    private static func entry(_ definition: ConfigDefinition, _ synonyms: Synonym...) -> Entry {
        Entry(definition: definition, synonyms: synonyms)
    }

    private static let hour: Int64 = 3_600_000
    private static let minute: Int64 = 60_000

    private static let storage: [Entry] = [
        entry(
            ConfigDefinition(
                "segment.bytes",
                .int,
                "1073741824",
                .atLeast(14),
                "Size in bytes at which a partition's log starts a new segment file."
            ),
            Synonym("log.segment.bytes")
        ),
        entry(
            ConfigDefinition(
                "segment.ms",
                .long,
                "604800000",
                .atLeast(1),
                "Age in milliseconds after which a new segment starts even if the old one is not full."
            ),
            Synonym("log.roll.ms"),
            Synonym("log.roll.hours", scale: hour)
        ),
        entry(
            ConfigDefinition(
                "segment.jitter.ms",
                .long,
                "0",
                .atLeast(0),
                "Largest random time in milliseconds taken off segment.ms, so that segments do not all roll at once."
            ),
            Synonym("log.roll.jitter.ms"),
            Synonym("log.roll.jitter.hours", scale: hour)
        ),
        entry(
            ConfigDefinition(
                "segment.index.bytes",
                .int,
                "10485760",
                .atLeast(4),
                "Largest size in bytes of a segment's offset index and time index."
            ),
            Synonym("log.index.size.max.bytes")
        ),
        entry(
            ConfigDefinition(
                "index.interval.bytes",
                .int,
                "4096",
                .atLeast(0),
                "Bytes of log between two entries of the offset index."
            ),
            Synonym("log.index.interval.bytes")
        ),
        entry(
            ConfigDefinition(
                "flush.messages",
                .long,
                "9223372036854775807",
                .atLeast(1),
                "Records after which the log is forced to disk."
            ),
            Synonym("log.flush.interval.messages")
        ),
        entry(
            ConfigDefinition(
                "flush.ms",
                .long,
                "9223372036854775807",
                .atLeast(0),
                "Milliseconds after which written records are forced to disk."
            ),
            Synonym("log.flush.interval.ms"),
            Synonym("log.flush.scheduler.interval.ms")
        ),
        entry(
            ConfigDefinition(
                "file.delete.delay.ms",
                .long,
                "60000",
                .atLeast(0),
                "Milliseconds between dropping a file from the log and removing it from the disk."
            ),
            Synonym("log.segment.delete.delay.ms")
        ),
        entry(
            ConfigDefinition(
                "preallocate",
                .boolean,
                "false",
                "Whether a new segment file is created at its full size."
            ),
            Synonym("log.preallocate")
        ),
    ]

    private static let cleaning: [Entry] = [
        entry(
            ConfigDefinition(
                "cleanup.policy",
                .list,
                "delete",
                .oneOf(["compact", "delete"]),
                "What happens to old data: delete removes old segments by time and size, compact keeps the last record "
                    + "of each key; both may be given."
            ),
            Synonym("log.cleanup.policy")
        ),
        entry(
            ConfigDefinition(
                "retention.ms",
                .long,
                "604800000",
                .atLeast(-1),
                "Age in milliseconds beyond which segments are deleted; -1 keeps them for ever."
            ),
            Synonym("log.retention.ms"),
            Synonym("log.retention.minutes", scale: minute),
            Synonym("log.retention.hours", scale: hour)
        ),
        entry(
            ConfigDefinition(
                "retention.bytes",
                .long,
                "-1",
                "Size in bytes of a partition beyond which its oldest segments are deleted; -1 is no limit."
            ),
            Synonym("log.retention.bytes")
        ),
        entry(
            ConfigDefinition(
                "delete.retention.ms",
                .long,
                "86400000",
                .atLeast(0),
                "Milliseconds for which compaction keeps tombstones, so that readers see the deletion."
            ),
            Synonym("log.cleaner.delete.retention.ms")
        ),
        entry(
            ConfigDefinition(
                "min.cleanable.dirty.ratio",
                .double,
                "0.5",
                .fraction(0, 1),
                "Share of the log that must be uncompacted before compaction looks at it."
            ),
            Synonym("log.cleaner.min.cleanable.ratio")
        ),
        entry(
            ConfigDefinition(
                "min.compaction.lag.ms",
                .long,
                "0",
                .atLeast(0),
                "Milliseconds for which a record is left alone by compaction."
            ),
            Synonym("log.cleaner.min.compaction.lag.ms")
        ),
        entry(
            ConfigDefinition(
                "max.compaction.lag.ms",
                .long,
                "9223372036854775807",
                .atLeast(1),
                "Milliseconds after which a record must be considered for compaction."
            ),
            Synonym("log.cleaner.max.compaction.lag.ms")
        ),
    ]

    private static let records: [Entry] = [
        entry(
            ConfigDefinition(
                "max.message.bytes",
                .int,
                "1048588",
                .atLeast(0),
                "Largest record batch in bytes, as sent (after compression)."
            ),
            Synonym("message.max.bytes")
        ),
        entry(
            ConfigDefinition(
                "compression.type",
                .string,
                "producer",
                .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
                "Codec that the broker stores batches with; producer keeps what the producer chose."
            ),
            Synonym("compression.type")
        ),
        entry(
            ConfigDefinition(
                "compression.gzip.level",
                .int,
                "-1",
                .gzipLevel,
                "Level when the broker compresses with gzip."
            ),
            Synonym("compression.gzip.level")
        ),
        entry(
            ConfigDefinition(
                "compression.lz4.level",
                .int,
                "9",
                .between(1, 17),
                "Level when the broker compresses with lz4."
            ),
            Synonym("compression.lz4.level")
        ),
        entry(
            ConfigDefinition(
                "compression.zstd.level",
                .int,
                "3",
                .between(-131072, 22),
                "Level when the broker compresses with zstd."
            ),
            Synonym("compression.zstd.level")
        ),
        entry(
            ConfigDefinition(
                "message.timestamp.type",
                .string,
                "CreateTime",
                .oneOf(["CreateTime", "LogAppendTime"]),
                "Whether records keep the time of their producer or get the time of their arrival."
            ),
            Synonym("log.message.timestamp.type")
        ),
        entry(
            ConfigDefinition(
                "message.timestamp.before.max.ms",
                .long,
                "9223372036854775807",
                .atLeast(0),
                "How many milliseconds a record's timestamp may lie before the broker's clock."
            ),
            Synonym("log.message.timestamp.before.max.ms")
        ),
        entry(
            ConfigDefinition(
                "message.timestamp.after.max.ms",
                .long,
                "3600000",
                .atLeast(0),
                "How many milliseconds a record's timestamp may lie after the broker's clock."
            ),
            Synonym("log.message.timestamp.after.max.ms")
        ),
    ]

    private static let replication: [Entry] = [
        entry(
            ConfigDefinition(
                "min.insync.replicas",
                .int,
                "1",
                .atLeast(1),
                "In-sync replicas that must hold a record before a producer with acks=all is answered."
            ),
            Synonym("min.insync.replicas")
        ),
        entry(
            ConfigDefinition(
                "unclean.leader.election.enable",
                .boolean,
                "false",
                "Whether a replica that is not in sync may lead when no other is left, at the price of lost records."
            ),
            Synonym("unclean.leader.election.enable")
        ),
        entry(
            ConfigDefinition(
                "leader.replication.throttled.replicas",
                .list,
                "",
                .throttledReplicas,
                "Replicas, as partition:broker pairs or *, whose replication is throttled on the leader's side."
            )
        ),
        entry(
            ConfigDefinition(
                "follower.replication.throttled.replicas",
                .list,
                "",
                .throttledReplicas,
                "Replicas, as partition:broker pairs or *, whose replication is throttled on the follower's side."
            )
        ),
    ]

    private static let tiering: [Entry] = [
        entry(
            ConfigDefinition(
                "remote.storage.enable",
                .boolean,
                "false",
                "Whether old segments move to remote storage; this broker has none, so only false is accepted."
            )
        ),
        entry(
            ConfigDefinition(
                "remote.log.copy.disable",
                .boolean,
                "false",
                "Whether a tiered topic stops copying to remote storage."
            )
        ),
        entry(
            ConfigDefinition(
                "remote.log.delete.on.disable",
                .boolean,
                "false",
                "Whether remote data is deleted when tiering is switched off."
            )
        ),
        entry(
            ConfigDefinition(
                "local.retention.ms",
                .long,
                "-2",
                .atLeast(-2),
                "Milliseconds for which a tiered topic keeps local segments; -2 follows retention.ms."
            ),
            Synonym("log.local.retention.ms")
        ),
        entry(
            ConfigDefinition(
                "local.retention.bytes",
                .long,
                "-2",
                .atLeast(-2),
                "Bytes of local segments that a tiered topic keeps; -2 follows retention.bytes."
            ),
            Synonym("log.local.retention.bytes")
        ),
    ]
}
