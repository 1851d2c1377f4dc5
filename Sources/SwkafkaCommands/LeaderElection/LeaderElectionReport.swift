import KafkaClient
import KafkaMessages

/// What `leader-election` tells.
struct LeaderElectionReport {
    private let name: String
    private let elected: [TopicPartition]
    private let unchanged: [TopicPartition]
    private let failed: [(partition: TopicPartition, reason: String)]

    /// - Parameter isOfAll: nobody named the partitions: those without need of an election are not told.
    init(type: ElectionType, results: [TopicPartition: Result<Void, KafkaClientError>], isOfAll: Bool) {
        name = type == .preferred ? "PREFERRED" : "UNCLEAN"
        var (elected, unchanged, failed) = ([TopicPartition](), [TopicPartition](), [(TopicPartition, String)]())
        for (partition, result) in results.sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success: elected.append(partition)
            case .failure(let error) where error.brokerError == .electionNotNeeded:
                if !isOfAll { unchanged.append(partition) }
            case .failure(let error): failed.append((partition, error.message))
            }
        }
        (self.elected, self.unchanged, self.failed) = (elected, unchanged, failed)
    }

    var failures: Int { failed.count }

    var text: String {
        var text = ""
        let list = { (partitions: [TopicPartition]) in partitions.map { "\($0)" }.joined(separator: ", ") }
        if !elected.isEmpty {
            text += "Successfully completed leader election (\(name)) for partitions \(list(elected))\n"
        }
        if !unchanged.isEmpty { text += "Valid replica already elected for partitions \(list(unchanged))\n" }
        for (partition, reason) in failed {
            text += "Error completing leader election (\(name)) for partition: \(partition): \(reason)\n"
        }
        return text
    }

    private var rows: [(partition: TopicPartition, outcome: String, reason: String?)] {
        (elected.map { ($0, "elected", nil) } + unchanged.map { ($0, "unchanged", nil) }
            + failed.map { ($0.partition, "failed", $0.reason) }).sorted { $0.0 < $1.0 }
    }

    func table(colour: Bool) -> String {
        var table = TextTable([.left("TOPIC"), .right("PARTITION"), .left("OUTCOME"), .left("REASON")])
        for row in rows {
            table.add([
                TextTable.Cell(row.partition.topic), TextTable.Cell(String(row.partition.partition)),
                TextTable.Cell(row.outcome, row.reason == nil ? nil : .red), TextTable.Cell(row.reason ?? ""),
            ])
        }
        return table.text(colour: colour)
    }

    var value: DataValue {
        .array(
            rows.map { row in
                .members([
                    "topic": .string(row.partition.topic), "partition": .number(row.partition.partition),
                    "outcome": .string(row.outcome), "reason": .optional(row.reason),
                ])
            }
        )
    }
}
