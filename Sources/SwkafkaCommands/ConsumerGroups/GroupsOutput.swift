import KafkaClient

/// What `consumer-groups --list` prints.
enum GroupsOutput {
    static func listText(_ groups: [GroupListing], types: Bool, states: Bool) -> String {
        guard types || states else { return groups.map { $0.id + "\n" }.joined() }
        let width = max(15, groups.map(\.id.count).max() ?? 0) + 10
        var text = line(("GROUP", "TYPE", "STATE"), width, types, states)
        for group in groups {
            text += line((group.id, group.type.rawValue, group.state.rawValue), width, types, states)
        }
        return text
    }

    private static func line(
        _ cells: (group: String, type: String, state: String),
        _ width: Int,
        _ types: Bool,
        _ states: Bool
    ) -> String {
        var line = cells.group.padded(to: width)
        if types { line += " " + cells.type.padded(to: 20) }
        if states { line += " " + cells.state.padded(to: 20) }
        return line + "\n"
    }

    static func listTable(_ groups: [GroupListing], colour: Bool) -> String {
        var table = TextTable([.left("GROUP"), .left("TYPE"), .left("STATE"), .left("PROTOCOL")])
        for group in groups {
            table.add([
                .init(group.id), .init(group.type.rawValue), .init(group.state.rawValue, group.state.paint),
                .init(group.protocolType.isEmpty ? "-" : group.protocolType),
            ])
        }
        return table.text(colour: colour)
    }

    static func listValue(_ groups: [GroupListing]) -> DataValue {
        .array(
            groups.map {
                .members([
                    "group": .string($0.id), "type": .string($0.type.rawValue), "state": .string($0.state.rawValue),
                    "protocol": .string($0.protocolType),
                ])
            }
        )
    }
}

extension GroupStatus {
    /// The colour of a state in tables.
    var paint: Paint? {
        switch self {
        case .stable: .green
        case .preparingRebalance, .completingRebalance, .assigning, .reconciling, .notReady: .yellow
        case .dead: .red
        case .empty: .dim
        case .unknown: nil
        }
    }
}

extension String {
    /// The text with blanks after it up to a width, as Java's `%-15s` does; longer text stays as it is.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
