import KafkaClient
import KafkaMessages

/// Carries out `delete-records`.
struct DeleteRecordsRunner {
    var command: DeleteRecordsCommand
    var context: CommandContext

    func run(_ targets: [DeleteRecordsTarget]) async throws -> ExitStatus {
        try await ClientSession(command.connection).administer(context) { admin in
            try context.output.write(DeleteRecordsOutput.heading)
            try context.output.flush()
            let (results, missing) = try await delete(admin, targets)
            try context.output.write(DeleteRecordsOutput.completed)
            var status = ExitStatus.success
            for target in targets {
                let outcome = outcome(
                    results[target.topicPartition],
                    isMissing: missing.contains(target.topicPartition)
                )
                if case .error = outcome { status = .failure }
                try context.output.write(DeleteRecordsOutput.line(target, outcome))
            }
            return status
        }
    }

    /// Asks for what exists; what does not is not asked for, since clients would retry it for a minute.
    private func delete(
        _ admin: KafkaAdmin,
        _ targets: [DeleteRecordsTarget]
    ) async throws -> ([TopicPartition: Result<Int64, KafkaClientError>], missing: Set<TopicPartition>) {
        var offsets: [TopicPartition: Int64] = [:]
        for target in targets { offsets[target.topicPartition] = target.offset }
        guard !offsets.isEmpty else { return ([:], []) }
        var existing: Set<TopicPartition> = []
        for (name, result) in try await admin.describeTopics(Set(targets.map(\.topic)).sorted()) {
            switch result {
            case .success(let topic):
                for partition in topic.partitions {
                    existing.insert(TopicPartition(topic: name, partition: partition.metadata.index))
                }
            case .failure(let error) where error.code == .unknownTopic: continue
            case .failure(let error): throw error
            }
        }
        let missing = Set(offsets.keys).subtracting(existing)
        let present = offsets.filter { existing.contains($0.key) }
        guard !present.isEmpty else { return ([:], missing) }
        return (try await admin.deleteRecords(below: present), missing)
    }

    private func outcome(
        _ result: Result<Int64, KafkaClientError>?,
        isMissing: Bool
    ) -> DeleteRecordsOutput.Outcome {
        switch result {
        case .success(let lowWatermark): return .lowWatermark(lowWatermark)
        case .failure(let error): return .error(Self.exception(error))
        case nil:
            let error = ErrorCode.unknownTopicOrPartition
            let reason = isMissing ? error.message : "The broker did not answer for it."
            return .error("org.apache.kafka.common.errors.\(error.exceptionName): \(reason)")
        }
    }

    /// As Kafka's script shows an error: the class of the exception and its words.
    private static func exception(_ error: KafkaClientError) -> String {
        guard let code = error.brokerError else { return error.message }
        return "org.apache.kafka.common.errors.\(code.exceptionName): \(code.message)"
    }
}

extension DeleteRecordsTarget {
    var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
}
