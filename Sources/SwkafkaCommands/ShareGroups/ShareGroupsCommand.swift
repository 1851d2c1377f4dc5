import ArgumentParser

/// `swkafka share-groups`: what share groups there are, how far they have read, and how to move them.
struct ShareGroupsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share-groups",
        abstract: "List, describe, reset and delete share groups.",
        discussion: """
            The members of a share group (KIP-932) share partitions record by record. They need Apache Kafka 4.1 or newer \
            with the feature share.version at 1; the bundled broker has no share groups.

            Give exactly one of --list, --describe, --reset-offsets, --delete and --delete-offsets.

            --describe shows from where the group reads each partition, unless --members or --state is given: what lies \
            before START-OFFSET is settled. Brokers before Kafka 4.2 do not tell the LAG.

            --reset-offsets needs --execute, or --dry-run to show what it would do; a group without members; the topics \
            (--topic, as orders or orders:0,1, may be repeated, or --all-topics); and one place to go to: --to-earliest, \
            --to-latest, --to-current, --to-offset, --shift-by, --to-datetime, --by-duration or --from-file, as \
            consumer-groups has them. --export prints lines topic,partition,offset, which --from-file reads.

            On a terminal --delete, --delete-offsets and --reset-offsets --execute ask first, unless --yes is given.

            JSON
              --list: [{group, type, state, protocol}].

            --describe: [{group, state, coordinator: {id, host, port}, partitions: [{topic, partition, startOffset, lag, \
            leaderEpoch}]}].

            --describe --members: [{group, state, coordinator: {id, host, port}, members: [{consumerId, host, clientId, \
            rack, epoch, subscription, assignment: [{topic, partition}]}]}].

            --describe --state: [{group, state, assignor, coordinator: {id, host, port}, groupEpoch, assignmentEpoch, \
            members}].

            --reset-offsets: [{group, topic, partition, newOffset, executed}].

            --delete-offsets: [{topic, error}].

            EXAMPLES
              swkafka share-groups --bootstrap-server localhost:9092 --list --state
              swkafka share-groups --bootstrap-server localhost:9092 --describe --group workers
              swkafka share-groups --bootstrap-server localhost:9092 --describe --all-groups \\
                --members --verbose
              swkafka share-groups --bootstrap-server localhost:9092 --reset-offsets \\
                --group workers --topic jobs --to-earliest --execute
              swkafka share-groups --bootstrap-server localhost:9092 --delete-offsets \\
                --group workers --topic jobs
              swkafka share-groups --bootstrap-server localhost:9092 --delete --group workers

            DIFFERENCES
              Errors go to standard error, and the exit status is 1 if anything failed. Groups, topics and partitions come \
            sorted. --describe, --delete and --reset-offsets print as Kafka 4.2 does. --shift-by and --by-duration are not \
            in Kafka's script, --to-current, --to-offset, --from-file and --export only in the newest.
            """
    )

    static let repeatable: Set<String> = ["group", "topic"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions
    @OptionGroup(title: "Action") var actions: ShareGroupsActionOptions
    @OptionGroup(title: "Which groups and topics") var selection: ShareGroupsSelectionOptions
    @OptionGroup(title: "What --list and --describe show") var view: ShareGroupsViewOptions
    @OptionGroup(title: "Where --reset-offsets goes to") var reset: GroupsResetOptions

    func validate() throws { try ShareGroupsRules.check(self) }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await ShareGroupsRunner(command: self, context: context).run()
    }
}
