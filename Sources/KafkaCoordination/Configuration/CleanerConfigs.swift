/// The configs of a broker that concern compaction.
enum CleanerConfigs {
    static let all: [ConfigDefinition] = [
        ConfigDefinition("log.cleaner.enable", .boolean, "true", "Whether compacted topics are compacted."),
        ConfigDefinition("log.cleaner.threads", .int, "1", .atLeast(1), "Threads that compact logs."),
        ConfigDefinition(
            "log.cleaner.dedupe.buffer.size",
            .long,
            "134217728",
            .atLeast(1_048_576),
            "Bytes that all cleaning threads together may use for tables of keys."
        ),
        ConfigDefinition(
            "log.cleaner.io.buffer.size",
            .int,
            "524288",
            .atLeast(1024),
            "Bytes that all cleaning threads together use for reading and writing."
        ),
        ConfigDefinition(
            "log.cleaner.io.buffer.load.factor",
            .double,
            "0.9",
            .fraction(0, 1),
            "How full a table of keys may be."
        ),
        ConfigDefinition(
            "log.cleaner.io.max.bytes.per.second",
            .double,
            "1.7976931348623157E308",
            "Most bytes a second that the cleaning threads read together."
        ),
        ConfigDefinition(
            "log.cleaner.backoff.ms",
            .long,
            "15000",
            .atLeast(0),
            "Milliseconds to wait when no log needs compaction."
        ),
    ]
}
