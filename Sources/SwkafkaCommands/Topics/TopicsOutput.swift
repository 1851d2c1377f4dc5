/// A topic as `topics --describe` shows it.
struct DescribedTopic: Equatable, Sendable {
    struct Partition: Equatable, Sendable {
        var id: Int32
        /// nil when the partition has no leader.
        var leader: Int32?
        var replicas: [Int32]
        var isr: [Int32]
        /// nil when the API used does not carry it.
        var elr: [Int32]?
        var lastKnownElr: [Int32]?
        /// nil unless the partition is being reassigned.
        var reassignment: Reassignment?
    }

    struct Reassignment: Equatable, Sendable {
        var adding: [Int32]
        var removing: [Int32]
    }

    struct Setting: Equatable, Sendable {
        var name: String
        /// nil for a secret.
        var value: String?
    }

    var name: String
    /// nil when the broker is too old to know one.
    var topicID: String?
    var partitions: [Partition]
    /// Settings that are not plain defaults, in the broker's order.
    var settings: [Setting]
    /// The partitions that filters leave; nil without filters.
    var filtered: [Partition]?

    var shownPartitions: [Partition] { filtered ?? partitions }

    /// Replicas of the first partition, without those that a reassignment is adding.
    var replicationFactor: Int {
        guard let first = partitions.first else { return 0 }
        return first.replicas.count - (first.reassignment?.adding.count ?? 0)
    }
}

/// What `topics` prints.
enum TopicsOutput {
    /// How much of a topic is shown.
    struct Shown {
        var summary = true
        var partitions = true
    }

    static func describeText(_ topics: [DescribedTopic], shown: Shown) -> String {
        var text = ""
        for topic in topics {
            if shown.summary { text += summary(topic) }
            guard shown.partitions else { continue }
            for partition in topic.shownPartitions { text += line(partition, of: topic.name) }
        }
        return text
    }

    private static func summary(_ topic: DescribedTopic) -> String {
        let id = topic.topicID.map { "\tTopicId: \($0)" } ?? ""
        let settings = topic.settings.map { "\($0.name)=\($0.value ?? "null")" }.joined(separator: ",")
        return "Topic: \(topic.name)\(id)\tPartitionCount: \(topic.partitions.count)"
            + "\tReplicationFactor: \(topic.replicationFactor)\tConfigs: \(settings)\n"
    }

    private static func line(_ partition: DescribedTopic.Partition, of topic: String) -> String {
        var line =
            "\tTopic: \(topic)\tPartition: \(partition.id)\tLeader: \(partition.leader.map(String.init) ?? "none")"
        line += "\tReplicas: \(list(partition.replicas))\tIsr: \(list(partition.isr))"
        if let reassignment = partition.reassignment {
            line += "\tAdding Replicas: \(list(reassignment.adding))\tRemoving Replicas: \(list(reassignment.removing))"
        }
        return line
            + "\tElr: \(partition.elr.map(list) ?? "N/A")\tLastKnownElr: \(partition.lastKnownElr.map(list) ?? "N/A")\n"
    }

    private static func list(_ ids: [Int32]) -> String { ids.map(String.init).joined(separator: ",") }

    static func describeValue(_ topics: [DescribedTopic]) -> DataValue {
        .array(
            topics.map { topic in
                .members([
                    "topic": .string(topic.name),
                    "topicId": .optional(topic.topicID),
                    "partitionCount": .number(topic.partitions.count),
                    "replicationFactor": .number(topic.replicationFactor),
                    "configs": .object(
                        topic.settings.map { DataValue.Member(name: $0.name, value: .optional($0.value)) }
                    ),
                    "partitions": .array(topic.shownPartitions.map(value)),
                ])
            }
        )
    }

    private static func value(_ partition: DescribedTopic.Partition) -> DataValue {
        .members([
            "partition": .number(partition.id),
            "leader": .optional(partition.leader),
            "replicas": .numbers(partition.replicas),
            "isr": .numbers(partition.isr),
            "elr": partition.elr.map { .numbers($0) } ?? .null,
            "lastKnownElr": partition.lastKnownElr.map { .numbers($0) } ?? .null,
            "addingReplicas": partition.reassignment.map { .numbers($0.adding) } ?? .null,
            "removingReplicas": partition.reassignment.map { .numbers($0.removing) } ?? .null,
        ])
    }

    static func describeTable(_ topics: [DescribedTopic], colour: Bool) -> String {
        var table = TextTable([
            .left("TOPIC"), .right("PARTITION"), .right("LEADER"), .left("REPLICAS"), .left("ISR"),
        ])
        for topic in topics {
            for partition in topic.shownPartitions {
                let isHealthy = partition.isr.count >= partition.replicas.count
                table.add([
                    .init(topic.name), .init(String(partition.id)),
                    .init(partition.leader.map(String.init) ?? "none", partition.leader == nil ? .red : nil),
                    .init(list(partition.replicas)), .init(list(partition.isr), isHealthy ? nil : .yellow),
                ])
            }
        }
        return table.text(colour: colour)
    }

    /// Names one to a line. Kafka prints one empty line when there are none.
    static func listText(_ names: [String]) -> String { names.joined(separator: "\n") + "\n" }

    static func listValue(_ names: [String]) -> DataValue {
        .array(
            names.map {
                .members(["topic": .string($0), "internal": .bool(InternalTopics.names.contains($0))])
            }
        )
    }

    static func listTable(_ names: [String], colour: Bool) -> String {
        var table = TextTable([.left("TOPIC"), .left("INTERNAL")])
        for name in names {
            table.add([.init(name), .init(InternalTopics.names.contains(name) ? "yes" : "no")])
        }
        return table.text(colour: colour)
    }
}
