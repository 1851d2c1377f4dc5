import KafkaClient

/// Carries out `get-offsets`.
struct GetOffsetsRunner {
    var command: GetOffsetsCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        var session = try ClientSession(command.connection)
        session.properties["client.id"] = "GetOffsetShell"
        let filter = try command.filter()
        let time = try OffsetTime(command.time)
        return try await session.administer(context) { admin in
            let partitions = try await partitions(admin, filter)
            guard !partitions.isEmpty else {
                throw CommandFailure(
                    "Error occurred: No partition matches the filters.",
                    hint: "'swkafka topics --list' shows which topics there are."
                )
            }
            return try await show(admin, partitions, time)
        }
    }

    private func partitions(_ admin: KafkaAdmin, _ filter: PartitionFilter) async throws -> [TopicPartition] {
        let excluded = command.excludeInternalTopics ? InternalTopics.names : []
        let names = try await admin.listTopics().map(\.name)
            .filter { !excluded.contains($0) && filter.matches(topic: $0) }
        var partitions: [TopicPartition] = []
        for (name, result) in try await admin.describeTopics(names) {
            for partition in try result.get().partitions
            where filter.matches(topic: name, partition: partition.metadata.index) {
                partitions.append(TopicPartition(topic: name, partition: partition.metadata.index))
            }
        }
        return partitions
    }

    private func show(_ admin: KafkaAdmin, _ partitions: [TopicPartition], _ time: OffsetTime) async throws
        -> ExitStatus
    {
        guard let spec = time.spec else {
            for partition in partitions.sorted() {
                complain(partition, "there is no such special time; -1 to -5 have a meaning")
            }
            return .failure
        }
        let results = try await admin.listOffsets(
            Dictionary(partitions.map { ($0, spec) }, uniquingKeysWith: { first, _ in first })
        )
        var found: [FoundOffset] = []
        var status = ExitStatus.success
        for (partition, result) in results.sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success(let answer):
                // A partition without such an offset is left out, as in Kafka.
                guard let offset = answer.offset else { continue }
                found.append(FoundOffset(topic: partition.topic, partition: partition.partition, offset: offset))
            case .failure(let error):
                complain(partition, error.message)
                status = .failure
            }
        }
        found = GetOffsetsOutput.sorted(found)
        try context.print(
            command.output.format,
            text: { GetOffsetsOutput.text(found) },
            table: { GetOffsetsOutput.table(found, colour: $0) },
            value: { GetOffsetsOutput.value(found) }
        )
        return status
    }

    private func complain(_ partition: TopicPartition, _ reason: String) {
        context.complain("Skip getting offsets for topic-partition \(partition) due to error: \(reason)\n")
    }
}

extension OffsetTime {
    /// nil for a negative number without a meaning.
    var spec: OffsetSpec? {
        switch timestamp {
        case -1: .latest
        case -2: .earliest
        case -3: .maxTimestamp
        case -4: .earliestLocal
        case -5: .latestTiered
        case 0...: .timestamp(timestamp)
        default: nil
        }
    }
}
