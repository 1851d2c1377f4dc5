import KafkaClient

/// Descriptions of groups as trees and tables, with more than Kafka's text has.
enum GroupDescriptionData {
    // MARK: Offsets

    static func offsets(_ reports: [GroupReport], nowMs: Int64) -> DataValue {
        .array(
            reports.map { report in
                group(
                    report.description,
                    [
                        DataValue.Member(
                            name: "partitions",
                            value: .array(report.partitions.map { partition($0, nowMs) })
                        )
                    ]
                )
            }
        )
    }

    private static func partition(_ row: PartitionLag, _ nowMs: Int64) -> DataValue {
        .members([
            "topic": .string(row.partition.topic), "partition": .number(row.partition.partition),
            "currentOffset": .optional(row.committed?.offset), "logEndOffset": .optional(row.end),
            "lag": .optional(row.lag), "lagSeconds": .optional(row.lagSeconds(nowMs: nowMs)),
            "leaderEpoch": .optional(row.committed?.leaderEpoch), "metadata": .optional(row.committed?.metadata),
            "consumerId": .optional(row.owner?.id), "host": .optional(row.owner?.host),
            "clientId": .optional(row.owner?.clientID),
        ])
    }

    static func offsetsTable(_ reports: [GroupReport], nowMs: Int64, colour: Bool) -> String {
        var table = TextTable([
            .left("GROUP"), .left("TOPIC"), .right("PARTITION"), .right("CURRENT-OFFSET"), .right("LOG-END-OFFSET"),
            .right("LAG"), .right("LAG-TIME"), .left("CLIENT-ID"), .left("HOST"), .left("CONSUMER-ID"),
        ])
        for report in reports {
            for row in report.partitions {
                let seconds = row.lagSeconds(nowMs: nowMs)
                table.add([
                    .init(report.id), .init(row.partition.topic), .init(String(row.partition.partition)),
                    .init(row.committed.map { String($0.offset) } ?? "-"), .init(row.end.map { String($0) } ?? "-"),
                    .init(row.lag.map { String($0) } ?? "-", (row.lag ?? 0) > 0 ? .yellow : nil),
                    .init(seconds.map(age) ?? "-"), .init(row.owner?.clientID ?? "-"), .init(row.owner?.host ?? "-"),
                    .init(row.owner?.id ?? "-", .dim),
                ])
            }
        }
        return table.text(colour: colour)
    }

    /// A time as people say it, in at most two units: `0s`, `59s`, `3m 20s`, `2h 5m`, `4d 1h`.
    static func age(_ seconds: Int64) -> String {
        let units: [(name: String, length: Int64)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.length }) else { return "0s" }
        var text = "\(seconds / units[first].length)\(units[first].name)"
        if first + 1 < units.count {
            let rest = seconds % units[first].length / units[first + 1].length
            if rest > 0 { text += " \(rest)\(units[first + 1].name)" }
        }
        return text
    }

    // MARK: Members

    static func members(_ reports: [GroupReport]) -> DataValue {
        .array(
            reports.map { report in
                let members = report.description.members.sorted { $0.id < $1.id }.map(member)
                return group(report.description, [DataValue.Member(name: "members", value: .array(members))])
            }
        )
    }

    private static func member(_ member: GroupMemberDescription) -> DataValue {
        var fields: [DataValue.Member] = [
            .init(name: "consumerId", value: .string(member.id)),
            .init(name: "groupInstanceId", value: .optional(member.instanceID)),
            .init(name: "host", value: .string(member.host)), .init(name: "clientId", value: .string(member.clientID)),
            .init(name: "assignment", value: assignment(member.assignment)),
        ]
        if let epoch = member.epoch {
            fields.append(.init(name: "epoch", value: .number(epoch)))
            fields.append(.init(name: "targetAssignment", value: assignment(member.targetAssignment)))
        }
        if let isUpgraded = member.isUpgraded { fields.append(.init(name: "upgraded", value: .bool(isUpgraded))) }
        return .object(fields)
    }

    private static func assignment(_ partitions: [TopicPartition]?) -> DataValue {
        guard let partitions else { return .null }
        return .array(
            partitions.sorted().map {
                .members(["topic": .string($0.topic), "partition": .number($0.partition)])
            }
        )
    }

    static func membersTable(_ reports: [GroupReport], colour: Bool) -> String {
        var table = TextTable([
            .left("GROUP"), .left("CLIENT-ID"), .left("HOST"), .left("INSTANCE-ID"), .right("PARTITIONS"),
            .left("ASSIGNMENT"), .left("CONSUMER-ID"),
        ])
        for report in reports {
            for member in report.description.members.sorted(by: { $0.id < $1.id }) {
                table.add([
                    .init(report.id), .init(member.clientID), .init(member.host), .init(member.instanceID ?? "-"),
                    .init(member.assignment.map { String($0.count) } ?? "-"),
                    .init(GroupDescriptionText.assignment(member.assignment)), .init(member.id, .dim),
                ])
            }
        }
        return table.text(colour: colour)
    }

    // MARK: State

    static func states(_ reports: [GroupReport]) -> DataValue {
        .array(
            reports.map { report in
                let description = report.description
                return group(
                    description,
                    [
                        .init(name: "groupEpoch", value: .optional(description.groupEpoch)),
                        .init(name: "targetAssignmentEpoch", value: .optional(description.targetAssignmentEpoch)),
                        .init(name: "members", value: .number(description.members.count)),
                    ]
                )
            }
        )
    }

    static func statesTable(_ reports: [GroupReport], colour: Bool) -> String {
        var table = TextTable([
            .left("GROUP"), .left("TYPE"), .left("STATE"), .left("STRATEGY"), .right("MEMBERS"), .left("COORDINATOR"),
        ])
        for report in reports {
            let group = report.description
            table.add([
                .init(group.id), .init(group.type.rawValue), .init(group.state.rawValue, group.state.paint),
                .init(group.assignor.isEmpty ? "-" : group.assignor), .init(String(group.members.count)),
                .init("\(group.coordinator.address) (\(group.coordinator.id))"),
            ])
        }
        return table.text(colour: colour)
    }

    /// What every description of a group begins with.
    private static func group(_ group: GroupDescription, _ more: [DataValue.Member]) -> DataValue {
        .object(
            [
                .init(name: "group", value: .string(group.id)),
                .init(name: "type", value: .string(group.type.rawValue)),
                .init(name: "state", value: .string(group.state.rawValue)),
                .init(name: "assignmentStrategy", value: .optional(group.assignor.isEmpty ? nil : group.assignor)),
                .init(
                    name: "coordinator",
                    value: .members([
                        "id": .number(group.coordinator.id), "host": .string(group.coordinator.host),
                        "port": .number(group.coordinator.port),
                    ])
                ),
            ] + more
        )
    }
}
