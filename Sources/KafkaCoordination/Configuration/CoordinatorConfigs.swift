/// The configs of a broker that concern groups and transactions.
enum CoordinatorConfigs {
    static let topics: [ConfigDefinition] = [
        ConfigDefinition(
            "offsets.topic.num.partitions",
            .int,
            "50",
            .atLeast(1),
            "Partitions of __consumer_offsets when it is created."
        ),
        ConfigDefinition(
            "offsets.topic.replication.factor",
            .short,
            "3",
            .atLeast(1),
            "Replicas of __consumer_offsets when it is created; no more than there are brokers."
        ),
        ConfigDefinition(
            "offsets.topic.segment.bytes",
            .int,
            "104857600",
            .atLeast(1),
            "Segment size of __consumer_offsets when it is created."
        ),
        ConfigDefinition(
            "offsets.topic.compression.codec",
            .int,
            "0",
            .between(0, 4),
            "Compression of what is written to __consumer_offsets: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd."
        ),
        ConfigDefinition(
            "transaction.state.log.num.partitions",
            .int,
            "50",
            .atLeast(1),
            "Partitions of __transaction_state when it is created."
        ),
        ConfigDefinition(
            "transaction.state.log.replication.factor",
            .short,
            "3",
            .atLeast(1),
            "Replicas of __transaction_state when it is created; no more than there are brokers."
        ),
        ConfigDefinition(
            "transaction.state.log.segment.bytes",
            .int,
            "104857600",
            .atLeast(1),
            "Segment size of __transaction_state when it is created."
        ),
        ConfigDefinition(
            "transaction.state.log.min.isr",
            .int,
            "2",
            .atLeast(1),
            "min.insync.replicas of __transaction_state when it is created; no more than it has replicas."
        ),
    ]

    static let groups: [ConfigDefinition] = [
        ConfigDefinition(
            "group.initial.rebalance.delay.ms",
            .int,
            "0",
            .atLeast(0),
            "Milliseconds that the first rebalance of an empty classic group waits for more members."
        ),
        ConfigDefinition(
            "group.min.session.timeout.ms",
            .int,
            "6000",
            .atLeast(1),
            "Shortest session timeout that a member of a classic group may ask for."
        ),
        ConfigDefinition(
            "group.max.session.timeout.ms",
            .int,
            "1800000",
            .atLeast(1),
            "Longest session timeout that a member of a classic group may ask for."
        ),
        ConfigDefinition(
            "group.max.size",
            .int,
            "2147483647",
            .atLeast(1),
            "Most members of a classic group."
        ),
        ConfigDefinition(
            "group.consumer.session.timeout.ms",
            .int,
            "45000",
            .atLeast(1),
            "Milliseconds after which a silent member of a consumer group (KIP-848) is removed."
        ),
        ConfigDefinition(
            "group.consumer.heartbeat.interval.ms",
            .int,
            "5000",
            .atLeast(1),
            "Milliseconds between heartbeats that members of a consumer group are told."
        ),
        ConfigDefinition(
            "group.consumer.min.session.timeout.ms",
            .int,
            "45000",
            .atLeast(1),
            "Shortest session timeout that may be set for one group."
        ),
        ConfigDefinition(
            "group.consumer.max.session.timeout.ms",
            .int,
            "60000",
            .atLeast(1),
            "Longest session timeout that may be set for one group."
        ),
        ConfigDefinition(
            "group.consumer.min.heartbeat.interval.ms",
            .int,
            "5000",
            .atLeast(1),
            "Shortest heartbeat interval that may be set for one group."
        ),
        ConfigDefinition(
            "group.consumer.max.heartbeat.interval.ms",
            .int,
            "15000",
            .atLeast(1),
            "Longest heartbeat interval that may be set for one group."
        ),
        ConfigDefinition(
            "group.consumer.max.size",
            .int,
            "2147483647",
            .atLeast(1),
            "Most members of a consumer group."
        ),
        ConfigDefinition(
            "group.consumer.assignors",
            .list,
            "uniform,range",
            "Assignors that members of consumer groups may ask for; the first is the default."
        ),
        ConfigDefinition(
            "group.consumer.migration.policy",
            .string,
            "bidirectional",
            .oneOf(["bidirectional", "upgrade", "downgrade", "disabled"]),
            "Which way a group with members may change between the classic and the consumer protocol."
        ),
    ]

    static let offsets: [ConfigDefinition] = [
        ConfigDefinition(
            "offset.metadata.max.bytes",
            .int,
            "4096",
            .atLeast(0),
            "Most bytes of the text that goes with a committed offset."
        ),
        ConfigDefinition(
            "offsets.retention.minutes",
            .int,
            "10080",
            .atLeast(1),
            "Minutes until committed offsets are forgotten, once nobody uses them."
        ),
        ConfigDefinition(
            "offsets.retention.check.interval.ms",
            .long,
            "600000",
            .atLeast(1),
            "Milliseconds between two looks for offsets to forget."
        ),
        ConfigDefinition(
            "offsets.commit.timeout.ms",
            .int,
            "5000",
            .atLeast(1),
            "Milliseconds that a coordinator's write waits for the replicas."
        ),
    ]

    static let transactions: [ConfigDefinition] = [
        ConfigDefinition(
            "transaction.max.timeout.ms",
            .int,
            "900000",
            .atLeast(1),
            "Longest transaction timeout that a producer may ask for."
        ),
        ConfigDefinition(
            "transactional.id.expiration.ms",
            .int,
            "604800000",
            .atLeast(1),
            "Milliseconds without a transaction until a transactional id is forgotten."
        ),
        ConfigDefinition(
            "transaction.abort.timed.out.transaction.cleanup.interval.ms",
            .int,
            "10000",
            .atLeast(1),
            "Milliseconds between two looks for transactions whose time is up."
        ),
        ConfigDefinition(
            "transaction.remove.expired.transaction.cleanup.interval.ms",
            .int,
            "3600000",
            .atLeast(1),
            "Milliseconds between two looks for transactional ids to forget."
        ),
        ConfigDefinition(
            "transaction.partition.verification.enable",
            .boolean,
            "true",
            "Whether a partition asks the coordinator before it opens a transaction (KIP-890)."
        ),
        ConfigDefinition(
            "add.partitions.to.txn.retry.backoff.ms",
            .int,
            "20",
            .atLeast(0),
            "Milliseconds until a partition asks again whose transaction is still being ended."
        ),
        ConfigDefinition(
            "add.partitions.to.txn.retry.backoff.max.ms",
            .int,
            "100",
            .atLeast(0),
            "Milliseconds after which a partition stops asking and lets the producer ask again."
        ),
    ]
}
