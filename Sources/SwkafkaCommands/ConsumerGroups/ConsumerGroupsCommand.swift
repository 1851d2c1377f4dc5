import ArgumentParser

/// `swkafka consumer-groups`: what groups there are, how far they have read, and how to move them.
struct ConsumerGroupsCommand: WatchableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consumer-groups",
        abstract: "List, describe, reset and delete consumer groups.",
        discussion: """
            Give exactly one of --list, --describe, --reset-offsets, --delete, --delete-offsets and --validate-regex.

            --describe shows offsets and lag unless --members or --state is given. With --output table, json or yaml it \
            also tells the lag in seconds: the age of the record that the group will read next. --watch repeats the \
            description until Ctrl-C.

            --reset-offsets shows what it would do; --execute does it. On a terminal it asks first, as --delete and \
            --delete-offsets do, unless --yes is given. It needs a group without members, the topics \
            (--topic, as orders or orders:0,1, may be repeated, or --all-topics for all that the group has offsets \
            for), and one place to go to: --to-earliest, --to-latest, --to-current, --to-offset, --shift-by, \
            --to-datetime (2026-01-31T12:00:00.000, with Z, +01 or +01:00 after it; UTC without), --by-duration (P1DT2H, \
            back from now), or --from-file. --export prints lines topic,partition,offset, with the group before them \
            when there is not exactly one --group: --from-file reads them.

            JSON
              --list: [{group, type, state, protocol}].

            --describe: [{group, type, state, assignmentStrategy, coordinator: {id, host, port}, partitions: \
            [{topic, partition, currentOffset, logEndOffset, lag, lagSeconds, leaderEpoch, metadata, consumerId, \
            host, clientId}]}].

            --describe --members: [{group, type, state, assignmentStrategy, coordinator: {id, host, port}, members: \
            [{consumerId, groupInstanceId, host, clientId, assignment: [{topic, partition}]}]}], and with the \
            protocol "consumer" also epoch, targetAssignment and upgraded of each member.

            --describe --state: [{group, type, state, assignmentStrategy, coordinator: {id, host, port}, groupEpoch, \
            targetAssignmentEpoch, members}].

            --reset-offsets: [{group, topic, partition, newOffset, executed}].

            EXAMPLES
              swkafka consumer-groups --bootstrap-server localhost:9092 --list --state
              swkafka consumer-groups --bootstrap-server localhost:9092 --describe --group billing
              swkafka consumer-groups --bootstrap-server localhost:9092 --describe --all-groups \\
                --output table --watch 5
              swkafka consumer-groups --bootstrap-server localhost:9092 --reset-offsets \\
                --group billing --topic orders:0,1 --shift-by -10 --execute
              swkafka consumer-groups --bootstrap-server localhost:9092 --reset-offsets \\
                --group billing --all-topics --to-current --export > saved.csv
              swkafka consumer-groups --bootstrap-server localhost:9092 --reset-offsets \\
                --group billing --from-file saved.csv --execute
              swkafka consumer-groups --bootstrap-server localhost:9092 --delete --group billing

            DIFFERENCES
              Errors go to standard error, and the exit status is 1 if anything failed; Kafka's script prints them on \
            standard output and says 0. Groups, topics and partitions come sorted. A partition that does not exist is \
            reported at once. --verbose prints the columns of Kafka 4.0.
            """
    )

    static let repeatable: Set<String> = ["group", "topic"]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Output") var watching: WatchOptions
    @OptionGroup(title: "Action") var actions: GroupsActionOptions
    @OptionGroup(title: "Which groups and topics") var selection: GroupsSelectionOptions
    @OptionGroup(title: "What --list and --describe show") var view: GroupsViewOptions
    @OptionGroup(title: "Where --reset-offsets goes to") var reset: GroupsResetOptions

    func validate() throws { try ConsumerGroupsRules.check(self) }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        if let expression = actions.validateRegex {
            return try GroupsRegex.validate(expression, context)
        }
        return try await ConsumerGroupsRunner(command: self, context: context).run()
    }
}
