/// What `describe` prints.
enum DescribeOutput {
    // MARK: Text

    static func clusterText(_ cluster: ClusterOverview, colour: Bool) -> String {
        var text = headline(cluster, colour: colour)
        text += healthText(cluster.topics, colour: colour)
        text += "\n" + brokersTable(cluster.brokers, colour: colour)
        if cluster.topics.isEmpty {
            text += "\nNo topics yet.\n"
        } else {
            text += "\n" + topicsTable(unhealthyFirst(cluster.topics), colour: colour)
        }
        return text
    }

    private static func headline(_ cluster: ClusterOverview, colour: Bool) -> String {
        let partitions = cluster.topics.map(\.partitions.count).reduce(0, +)
        let id = Paint.bold.apply("Cluster \(cluster.clusterID ?? "without an id")", colour: colour)
        return "\(id): \(counted(cluster.brokers.count, "broker")), \(counted(cluster.topics.count, "topic")), "
            + "\(counted(partitions, "partition"))\n"
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func healthText(_ topics: [ClusterOverview.Topic], colour: Bool) -> String {
        var text = ""
        for topic in topics {
            for partition in topic.offline {
                let what = "OFFLINE \(topic.name)-\(partition.id): no leader; replicas \(list(partition.replicas))\n"
                text += Paint.red.apply(what, colour: colour)
            }
        }
        for topic in topics {
            for partition in topic.underMinimum {
                let what =
                    "UNDER-MIN-ISR \(topic.name)-\(partition.id): \(partition.isr.count) in sync, "
                    + "min.insync.replicas is \(topic.minimumInSync): acks=all is refused; not in sync on "
                    + "\(list(partition.missing))\n"
                text += Paint.red.apply(what, colour: colour)
            }
        }
        for topic in topics {
            for partition in topic.underReplicated where partition.isr.count >= topic.minimumInSync {
                let rest = partition.isr.count == topic.minimumInSync ? ", at min.insync.replicas" : ""
                let what =
                    "UNDER-REPLICATED \(topic.name)-\(partition.id): not in sync on \(list(partition.missing))\(rest)\n"
                text += Paint.yellow.apply(what, colour: colour)
            }
        }
        guard text.isEmpty else { return "Unhealthy partitions: \(counts(topics))\n" + text }
        return Paint.green.apply("Every partition has a leader and all its replicas in sync.", colour: colour) + "\n"
    }

    /// How many of each kind.
    private static func counts(_ topics: [ClusterOverview.Topic]) -> String {
        let count = { (kind: (ClusterOverview.Topic) -> [ClusterOverview.Partition]) in
            topics.reduce(0) { $0 + kind($1).count }
        }
        let kinds = [
            (count(\.offline), "offline"), (count(\.underMinimum), "under min ISR"), (count(\.atMinimum), "at min ISR"),
            (count(\.underReplicated), "under-replicated"),
        ]
        return kinds.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    private static func unhealthyFirst(_ topics: [ClusterOverview.Topic]) -> [ClusterOverview.Topic] {
        topics.filter { !$0.isHealthy } + topics.filter(\.isHealthy)
    }

    private static func brokersTable(_ brokers: [ClusterOverview.Broker], colour: Bool) -> String {
        var table = TextTable([
            .right("BROKER"), .left("ADDRESS"), .left("RACK"), .right("LEADS"), .right("HOLDS"), .right("SIZE"),
            .left("ROLE"),
        ])
        for broker in brokers {
            table.add([
                .init(String(broker.id)), .init(broker.address), .init(broker.rack ?? "-"), .init(String(broker.leads)),
                .init(String(broker.holds)), .init(broker.bytes.map(ByteCount.text) ?? "?"),
                .init(broker.isController ? "controller" : "", broker.isController ? .bold : nil),
            ])
        }
        return table.text(colour: colour)
    }

    private static func topicsTable(_ topics: [ClusterOverview.Topic], colour: Bool) -> String {
        var table = TextTable([
            .left("TOPIC"), .right("PARTITIONS"), .right("REPLICAS"), .right("SIZE"), .left("HEALTH"),
        ])
        for topic in topics {
            table.add([
                .init(topic.name, topic.isInternal ? .dim : nil), .init(String(topic.partitions.count)),
                .init(String(topic.replicationFactor)), .init(topic.bytes.map(ByteCount.text) ?? "?"), health(topic),
            ])
        }
        return table.text(colour: colour)
    }

    private static func health(_ topic: ClusterOverview.Topic) -> TextTable.Cell {
        if !topic.offline.isEmpty { return .init("\(topic.offline.count) offline", .red) }
        if !topic.underMinimum.isEmpty { return .init("\(topic.underMinimum.count) under min ISR", .red) }
        if !topic.underReplicated.isEmpty {
            return .init("\(topic.underReplicated.count) under-replicated", .yellow)
        }
        return .init("ok", .green)
    }

    static func topicText(_ topic: ClusterOverview.Topic, colour: Bool) -> String {
        let name = Paint.bold.apply("Topic \(topic.name)", colour: colour)
        var text = "\(name)\(topic.id.map { " (\($0))" } ?? ""): \(counted(topic.partitions.count, "partition")), "
        text += "\(topic.replicationFactor) of each, \(topic.bytes.map(ByteCount.text) ?? "size unknown")\n"
        text += healthText([topic], colour: colour)
        text += "\n" + partitionsTable([topic], named: false, colour: colour)
        guard !topic.settings.isEmpty else { return text }
        text += "\nSettings that are not defaults:\n"
        for setting in topic.settings { text += "  \(setting.name)=\(setting.value ?? "(secret)")\n" }
        return text
    }

    static func brokerText(_ broker: ClusterOverview.Broker, _ topics: [ClusterOverview.Topic], colour: Bool) -> String
    {
        let name = Paint.bold.apply("Broker \(broker.id)", colour: colour)
        var text =
            "\(name) at \(broker.address), rack \(broker.rack ?? "-")\(broker.isController ? ", controller" : "")\n"
        text += "Leads \(counted(broker.leads, "partition")), holds \(broker.holds), "
        text += "\(broker.bytes.map(ByteCount.text) ?? "size unknown")\n"
        text += healthText(topics, colour: colour)
        guard !topics.isEmpty else { return text }
        return text + "\n" + partitionsTable(topics, named: true, colour: colour)
    }

    private static func partitionsTable(_ topics: [ClusterOverview.Topic], named: Bool, colour: Bool) -> String {
        var columns: [TextTable.Column] = [
            .right("PARTITION"), .right("LEADER"), .left("REPLICAS"), .left("ISR"), .right("SIZE"), .left("HEALTH"),
        ]
        if named { columns.insert(.left("TOPIC"), at: 0) }
        var table = TextTable(columns)
        for topic in topics {
            for partition in topic.partitions {
                var cells: [TextTable.Cell] = [
                    .init(String(partition.id)), .init(partition.leader.map(String.init) ?? "none"),
                    .init(list(partition.replicas)), .init(list(partition.isr)),
                    .init(partition.bytes.map(ByteCount.text) ?? "?"), health(partition, topic.minimumInSync),
                ]
                if named { cells.insert(.init(topic.name), at: 0) }
                table.add(cells)
            }
        }
        return table.text(colour: colour)
    }

    private static func health(_ partition: ClusterOverview.Partition, _ minimum: Int) -> TextTable.Cell {
        if partition.isOffline { return .init("offline", .red) }
        if partition.isUnderReplicated, partition.isr.count < minimum { return .init("under min ISR", .red) }
        if partition.isUnderReplicated { return .init("under-replicated", .yellow) }
        if partition.isLedElsewhere { return .init("not led by its preferred broker") }
        return .init("ok", .green)
    }

    private static func list(_ ids: [Int32]) -> String { ids.map(String.init).joined(separator: ",") }

    // MARK: Values

    static func value(_ cluster: ClusterOverview) -> DataValue {
        .members([
            "clusterId": .optional(cluster.clusterID),
            "brokers": .array(cluster.brokers.map(value)),
            "health": .members([
                "offline": .number(cluster.topics.reduce(0) { $0 + $1.offline.count }),
                "underMinIsr": .number(cluster.topics.reduce(0) { $0 + $1.underMinimum.count }),
                "atMinIsr": .number(cluster.topics.reduce(0) { $0 + $1.atMinimum.count }),
                "underReplicated": .number(cluster.topics.reduce(0) { $0 + $1.underReplicated.count }),
            ]),
            "topics": .array(unhealthyFirst(cluster.topics).map(value)),
        ])
    }

    static func value(_ broker: ClusterOverview.Broker) -> DataValue {
        .members([
            "broker": .number(broker.id), "address": .string(broker.address), "rack": .optional(broker.rack),
            "controller": .bool(broker.isController), "leads": .number(broker.leads), "holds": .number(broker.holds),
            "bytes": .optional(broker.bytes),
        ])
    }

    static func value(_ topic: ClusterOverview.Topic) -> DataValue {
        .members([
            "topic": .string(topic.name), "topicId": .optional(topic.id), "internal": .bool(topic.isInternal),
            "healthy": .bool(topic.isHealthy), "replicationFactor": .number(topic.replicationFactor),
            "bytes": .optional(topic.bytes), "partitions": .array(topic.partitions.map(value)),
            "configs": .object(topic.settings.map { .init(name: $0.name, value: .optional($0.value)) }),
        ])
    }

    private static func value(_ partition: ClusterOverview.Partition) -> DataValue {
        .members([
            "partition": .number(partition.id), "leader": .optional(partition.leader),
            "replicas": .numbers(partition.replicas), "isr": .numbers(partition.isr),
            "offline": .numbers(partition.offline), "bytes": .optional(partition.bytes),
        ])
    }
}

/// Sizes for people.
enum ByteCount {
    /// Up to four digits and a binary unit: `812 B`, `1.5 KiB`, `23 GiB`.
    static func text(_ bytes: Int64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard bytes >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes)
        var unit = -1
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int(value.rounded())) \(units[unit])"
    }
}
