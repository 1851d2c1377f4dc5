import ArgumentParser

/// The command above all others: it only names its subcommands.
struct Swkafka: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swkafka",
        abstract: "A Kafka broker, and every tool to use and look into one.",
        discussion: """
            An option may be shortened to what no other one begins with: --boot for --bootstrap-server.

            EXAMPLES
              Start a broker that forgets everything when it stops:
                swkafka broker --ephemeral
              Create a topic, write two lines to it, read them back:
                swkafka topics --bootstrap-server localhost:9092 --create --topic t
                printf 'hello\\nworld\\n' |
                  swkafka console-producer --bootstrap-server localhost:9092 --topic t
                swkafka console-consumer --bootstrap-server localhost:9092 --topic t \\
                  --from-beginning --max-messages 2
              See the whole cluster at once:
                swkafka describe --bootstrap-server localhost:9092
            """,
        version: "0.1.0",
        subcommands: [
            BrokerCommand.self, TopicsCommand.self, ConsoleProducerCommand.self, ConsoleConsumerCommand.self,
            ConsumerGroupsCommand.self, GroupsCommand.self, TransactionsCommand.self, DescribeCommand.self,
            ConfigsCommand.self, GetOffsetsCommand.self, DeleteRecordsCommand.self, BrokerAPIVersionsCommand.self,
            ProducerPerfTestCommand.self, ConsumerPerfTestCommand.self, EndToEndLatencyCommand.self,
            VerifiableProducerCommand.self, VerifiableConsumerCommand.self, LogDirsCommand.self,
            LeaderElectionCommand.self, ServerStartCommand.self,
            DumpLogCommand.self, LogCommand.self, StorageCommand.self, ClusterCommand.self, MetadataQuorumCommand.self,
            ReassignPartitionsCommand.self, FeaturesCommand.self, AclsCommand.self, ClientMetricsCommand.self,
            DelegationTokensCommand.self, ServerStopCommand.self, StreamsApplicationResetCommand.self,
            ReplicaVerificationCommand.self, ShareGroupsCommand.self, ConsoleShareConsumerCommand.self,
            LinksCommand.self, ProfileCommand.self, CompletionCommand.self, ShellCommand.self, RunCommand.self,
            ExpectCommand.self, DoctorCommand.self,
        ]
    )
}
