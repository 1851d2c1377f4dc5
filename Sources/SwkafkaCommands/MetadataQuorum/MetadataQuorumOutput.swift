import KafkaClient
import KafkaWire

/// What `metadata-quorum` prints.
struct MetadataQuorumOutput {
    var quorum: QuorumDescription
    var clusterID: String
    var nowMs: Int64

    // MARK: Status

    var statusText: String {
        let leader = quorum.voters.first { $0.id == quorum.leaderID }
        let followers = quorum.voters.filter { $0.id != quorum.leaderID }
        // The slowest voter; a leader alone is as far as itself.
        let slowest = followers.min { $0.logEndOffset < $1.logEndOffset } ?? leader
        let lag = (leader?.logEndOffset ?? 0) - (slowest?.logEndOffset ?? 0)
        let lagMs: Int64 =
            if let leader, let slowest, leader.id != slowest.id, leader.lastCaughtUpMs >= 0, slowest.lastCaughtUpMs >= 0
            {
                leader.lastCaughtUpMs - slowest.lastCaughtUpMs
            } else {
                lag == 0 ? 0 : -1
            }
        return """
            ClusterId:              \(clusterID)
            LeaderId:               \(quorum.leaderID)
            LeaderEpoch:            \(quorum.leaderEpoch)
            HighWatermark:          \(quorum.highWatermark)
            MaxFollowerLag:         \(lag)
            MaxFollowerLagTimeMs:   \(lagMs)
            CurrentVoters:          \(list(quorum.voters, withEndpoints: true))
            CurrentObservers:       \(list(quorum.observers, withEndpoints: false))

            """
    }

    private func list(_ replicas: [QuorumReplica], withEndpoints: Bool) -> String {
        let items = replicas.map { replica in
            let directory = replica.directoryID == .zero ? "null" : "\"\(replica.directoryID)\""
            var item = "{\"id\": \(replica.id), \"directoryId\": \(directory)"
            if withEndpoints, let endpoints = quorum.endpoints[replica.id], !endpoints.isEmpty {
                item += ", \"endpoints\": [" + endpoints.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
            }
            return item + "}"
        }
        return "[" + items.joined(separator: ", ") + "]"
    }

    // MARK: Replication

    private static let titles = [
        "NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status",
    ]

    /// Every cell padded to its column and followed by a tab, the last one too.
    func replicationText(humanReadable: Bool) -> String {
        let rows = [Self.titles] + rows(humanReadable)
        let widths = Self.titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padded(to: $1) + "\t" }.joined() + "\n"
        }
        .joined()
    }

    func replicationTable(_ humanReadable: Bool, colour: Bool) -> String {
        var table = TextTable(Self.titles.map { .left($0) })
        for row in rows(humanReadable) { table.add(row.map { .init($0) }) }
        return table.text(colour: colour)
    }

    private func rows(_ humanReadable: Bool) -> [[String]] {
        ranked.map { replica, role in
            [
                "\(replica.id)", "\(replica.directoryID)", "\(replica.logEndOffset)", "\(lag(replica))",
                time(replica.lastFetchMs, humanReadable), time(replica.lastCaughtUpMs, humanReadable), role,
            ]
        }
    }

    /// The leader, then those who vote, then those who only read.
    private var ranked: [(QuorumReplica, String)] {
        quorum.voters.filter { $0.id == quorum.leaderID }.map { ($0, "Leader") }
            + quorum.voters.filter { $0.id != quorum.leaderID }.map { ($0, "Follower") }
            + quorum.observers.map { ($0, "Observer") }
    }

    private func lag(_ replica: QuorumReplica) -> Int64 {
        let leader = quorum.voters.first { $0.id == quorum.leaderID }
        return (leader?.logEndOffset ?? replica.logEndOffset) - replica.logEndOffset
    }

    private func time(_ ms: Int64, _ humanReadable: Bool) -> String {
        guard humanReadable else { return "\(ms)" }
        return ms == -1 ? "-1" : "\(max(0, nowMs - ms)) ms ago"
    }

    var value: DataValue {
        .members([
            "cluster_id": .string(clusterID), "leader_id": .number(quorum.leaderID),
            "leader_epoch": .number(quorum.leaderEpoch), "high_watermark": .int(quorum.highWatermark),
            "replicas": .array(
                ranked.map { replica, role in
                    .members([
                        "id": .number(replica.id), "role": .string(role.lowercased()),
                        "directory_id": replica.directoryID == .zero ? .null : .string("\(replica.directoryID)"),
                        "log_end_offset": .int(replica.logEndOffset), "lag": .int(lag(replica)),
                        "last_fetch_ms": .int(replica.lastFetchMs), "last_caught_up_ms": .int(replica.lastCaughtUpMs),
                        "endpoints": .strings(quorum.endpoints[replica.id] ?? []),
                    ])
                }
            ),
        ])
    }
}
