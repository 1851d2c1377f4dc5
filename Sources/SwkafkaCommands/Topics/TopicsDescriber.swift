import KafkaClient
import KafkaMessages
import KafkaWire

/// `topics --describe`.
struct TopicsDescriber {
    var command: TopicsCommand
    var context: CommandContext
    var admin: KafkaAdmin

    private var filters: TopicsFilterOptions { command.filters }

    private var filtersByConfig: Bool {
        filters.topicsWithOverrides || filters.underMinIsrPartitions || filters.atMinIsrPartitions
    }

    private var filtersPartitions: Bool {
        filters.underReplicatedPartitions || filters.unavailablePartitions || filters.underMinIsrPartitions
            || filters.atMinIsrPartitions
    }

    func run() async throws -> ExitStatus {
        let described = try await topics()
        let names = described.map(\.name)
        let configs = try await configs(of: names)
        let reassignments = try await reassignments()
        let live = filters.unavailablePartitions ? Set(try await admin.describeCluster().brokers.map(\.id)) : []
        var topics: [DescribedTopic] = []
        for topic in described {
            let entries = configs[topic.name] ?? []
            var shown = DescribedTopic(topic, entries: entries, reassignments: reassignments)
            if filters.topicsWithOverrides, shown.settings.isEmpty { continue }
            if filtersPartitions {
                let minimum = entries.first { $0.name == "min.insync.replicas" }?.value.flatMap { Int($0) } ?? 1
                shown.filtered = shown.partitions.filter { isWanted($0, live: live, minimumInSync: minimum) }
            }
            topics.append(shown)
        }
        try show(topics)
        return .success
    }

    private func show(_ topics: [DescribedTopic]) throws {
        let shown = TopicsOutput.Shown(summary: !filtersPartitions, partitions: !filters.topicsWithOverrides)
        let withPartitions = filtersPartitions ? topics.filter { !$0.shownPartitions.isEmpty } : topics
        try context.print(
            command.output.format,
            text: { TopicsOutput.describeText(topics, shown: shown) },
            table: { TopicsOutput.describeTable(withPartitions, colour: $0) },
            value: { TopicsOutput.describeValue(withPartitions) }
        )
    }

    /// Whether any of the filters given matches.
    private func isWanted(_ partition: DescribedTopic.Partition, live: Set<Int32>, minimumInSync: Int) -> Bool {
        let replicas = partition.replicas.count - (partition.reassignment?.adding.count ?? 0)
        let inSync = partition.isr.count
        if filters.underReplicatedPartitions, inSync < replicas { return true }
        if filters.unavailablePartitions, partition.leader.map({ !live.contains($0) }) ?? true { return true }
        if filters.underMinIsrPartitions, partition.leader == nil || inSync < minimumInSync { return true }
        return filters.atMinIsrPartitions && inSync == minimumInSync
    }

    // MARK: Questions

    private func topics() async throws -> [KafkaClient.TopicDescription] {
        if let id = try topicID() {
            switch try await admin.describeTopics(ids: [id])[id] {
            case .success(let topic): return [topic]
            case .failure(let error) where error.brokerError == .unknownTopicId: break
            case .failure(let error): throw error
            case nil: break
            }
            if command.topics.ifExists { return [] }
            throw TopicsRunner.failure("TopicId '\(id)' does not exist as expected")
        }
        let names = try await TopicsRunner(command: command, context: context).matchingNames(admin)
        if names.isEmpty, let topic = command.topic, !command.topics.ifExists {
            throw try await TopicsRunner(command: command, context: context).missing(topic, admin)
        }
        let results = try await admin.describeTopics(
            names,
            partitionsPerPage: filters.partitionSizeLimitPerResponse
        )
        var topics: [KafkaClient.TopicDescription] = []
        for name in names {
            switch results[name] {
            case .success(let topic): topics.append(topic)
            // Deleted since it was listed.
            case .failure(let error) where error.code == .unknownTopic: continue
            case .failure(let error): throw error
            case nil: continue
            }
        }
        return topics
    }

    /// The id of `--topic-id`; the zero id counts as none.
    private func topicID() throws(CommandFailure) -> KafkaUUID? {
        guard let text = command.topics.topicId else { return nil }
        guard let id = KafkaUUID(base64: text) else {
            throw TopicsRunner.failure("'\(text)' is no topic id: 22 characters of URL-safe base64 are expected.")
        }
        if id == .zero { return nil }
        if command.topics.ifExists, command.topic != nil {
            context.complain("--topic-id is used, --topic is not.\n")
        }
        return id
    }

    private func configs(of names: [String]) async throws -> [String: [ConfigEntry]] {
        guard !names.isEmpty else { return [:] }
        var configs: [String: [ConfigEntry]] = [:]
        for (resource, result) in try await describeConfigs(of: names) {
            switch result {
            case .success(let entries): configs[resource.name] = entries
            case .failure(let error) where error.code == .unknownTopic: continue
            case .failure(let error): throw error
            }
        }
        return configs
    }

    /// A broker that does not offer the API leaves the answer shorter, unless a filter needs to know.
    private func describeConfigs(
        of names: [String]
    ) async throws(KafkaClientError) -> [ConfigResource: Result<[ConfigEntry], KafkaClientError>] {
        do {
            return try await admin.describeConfigs(names.map { .topic($0) })
        } catch  where error.code == .unsupportedByBroker && !filtersByConfig {
            context.complain("\(error.message) Configs stay empty.\n")
            return [:]
        }
    }

    /// None where the broker cannot or may not tell.
    private func reassignments() async throws -> [TopicPartition: PartitionReassignment] {
        do throws(KafkaClientError) {
            return try await admin.listPartitionReassignments()
        } catch {
            let isHarmless =
                error.code == .unsupportedByBroker || error.brokerError == .unsupportedVersion
                || error.brokerError == .clusterAuthorizationFailed
            guard isHarmless else { throw error }
            return [:]
        }
    }
}

extension DescribedTopic {
    init(
        _ topic: KafkaClient.TopicDescription,
        entries: [ConfigEntry],
        reassignments: [TopicPartition: PartitionReassignment]
    ) {
        self.init(
            name: topic.name,
            topicID: topic.id == .zero ? nil : topic.id.description,
            partitions: topic.partitions.map { partition in
                let moving = reassignments[TopicPartition(topic: topic.name, partition: partition.metadata.index)]
                return Partition(partition, moving)
            },
            settings: entries.filter { $0.source != .defaultConfig }.map { Setting(name: $0.name, value: $0.value) }
        )
    }
}

extension DescribedTopic.Partition {
    init(_ partition: PartitionDescription, _ moving: PartitionReassignment?) {
        self.init(
            id: partition.metadata.index,
            leader: partition.metadata.leader >= 0 ? partition.metadata.leader : nil,
            replicas: partition.metadata.replicas,
            isr: partition.metadata.inSyncReplicas,
            elr: partition.eligibleLeaderReplicas,
            lastKnownElr: partition.lastKnownEligibleReplicas,
            reassignment: moving.map { .init(adding: $0.addingReplicas, removing: $0.removingReplicas) }
        )
    }
}
