import KafkaClient

/// What `--verify` and `--list` print of moves between brokers.
enum ReassignmentStatus {
    /// - Parameters:
    ///   - current: who holds the partitions now; nobody when there is no such partition.
    static func verification(
        _ targets: [TopicPartition: [Int32]],
        ongoing: [TopicPartition: PartitionReassignment],
        current: [TopicPartition: [Int32]]
    ) -> String {
        var text = "Status of partition reassignment:\n"
        for (partition, replicas) in targets.sorted(by: { $0.key < $1.key }) {
            let present = current[partition] ?? []
            if ongoing[partition] != nil {
                text += "Reassignment of partition \(partition) is still in progress.\n"
            } else if present == replicas {
                text += "Reassignment of partition \(partition) is completed.\n"
            } else {
                text +=
                    "There is no active reassignment of partition \(partition), but replica set is "
                    + "\(ReassignmentPlan.list(present)) rather than \(ReassignmentPlan.list(replicas)).\n"
            }
        }
        return text
    }

    static func list(_ ongoing: [TopicPartition: PartitionReassignment]) -> String {
        guard !ongoing.isEmpty else { return "No partition reassignments found.\n" }
        var text = "Current partition reassignments:\n"
        for (partition, move) in ongoing.sorted(by: { $0.key < $1.key }) {
            let part = { (name: String, brokers: [Int32]) in
                brokers.isEmpty ? "" : " \(name): \(ReassignmentPlan.list(brokers))."
            }
            text +=
                "\(partition):" + part("replicas", move.replicas) + part("adding", move.addingReplicas)
                + part("removing", move.removingReplicas) + "\n"
        }
        return text
    }

    static func table(_ ongoing: [TopicPartition: PartitionReassignment], colour: Bool) -> String {
        var table = TextTable([
            .left("TOPIC"), .right("PARTITION"), .left("REPLICAS"), .left("ADDING"), .left("REMOVING"),
        ])
        for (partition, move) in ongoing.sorted(by: { $0.key < $1.key }) {
            table.add(
                [
                    partition.topic, "\(partition.partition)", ReassignmentPlan.list(move.replicas),
                    ReassignmentPlan.list(move.addingReplicas), ReassignmentPlan.list(move.removingReplicas),
                ].map { TextTable.Cell($0) }
            )
        }
        return table.text(colour: colour)
    }

    static func value(_ ongoing: [TopicPartition: PartitionReassignment]) -> DataValue {
        .array(
            ongoing.sorted { $0.key < $1.key }.map { partition, move in
                .members([
                    "topic": .string(partition.topic), "partition": .number(partition.partition),
                    "replicas": .numbers(move.replicas), "addingReplicas": .numbers(move.addingReplicas),
                    "removingReplicas": .numbers(move.removingReplicas),
                ])
            }
        )
    }
}
