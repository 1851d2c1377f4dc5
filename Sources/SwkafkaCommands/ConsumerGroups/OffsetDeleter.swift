import KafkaClient
import KafkaMessages

/// Carries out `consumer-groups --delete-offsets`.
struct OffsetDeleter {
    typealias Row = (topic: String, partition: Int32?, error: String?)

    var command: ConsumerGroupsCommand
    var context: CommandContext
    var admin: KafkaAdmin

    private var timeout: Duration { .milliseconds(command.selection.timeout) }

    func run() async throws -> ExitStatus {
        guard let group = command.selection.group.first else { return .usage }
        let selections = try command.selection.topic.map { text in try TopicSelection(text) }
        var partitions: Set<TopicPartition> = []
        var rows: [Row] = []
        for selection in selections {
            for partition in selection.partitions ?? [] {
                partitions.insert(TopicPartition(topic: selection.topic, partition: partition))
            }
        }
        let whole = selections.filter { $0.partitions == nil }.map(\.topic)
        for (name, result) in try await admin.describeTopics(whole, timeout: timeout) {
            switch result {
            case .success(let topic):
                for partition in topic.partitions {
                    partitions.insert(TopicPartition(topic: name, partition: partition.metadata.index))
                }
            case .failure(let error): rows.append((name, nil, JavaExceptionText.text(error)))
            }
        }
        if !partitions.isEmpty {
            try Confirmation.ask(
                "Delete the offsets of group \(group) for \(Confirmation.count(partitions.count, "partition"))",
                isGiven: command.actions.yes,
                context
            )
        }
        let problem: String?
        do throws(KafkaClientError) {
            let results = try await admin.deleteGroupOffsets(partitions.sorted(), of: group, timeout: timeout)
            let failures = results.values.contains { if case .failure = $0 { true } else { false } }
            problem = failures ? "Encounter some partition level error, see the follow-up details:" : nil
            for (partition, result) in results {
                var error: String?
                if case .failure(let failure) = result { error = JavaExceptionText.text(failure) }
                rows.append((partition.topic, partition.partition, error))
            }
        } catch {
            guard error.brokerError != nil else { throw error }
            problem = Self.reason(error, group)
            for partition in partitions {
                rows.append((partition.topic, partition.partition, JavaExceptionText.text(error)))
            }
        }
        if let problem {
            context.complain("\nError: \(problem)\n")
        } else {
            let topics = command.selection.topic.joined(separator: ", ")
            try context.output.write("Request succeed for deleting offsets with topic \(topics) group \(group)\n")
        }
        rows.sort { ($0.topic, $0.partition ?? -1) < ($1.topic, $1.partition ?? -1) }
        try context.output.write(ResetOutput.deletions(rows))
        return rows.contains { $0.error != nil } || problem != nil ? .failure : .success
    }

    private static func reason(_ error: KafkaClientError, _ group: String) -> String {
        switch error.brokerError {
        case .groupIdNotFound: "'\(group)' does not exist."
        case .invalidGroupId: "'\(group)' is no valid group id."
        case .groupAuthorizationFailed: "Access to group '\(group)' is not authorized."
        case .nonEmptyGroup: "Group '\(group)' has members, so its offsets cannot be deleted."
        default: error.message
        }
    }
}
