import KafkaClient

/// Share groups as trees and tables.
enum ShareGroupsData {
    // MARK: Trees

    static func offsets(_ reports: [ShareGroupReport]) -> DataValue {
        .array(
            reports.map { report in
                group(
                    report.description,
                    "partitions",
                    .array(
                        report.rows.map { partition, offset in
                            .members([
                                "topic": .string(partition.topic), "partition": .number(partition.partition),
                                "startOffset": .optional(offset.start), "lag": .optional(offset.lag),
                                "leaderEpoch": .optional(offset.leaderEpoch),
                            ])
                        }
                    )
                )
            }
        )
    }

    static func members(_ reports: [ShareGroupReport]) -> DataValue {
        .array(
            reports.map { report in
                group(report.description, "members", .array(report.description.members.map(member)))
            }
        )
    }

    private static func member(_ member: ShareGroupMember) -> DataValue {
        .members([
            "consumerId": .string(member.id), "host": .string(member.host), "clientId": .string(member.clientID),
            "rack": .optional(member.rack), "epoch": .number(member.epoch),
            "subscription": .strings(member.subscription),
            "assignment": .array(
                member.assignment.map {
                    .members(["topic": .string($0.topic), "partition": .number($0.partition)])
                }
            ),
        ])
    }

    static func states(_ reports: [ShareGroupReport]) -> DataValue {
        .array(
            reports.map(\.description).map { group in
                .members([
                    "group": .string(group.id), "state": .string(group.state.rawValue),
                    "assignor": .string(group.assignor), "coordinator": coordinator(group.coordinator),
                    "groupEpoch": .number(group.groupEpoch), "assignmentEpoch": .number(group.assignmentEpoch),
                    "members": .number(group.members.count),
                ])
            }
        )
    }

    private static func group(_ group: ShareGroupDescription, _ name: String, _ value: DataValue) -> DataValue {
        .object([
            .init(name: "group", value: .string(group.id)), .init(name: "state", value: .string(group.state.rawValue)),
            .init(name: "coordinator", value: coordinator(group.coordinator)), .init(name: name, value: value),
        ])
    }

    private static func coordinator(_ node: Node) -> DataValue {
        .members(["id": .number(node.id), "host": .string(node.host), "port": .number(node.port)])
    }

    // MARK: Tables

    static func offsetsTable(_ reports: [ShareGroupReport], colour: Bool) -> String {
        var table = TextTable([
            .left("GROUP"), .left("TOPIC"), .right("PARTITION"), .right("START-OFFSET"), .right("LAG"),
            .right("LEADER-EPOCH"),
        ])
        for report in reports {
            for (partition, offset) in report.rows {
                table.add([
                    .init(report.id), .init(partition.topic), .init(String(partition.partition)),
                    .init(text(offset.start)), .init(text(offset.lag), (offset.lag ?? 0) > 0 ? .yellow : nil),
                    .init(text(offset.leaderEpoch)),
                ])
            }
        }
        return table.text(colour: colour)
    }

    static func membersTable(_ reports: [ShareGroupReport], colour: Bool) -> String {
        var table = TextTable([
            .left("GROUP"), .left("CONSUMER-ID"), .left("HOST"), .left("CLIENT-ID"), .right("EPOCH"),
            .left("ASSIGNMENT"),
        ])
        for report in reports {
            for member in report.description.members.sorted(by: { $0.id < $1.id }) {
                table.add([
                    .init(report.id), .init(member.id, .dim), .init(member.host), .init(member.clientID),
                    .init(String(member.epoch)), .init(GroupDescriptionText.assignment(member.assignment)),
                ])
            }
        }
        return table.text(colour: colour)
    }

    static func statesTable(_ reports: [ShareGroupReport], colour: Bool) -> String {
        var table = TextTable([
            .left("GROUP"), .left("STATE"), .left("COORDINATOR"), .left("ASSIGNOR"), .right("GROUP-EPOCH"),
            .right("ASSIGNMENT-EPOCH"), .right("MEMBERS"),
        ])
        for group in reports.map(\.description) {
            table.add([
                .init(group.id), .init(group.state.rawValue, group.state.paint), .init("\(group.coordinator.address)"),
                .init(group.assignor), .init(String(group.groupEpoch)), .init(String(group.assignmentEpoch)),
                .init(String(group.members.count)),
            ])
        }
        return table.text(colour: colour)
    }

    static func deletionsTable(_ rows: [(topic: String, error: String?)], colour: Bool) -> String {
        var table = TextTable([.left("TOPIC"), .left("STATUS")])
        for row in rows { table.add([.init(row.topic), .init(row.error ?? "deleted", row.error == nil ? nil : .red)]) }
        return table.text(colour: colour)
    }

    static func deletions(_ rows: [(topic: String, error: String?)]) -> DataValue {
        .array(rows.map { .members(["topic": .string($0.topic), "error": .optional($0.error)]) })
    }

    private static func text(_ number: (some BinaryInteger)?) -> String { number.map { String($0) } ?? "-" }
}
