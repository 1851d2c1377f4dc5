import KafkaMessages

/// What a cluster's own description says about its health.
enum ClusterHealth {
    /// Only what is not as it should be.
    static func findings(_ metadata: MetadataResponse, subject: String) -> [Checkup] {
        var findings: [Checkup] = []
        if metadata.controllerId < 0 {
            findings.append(
                .bad(
                    "controller",
                    subject,
                    "none is known",
                    Diagnosis(
                        "The cluster has no active controller: nothing can be created, and no leader be elected.",
                        remedy: "See the logs of the controllers, and 'swkafka metadata-quorum describe --status'."
                    )
                )
            )
        }
        let live = Set(metadata.brokers.map(\.nodeId))
        let partitions = metadata.topics.flatMap { topic in topic.partitions.map { (topic.name ?? "", $0) } }
        let dead = Set(partitions.flatMap { $0.1.replicaNodes }).subtracting(live).sorted()
        if !dead.isEmpty {
            let list = dead.map { String($0) }.joined(separator: ", ")
            findings.append(
                .bad(
                    "brokers",
                    subject,
                    "replicas are assigned to \(list)",
                    Diagnosis(
                        dead.count == 1
                            ? "Broker \(list) is down: it has replicas and does not take part."
                            : "Brokers \(list) are down: they have replicas and do not take part.",
                        remedy: "Start \(dead.count == 1 ? "it" : "them") again, or move the replicas with "
                            + "'swkafka reassign-partitions'."
                    ),
                    .warning
                )
            )
        }
        let leaderless = partitions.filter { $0.1.leaderId < 0 }
        if let first = leaderless.first {
            findings.append(
                .bad(
                    "leaders",
                    subject,
                    "\(leaderless.count) of \(partitions.count) partitions have none",
                    Diagnosis(
                        "\(leaderless.count) partition\(leaderless.count == 1 ? "" : "s"), \(first.0)-"
                            + "\(first.1.partitionIndex) among them, can be neither written nor read: no leader.",
                        remedy: "Start the brokers that hold them: 'swkafka topics --describe "
                            + "--unavailable-partitions' lists both."
                    )
                )
            )
        }
        let behind = partitions.count { $0.1.isrNodes.count < $0.1.replicaNodes.count }
        if behind > 0 {
            findings.append(
                .bad(
                    "replicas",
                    subject,
                    "\(behind) of \(partitions.count) partitions are under-replicated",
                    Diagnosis(
                        "\(behind) partition\(behind == 1 ? " has" : "s have") fewer copies in sync than wanted.",
                        remedy: "'swkafka topics --describe --under-replicated-partitions' lists them."
                    ),
                    .warning
                )
            )
        }
        return findings
    }
}
