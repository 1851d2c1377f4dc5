/// The configs of a broker that concern its replicas.
enum ReplicationConfigs {
    static let all: [ConfigDefinition] = [
        ConfigDefinition(
            "leader.replication.throttled.rate",
            .long,
            "9223372036854775807",
            .atLeast(0),
            update: .perBroker,
            "Bytes per second of throttled partitions that followers which are not in sync get from this broker."
        ),
        ConfigDefinition(
            "follower.replication.throttled.rate",
            .long,
            "9223372036854775807",
            .atLeast(0),
            update: .perBroker,
            "Bytes per second of throttled partitions that this broker fetches while it is not in sync."
        ),
        ConfigDefinition(
            "replica.lag.time.max.ms",
            .long,
            "30000",
            .atLeast(1),
            "Milliseconds after which a follower that has not caught up leaves the ISR."
        ),
        ConfigDefinition(
            "replica.fetch.max.bytes",
            .int,
            "1048576",
            .atLeast(0),
            "Bytes that a follower asks for from one partition; a larger batch is sent all the same."
        ),
        ConfigDefinition(
            "replica.fetch.response.max.bytes",
            .int,
            "10485760",
            .atLeast(0),
            "Bytes that a follower asks for in one answer."
        ),
        ConfigDefinition(
            "replica.fetch.min.bytes",
            .int,
            "1",
            .atLeast(0),
            "Bytes that a leader waits for before it answers a follower."
        ),
        ConfigDefinition(
            "replica.fetch.wait.max.ms",
            .int,
            "500",
            .atLeast(0),
            "Milliseconds that a leader waits for them."
        ),
        ConfigDefinition(
            "replica.fetch.backoff.ms",
            .int,
            "1000",
            .atLeast(0),
            "Milliseconds that a follower waits after an error before it asks for the partition again."
        ),
        ConfigDefinition(
            "replica.socket.timeout.ms",
            .int,
            "30000",
            .atLeast(1),
            "Milliseconds that a follower waits for an answer, in addition to what the leader may wait."
        ),
        ConfigDefinition(
            "replica.selector.class",
            .string,
            nil,
            "Which replica consumers are told to read from; empty is the leader, "
                + "org.apache.kafka.common.replica.RackAwareReplicaSelector one in the consumer's rack."
        ),
    ]
}
