import KafkaClient
import KafkaMessages
import KafkaWire

/// Carries out `describe`.
struct DescribeRunner {
    var command: DescribeCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        let target = try command.target()
        return try await ClientSession(command.connection).administer(context) { admin in
            let overview = try await overview(admin, target)
            for remark in overview.remarks { context.complain(remark + "\n") }
            switch target {
            case .cluster: try showCluster(overview)
            case .topic: try showTopic(overview)
            case .broker(let id): try showBroker(overview, id)
            }
            return .success
        }
    }

    // MARK: Questions

    private func overview(_ admin: KafkaAdmin, _ target: DescribeCommand.Target) async throws -> ClusterOverview {
        let cluster = try await admin.describeCluster()
        if case .broker(let id) = target, !cluster.brokers.contains(where: { $0.id == id }) {
            let ids = cluster.brokers.map { String($0.id) }.joined(separator: ", ")
            throw CommandFailure("swkafka describe: there is no live broker \(id).", hint: "These are: \(ids).")
        }
        var names = try await admin.listTopics().map(\.name)
        if case .topic(let name) = target {
            guard names.contains(name) else {
                let nearest = NearestWord.of(name, in: names)
                throw CommandFailure(
                    "swkafka describe: there is no topic '\(name)'.",
                    hint: nearest.map { "Did you mean '\($0)'?" } ?? "'swkafka topics --list' shows all."
                )
            }
            names = [name]
        }
        let descriptions = try await admin.describeTopics(names)
        var overview = ClusterOverview(clusterID: cluster.clusterID, brokers: [], topics: [])
        let sizes = try await sizes(admin, remarks: &overview.remarks)
        for name in names.sorted() {
            guard case .success(let topic) = descriptions[name] else { continue }
            overview.topics.append(ClusterOverview.Topic(topic, sizes: sizes.partitions))
        }
        try await lookUpMinima(admin, &overview)
        if case .topic(let name) = target, !overview.topics.isEmpty {
            overview.topics[0].settings = try await settings(admin, name)
        }
        overview.brokers = cluster.brokers.sorted { $0.id < $1.id }.map { node in
            broker(node, overview.topics, isController: node.id == cluster.controllerID, bytes: sizes.brokers[node.id])
        }
        return overview
    }

    /// Only where replicas are missing can there be fewer than the minimum.
    private func lookUpMinima(_ admin: KafkaAdmin, _ overview: inout ClusterOverview) async throws {
        let name = "min.insync.replicas"
        let wanted = overview.topics.filter { !$0.underReplicated.isEmpty }.map { ConfigResource.topic($0.name) }
        guard !wanted.isEmpty else { return }
        let found = try await admin.describeConfigs(wanted, keys: [name])
        for index in overview.topics.indices {
            guard case .success(let entries)? = found[.topic(overview.topics[index].name)] else { continue }
            let value = entries.first { $0.name == name }?.value
            overview.topics[index].minimumInSync = value.flatMap { Int($0) } ?? 1
        }
    }

    private func settings(_ admin: KafkaAdmin, _ topic: String) async throws -> [DescribedTopic.Setting] {
        guard let result = try await admin.describeConfigs([.topic(topic)])[.topic(topic)] else { return [] }
        return try result.get().filter { $0.source != .defaultConfig }.map { .init(name: $0.name, value: $0.value) }
    }

    private struct Sizes {
        var brokers: [Int32: Int64] = [:]
        /// Bytes of each replica, by broker.
        var partitions: [TopicPartition: [Int32: Int64]] = [:]
    }

    /// Sizes are a nice thing to know: a broker that does not tell them is a remark, not a failure.
    private func sizes(_ admin: KafkaAdmin, remarks: inout [String]) async throws -> Sizes {
        var sizes = Sizes()
        for (node, result) in try await admin.describeLogDirs().sorted(by: { $0.key.id < $1.key.id }) {
            guard case .success(let directories) = result else {
                if case .failure(let error) = result { remarks.append("Sizes on broker \(node.id): \(error.message)") }
                continue
            }
            for directory in directories {
                if directory.error != .none {
                    remarks.append("Directory \(directory.path) of broker \(node.id): \(directory.error.message)")
                }
                for (partition, replica) in directory.replicas where !replica.isFuture {
                    sizes.brokers[node.id, default: 0] += replica.size
                    sizes.partitions[partition, default: [:]][node.id] = replica.size
                }
            }
            if sizes.brokers[node.id] == nil { sizes.brokers[node.id] = 0 }
        }
        return sizes
    }

    private func broker(
        _ node: Node,
        _ topics: [ClusterOverview.Topic],
        isController: Bool,
        bytes: Int64?
    ) -> ClusterOverview.Broker {
        let partitions = topics.lazy.flatMap(\.partitions)
        return ClusterOverview.Broker(
            id: node.id,
            address: node.address.description,
            rack: node.rack,
            isController: isController,
            leads: partitions.count { $0.leader == node.id },
            holds: partitions.count { $0.replicas.contains(node.id) },
            bytes: bytes
        )
    }

    // MARK: Answers

    private func showCluster(_ overview: ClusterOverview) throws {
        try context.print(
            command.output.format,
            text: { DescribeOutput.clusterText(overview, colour: context.usesColour) },
            table: { DescribeOutput.clusterText(overview, colour: $0) },
            value: { DescribeOutput.value(overview) }
        )
    }

    private func showTopic(_ overview: ClusterOverview) throws {
        // overview() refuses a topic that does not exist; it can only have been deleted in between.
        guard let topic = overview.topics.first else { return }
        try context.print(
            command.output.format,
            text: { DescribeOutput.topicText(topic, colour: context.usesColour) },
            table: { DescribeOutput.topicText(topic, colour: $0) },
            value: { DescribeOutput.value(topic) }
        )
    }

    private func showBroker(_ overview: ClusterOverview, _ id: Int32) throws {
        guard let broker = overview.brokers.first(where: { $0.id == id }) else { return }
        let topics = overview.topics.compactMap { topic in
            var topic = topic
            topic.partitions.removeAll { !$0.replicas.contains(id) }
            return topic.partitions.isEmpty ? nil : topic
        }
        try context.print(
            command.output.format,
            text: { DescribeOutput.brokerText(broker, topics, colour: context.usesColour) },
            table: { DescribeOutput.brokerText(broker, topics, colour: $0) },
            value: {
                .members([
                    "broker": DescribeOutput.value(broker), "topics": .array(topics.map { DescribeOutput.value($0) }),
                ])
            }
        )
    }
}

extension ClusterOverview.Topic {
    init(_ topic: KafkaClient.TopicDescription, sizes: [TopicPartition: [Int32: Int64]]) {
        self.init(
            name: topic.name,
            id: topic.id == .zero ? nil : topic.id.description,
            isInternal: topic.isInternal,
            partitions: topic.partitions.map { partition in
                let metadata = partition.metadata
                let known = sizes[TopicPartition(topic: topic.name, partition: metadata.index)] ?? [:]
                return ClusterOverview.Partition(
                    id: metadata.index,
                    leader: metadata.leader >= 0 ? metadata.leader : nil,
                    replicas: metadata.replicas,
                    isr: metadata.inSyncReplicas,
                    offline: metadata.offlineReplicas,
                    bytes: known[metadata.leader] ?? known.values.max()
                )
            }
        )
    }
}
