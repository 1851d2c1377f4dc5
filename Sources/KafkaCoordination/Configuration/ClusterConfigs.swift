/// Configs of nodes that are not alone in their cluster.
enum ClusterConfigs {
    static let all: [ConfigDefinition] = [
        ConfigDefinition(
            "metadata.log.max.record.bytes.between.snapshots",
            .long,
            "20971520",
            .atLeast(1),
            "Bytes of metadata records after which a snapshot of the metadata is written."
        ),
        ConfigDefinition(
            "metadata.log.max.snapshot.interval.ms",
            .long,
            "3600000",
            .atLeast(0),
            "Milliseconds after which a snapshot is written of metadata that have changed since the last; 0 is never."
        ),
        ConfigDefinition(
            "controller.quorum.bootstrap.servers",
            .list,
            "",
            "Addresses of controllers, as host:port, for a process that is only a broker."
        ),
        ConfigDefinition(
            "controller.quorum.voters",
            .list,
            "",
            "Addresses of controllers, as id@host:port; older than controller.quorum.bootstrap.servers."
        ),
        ConfigDefinition(
            "broker.session.timeout.ms",
            .int,
            "9000",
            .atLeast(1),
            "Milliseconds without a heartbeat after which the controller fences a broker."
        ),
        ConfigDefinition(
            "broker.heartbeat.interval.ms",
            .int,
            "2000",
            .atLeast(1),
            "Milliseconds between heartbeats of a broker to the controller."
        ),
        ConfigDefinition(
            "initial.broker.registration.timeout.ms",
            .int,
            "60000",
            .atLeast(1),
            "Milliseconds after which a broker that cannot register with a controller gives up."
        ),
        ConfigDefinition(
            "auto.leader.rebalance.enable",
            .boolean,
            "true",
            "Whether the controller gives leaderships back to preferred replicas."
        ),
        ConfigDefinition(
            "leader.imbalance.check.interval.seconds",
            .long,
            "300",
            .atLeast(1),
            "Seconds between two looks of the controller at the balance of leaders."
        ),
        ConfigDefinition(
            "leader.imbalance.per.broker.percentage",
            .int,
            "10",
            .atLeast(0),
            "Share of the partitions that prefer a broker and may be led by others before the controller acts."
        ),
    ]
}
