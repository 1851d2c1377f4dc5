/// Tab-separated values of a value tree: one line for each of the innermost things, with the names of the columns first.
///
/// A list of objects is a table. Objects in an object are columns with a dot in their names (`coordinator.host`); a list
/// of plain values is one cell with commas between them; a list of objects in an object makes a line for each of them,
/// after the columns of the object that holds it. An object with several such lists gives several tables, apart by an
/// empty line. Tabs, line feeds, carriage returns and backslashes in a cell are written `\t`, `\n`, `\r` and `\\`, and
/// null is `\N`, so that a line is always a line and a cell a cell.
enum TSVText {
    static func document(_ value: DataValue) -> String {
        let rows: [[DataValue.Member]]
        switch value {
        case .array(let items): rows = items.map(members)
        default: rows = [members(value)]
        }
        return tables(rows).map(text).joined(separator: "\n")
    }

    private struct Table {
        var columns: [String] = []
        var rows: [[String: DataValue]] = []
    }

    private static func members(_ value: DataValue) -> [DataValue.Member] {
        if case .object(let members) = value { return flattened(members) }
        return [DataValue.Member(name: "value", value: value)]
    }

    /// Settings of an entity are data, not columns: their names differ from row to row.
    private static let wholeCells: Set<String> = ["configs"]

    private static func flattened(_ members: [DataValue.Member]) -> [DataValue.Member] {
        members.flatMap { member -> [DataValue.Member] in
            guard case .object(let inner) = member.value, !wholeCells.contains(member.name) else { return [member] }
            return flattened(inner).map { DataValue.Member(name: "\(member.name).\($0.name)", value: $0.value) }
        }
    }

    private static func tables(_ rows: [[DataValue.Member]]) -> [Table] {
        var lists: [String] = []
        for row in rows {
            for member in row where isListOfObjects(member.value) && !lists.contains(member.name) {
                lists.append(member.name)
            }
        }
        guard !lists.isEmpty else { return [table(rows)] }
        return lists.flatMap { list in
            tables(
                rows.flatMap { row -> [[DataValue.Member]] in
                    let own = row.filter { !lists.contains($0.name) }
                    guard case .array(let items)? = row.first(where: { $0.name == list })?.value, !items.isEmpty else {
                        return [own]
                    }
                    return items.map { item in own + renamed(members(item), in: list, where: own.map(\.name)) }
                }
            )
        }
    }

    /// A column that the outer object has, too, bears the name of the list before its own.
    private static func renamed(
        _ members: [DataValue.Member],
        in list: String,
        where taken: [String]
    ) -> [DataValue.Member] {
        members.map { member in
            guard taken.contains(member.name) else { return member }
            return DataValue.Member(name: "\(list).\(member.name)", value: member.value)
        }
    }

    private static func isListOfObjects(_ value: DataValue) -> Bool {
        guard case .array(let items) = value, case .object? = items.first else { return false }
        return true
    }

    private static func table(_ rows: [[DataValue.Member]]) -> Table {
        var table = Table()
        var known: Set<String> = []
        for row in rows {
            for member in row where known.insert(member.name).inserted { table.columns.append(member.name) }
            table.rows.append(Dictionary(row.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
        }
        return table
    }

    private static func text(_ table: Table) -> String {
        guard !table.columns.isEmpty else { return "" }
        var text = table.columns.map(escaped).joined(separator: "\t") + "\n"
        for row in table.rows {
            text += table.columns.map { cell(row[$0] ?? .null) }.joined(separator: "\t") + "\n"
        }
        return text
    }

    private static func cell(_ value: DataValue) -> String {
        switch value {
        case .null: "\\N"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): JavaNumber.text(number)
        case .string(let text): escaped(text)
        case .array(let items): items.map(cell).joined(separator: ",")
        case .object: escaped(JSONText.compact(value))
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t": result += "\\t"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\\": result += "\\\\"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
