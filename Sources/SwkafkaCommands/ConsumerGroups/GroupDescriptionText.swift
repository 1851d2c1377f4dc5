import KafkaClient

/// What `consumer-groups --describe` prints as Kafka's own text: every line begins with its line feed, and one more ends
/// the table.
enum GroupDescriptionText {
    private static let missing = "-"

    static func offsets(_ report: GroupReport, verbose: Bool) -> String {
        guard !report.partitions.isEmpty else { return "" }
        var rows = [["GROUP", "TOPIC", "PARTITION"]]
        if verbose { rows[0].append("LEADER-EPOCH") }
        rows[0] += ["CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"]
        for row in report.partitions {
            var cells = [report.id, row.partition.topic, String(row.partition.partition)]
            if verbose { cells.append(text(row.committed?.leaderEpoch)) }
            cells += [
                text(row.committed?.offset), text(row.end), text(row.lag), row.owner?.id ?? missing,
                row.owner?.host ?? missing, row.owner?.clientID ?? missing,
            ]
            rows.append(cells)
        }
        // nil: as wide as the longest cell.
        let widths: [Int?] = [nil, nil, 10] + (verbose ? [15] : []) + [15, 15, 15, nil, nil]
        return table(rows, widths)
    }

    static func members(_ report: GroupReport, verbose: Bool) -> String {
        let members = report.description.members
        let hasInstances = members.contains { $0.instanceID != nil }
        let isMixed = members.contains { $0.isUpgraded == true } && members.contains { $0.isUpgraded == false }
        var rows = [["GROUP", "CONSUMER-ID"]]
        if hasInstances { rows[0].append("GROUP-INSTANCE-ID") }
        rows[0] += ["HOST", "CLIENT-ID", "#PARTITIONS"]
        if verbose {
            rows[0] += ["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"]
            if isMixed { rows[0].append("UPGRADED") }
        }
        for member in members.sorted(by: { $0.id < $1.id }) {
            var cells = [report.id, member.id]
            if hasInstances { cells.append(member.instanceID ?? "") }
            cells += [member.host, member.clientID, String(member.assignment?.count ?? 0)]
            if verbose {
                cells += [
                    text(member.epoch), assignment(member.assignment),
                    member.epoch == nil ? missing : text(report.description.targetAssignmentEpoch),
                    assignment(member.targetAssignment),
                ]
                if isMixed { cells.append(member.isUpgraded.map { $0 ? "true" : "false" } ?? missing) }
            }
            rows.append(cells)
        }
        let ids: [Int?] = [nil, nil] + (hasInstances ? [nil] : [])
        var widths = ids + [nil, nil, 15]
        if verbose { widths += [15, nil, 15, nil] }
        // The column of counts ends the line with a blank.
        return table(rows, widths, trailingBlank: !verbose)
    }

    static func state(_ report: GroupReport, verbose: Bool) -> String {
        let group = report.description
        let coordinator = "\(group.coordinator.address)  (\(group.coordinator.id))"
        var rows = [["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"]]
        var cells = [group.id, coordinator, group.assignor, group.state.rawValue]
        if verbose {
            rows[0] += ["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"]
            cells += [text(group.groupEpoch), text(group.targetAssignmentEpoch)]
        }
        rows[0].append("#MEMBERS")
        rows.append(cells + [String(group.members.count)])
        // As wide as the coordinator's name at least: so it is in Kafka.
        let widths: [Int?] = [max(25, coordinator.count), 25, 20, 15] + (verbose ? [15, 25] : [])
        return table(rows, widths)
    }

    /// `orders:0,2;pay:1`, or a dash for nothing.
    static func assignment(_ partitions: [TopicPartition]?) -> String {
        guard let partitions, !partitions.isEmpty else { return missing }
        var topics: [(name: String, numbers: [String])] = []
        for partition in partitions.sorted() {
            if topics.last?.name == partition.topic {
                topics[topics.count - 1].numbers.append(String(partition.partition))
            } else {
                topics.append((partition.topic, [String(partition.partition)]))
            }
        }
        return topics.map { "\($0.name):\($0.numbers.joined(separator: ","))" }.joined(separator: ";")
    }

    private static func text(_ number: (some BinaryInteger)?) -> String {
        number.map { String($0) } ?? missing
    }

    /// Columns at least 15 wide where no width is given, except for long titles; the last is not padded.
    private static func table(_ rows: [[String]], _ fixed: [Int?], trailingBlank: Bool = false) -> String {
        let widths = fixed.enumerated().map { column, width in
            width ?? max(15, rows.map { $0[column].count }.max() ?? 0)
        }
        var text = ""
        for cells in rows {
            let line = cells.enumerated().map { column, cell in
                column < widths.count ? cell.padded(to: widths[column]) : cell
            }
            text += "\n" + line.joined(separator: " ") + (trailingBlank ? " " : "")
        }
        return text + "\n"
    }
}
