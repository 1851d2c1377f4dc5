import ArgumentParser
import KafkaClient

/// `swkafka metadata-quorum describe`: who keeps the cluster's metadata, and how far everybody is with it.
struct DescribeQuorumCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Show who keeps the cluster's metadata, and how far everybody is with it.",
        discussion: """
            JSON
              describe: {cluster_id, leader_id, leader_epoch, high_watermark, replicas: [{id, role, directory_id, \
            log_end_offset, lag, last_fetch_ms, last_caught_up_ms, endpoints}]}

            EXAMPLES
              swkafka metadata-quorum describe --bootstrap-server localhost:9092 --status
              swkafka metadata-quorum describe --bootstrap-server localhost:9092 --replication \\
                --human-readable
            """
    )

    @OptionGroup(title: "Connection") var connection: ClusterConnection
    @OptionGroup(title: "Output") var output: OutputOptions
    @Flag(help: "The leader, the high watermark, and who takes part.") var status = false
    @Flag(help: "How far each node is.") var replication = false
    @Flag(help: "Times as distances from now; only with --replication.") var humanReadable = false

    func validate() throws {
        guard status || replication else {
            throw ValidationError("One of --status or --replication must be specified with describe sub-command")
        }
        guard !(status && replication) else {
            throw ValidationError("Only one of --status or --replication should be specified with describe sub-command")
        }
        guard replication || !humanReadable else {
            throw ValidationError("The option --human-readable is only supported along with --replication")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await connection.session(clientID: MetadataQuorumCommand.clientID).administer(context) { admin in
            let quorum = try await admin.describeQuorum()
            let clusterID = try await admin.describeEndpoints(controllers: connection.usesControllers).clusterID
            let shown = MetadataQuorumOutput(quorum: quorum, clusterID: clusterID, nowMs: context.nowMs())
            try context.print(
                output.format,
                text: { status ? shown.statusText : shown.replicationText(humanReadable: humanReadable) },
                table: { status ? shown.statusText : shown.replicationTable(humanReadable, colour: $0) },
                value: { shown.value }
            )
            return .success
        }
    }
}
