import ArgumentParser

/// `swkafka cluster`: a cluster of several processes on this machine, and Kafka's own small tool of that name.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Run a cluster of several brokers on this machine, break it, and ask about any cluster.",
        discussion: """
            A controller (node 1) and brokers (1001, 1002, …) run as processes of their own, on 127.0.0.1 at ports 9092, \
            9093, … unless --ports says otherwise. They replicate as Kafka does, so that killing one shows what a real \
            cluster does: leaders move, in-sync replicas shrink and grow again. Everything about the cluster is found \
            again from its directory; commands may come from any terminal.

            cluster-id, list-endpoints and unregister are those of Kafka's kafka-cluster.sh and work on any cluster.

            EXAMPLES
              swkafka cluster start --brokers 2 --detach
              eval "$(swkafka cluster env)"
              swkafka topics --bootstrap-server $BOOTSTRAP_SERVERS --create --topic t --partitions 2 \\
                --replication-factor 2
              swkafka cluster kill 1001
              swkafka topics --bootstrap-server $BOOTSTRAP_SERVERS --describe --topic t
              swkafka cluster start 1001
              swkafka cluster fault cut '1001|1002'
              swkafka cluster down --wipe --yes
            """,
        subcommands: [
            ClusterStartCommand.self, ClusterStatusCommand.self, ClusterScaleCommand.self, ClusterStopCommand.self,
            ClusterKillCommand.self, ClusterPauseCommand.self, ClusterResumeCommand.self, ClusterRestartCommand.self,
            ClusterFaultCommand.self, ClusterPlayCommand.self, ClusterVerifyCommand.self, ClusterDownCommand.self,
            ClusterLogsCommand.self,
            ClusterEnvCommand.self, ClusterSuperviseCommand.self,
            ClusterIDCommand.self, ClusterListEndpointsCommand.self, ClusterUnregisterCommand.self,
        ]
    )
}
