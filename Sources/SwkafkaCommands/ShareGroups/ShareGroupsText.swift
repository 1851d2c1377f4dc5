import KafkaClient

/// What `share-groups` prints as Kafka's own text, in the form of Kafka 4.2: every line of a table begins with its line
/// feed, and one more ends the table.
enum ShareGroupsText {
    static func list(_ groups: [GroupListing], states: Bool) -> String {
        guard states else { return groups.map { $0.id + "\n" }.joined() }
        let width = width(of: groups.map(\.id))
        return
            (["\("GROUP".padded(to: width)) STATE"] + groups.map { "\($0.id.padded(to: width)) \($0.state.rawValue)" })
            .map { $0 + "\n" }.joined()
    }

    static func offsets(_ report: ShareGroupReport, verbose: Bool) -> String {
        guard !report.offsets.isEmpty else { return "\nShare group '\(report.id)' has no offset information.\n" }
        var rows = [["GROUP", "TOPIC", "PARTITION"] + (verbose ? ["LEADER-EPOCH"] : []) + ["START-OFFSET", "LAG"]]
        for (partition, offset) in report.rows {
            rows.append(
                [report.id, partition.topic, String(partition.partition)]
                    + (verbose ? [text(offset.leaderEpoch)] : []) + [text(offset.start), text(offset.lag)]
            )
        }
        let widths = [width(of: [report.id]), width(of: report.rows.map(\.partition.topic)), 10, 13]
        return table(rows, widths + (verbose ? [13] : []))
    }

    /// Nothing for a group without members.
    static func members(_ report: ShareGroupReport, verbose: Bool) -> String {
        let members = report.description.members.sorted { $0.id < $1.id }
        guard !members.isEmpty else { return "" }
        var rows = [["GROUP", "CONSUMER-ID", "HOST", "CLIENT-ID", "#PARTITIONS"]]
        rows[0] += verbose ? ["MEMBER-EPOCH", "ASSIGNMENT"] : ["ASSIGNMENT"]
        for member in members {
            rows.append(
                [report.id, member.id, member.host, member.clientID, String(member.assignment.count)]
                    + (verbose ? [String(member.epoch)] : []) + [assignment(member.assignment)]
            )
        }
        let widths = [
            width(of: [report.id]), width(of: members.map(\.id)), width(of: members.map(\.host)),
            width(of: members.map(\.clientID)), 12,
        ]
        return table(rows, widths + (verbose ? [13] : []))
    }

    static func state(_ report: ShareGroupReport, verbose: Bool) -> String {
        let group = report.description
        let coordinator = "\(group.coordinator.address)  (\(group.coordinator.id))"
        let title = ["GROUP", "COORDINATOR (ID)", "STATE"] + (verbose ? ["GROUP-EPOCH", "ASSIGNMENT-EPOCH"] : [])
        let cells =
            [group.id, coordinator, group.state.rawValue]
            + (verbose ? [String(group.groupEpoch), String(group.assignmentEpoch)] : [])
        let widths = [width(of: [group.id]), max(25, coordinator.count), 15] + (verbose ? [12, 17] : [])
        return table([title + ["#MEMBERS"], cells + [String(group.members.count)]], widths)
    }

    static func reset(_ group: String, _ offsets: [TopicPartition: Int64]) -> String {
        guard !offsets.isEmpty else { return "\n" }
        var rows = [["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"]]
        for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            rows.append([group, partition.topic, String(partition.partition), String(offset)])
        }
        return table(rows, [width(of: [group]), width(of: offsets.keys.map(\.topic)), 10])
    }

    /// What became of topics that were to be forgotten.
    static func deletions(_ rows: [(topic: String, error: String?)]) -> String {
        table(
            [["TOPIC", "STATUS"]] + rows.map { [$0.topic, $0.error.map { "Error: \($0)" } ?? "Successful"] },
            [width(of: rows.map(\.topic))]
        )
    }

    /// `orders:0,2;pay:1`; nothing for no partitions.
    static func assignment(_ partitions: [TopicPartition]) -> String {
        partitions.isEmpty ? "" : GroupDescriptionText.assignment(partitions)
    }

    private static func text(_ number: (some BinaryInteger)?) -> String { number.map { String($0) } ?? "-" }

    /// Of the longest cell, at least 15.
    private static func width(of cells: [String]) -> Int { max(15, cells.map(\.count).max() ?? 0) }

    /// The last column is not padded.
    private static func table(_ rows: [[String]], _ widths: [Int]) -> String {
        rows.map { cells in
            "\n"
                + cells.enumerated().map {
                    $0.offset < widths.count ? $0.element.padded(to: widths[$0.offset]) : $0.element
                }
                .joined(separator: " ")
        }.joined() + "\n"
    }
}
