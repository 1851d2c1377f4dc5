/// Columns of text, each as wide as its widest cell, two blanks apart; the last is not padded.
struct TextTable {
    enum Alignment { case left, right }

    struct Column {
        var title: String
        var alignment: Alignment

        static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
    }

    /// A cell and how it is painted.
    struct Cell: ExpressibleByStringLiteral {
        var text: String
        var paint: Paint?

        init(_ text: String, _ paint: Paint? = nil) {
            self.text = text
            self.paint = paint
        }

        init(stringLiteral text: String) { self.init(text) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    /// The lines, with the titles first.
    func text(colour: Bool = false, indent: Int = 0) -> String {
        var widths = columns.map(\.title.count)
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.text.count) }
        }
        var text = line(columns.map { Cell($0.title, .bold) }, widths, colour: colour, indent: indent)
        for row in rows { text += line(row, widths, colour: colour, indent: indent) }
        return text
    }

    private func line(_ cells: [Cell], _ widths: [Int], colour: Bool, indent: Int) -> String {
        var line = String(repeating: " ", count: indent)
        for (index, cell) in cells.enumerated() {
            let isLast = index == cells.count - 1
            let padding = String(repeating: " ", count: widths[index] - cell.text.count)
            let painted = (cell.paint?.apply(cell.text, colour: colour)) ?? cell.text
            switch columns[index].alignment {
            case .left: line += isLast ? painted : painted + padding
            case .right: line += padding + painted
            }
            if !isLast { line += "  " }
        }
        return line + "\n"
    }
}

/// The few colours that commands use (ECMA-48 SGR).
enum Paint: String {
    case bold = "1"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case dim = "2"

    func apply(_ text: String, colour: Bool) -> String {
        colour ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
