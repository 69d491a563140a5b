/// Text in aligned columns.
struct TerminalTable {
    enum Alignment {
        case left
        case right
    }

    struct Column {
        var title: String
        var alignment: Alignment
    }

    struct Cell {
        var text: String
        var style: TerminalStyle.Weight

        init(_ text: String, _ style: TerminalStyle.Weight = .plain) {
            self.text = text
            self.style = style
        }
    }

    var columns: [Column]
    private var rows: [[Cell]] = []

    init(columns: [Column]) { self.columns = columns }

    /// - Parameter cells: one a column.
    mutating func append(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// The lines, the titles first, without spaces at their ends. Columns are two spaces apart.
    func lines(style: TerminalStyle) -> [String] {
        let titles = columns.map { Cell($0.title, .strong) }
        let widths = columns.indices.map { column in ([titles] + rows).map { $0[column].text.displayWidth }.max() ?? 0 }
        return ([titles] + rows).map { row in
            var line = ""
            // Padding waits until a cell needs it, so that no line ends in spaces; and it is not coloured.
            var padding = 0
            for (column, cell) in row.enumerated() {
                let free = widths[column] - cell.text.displayWidth
                if columns[column].alignment == .right { padding += free }
                if !cell.text.isEmpty {
                    line += String(repeating: " ", count: padding) + style.apply(cell.style, to: cell.text)
                    padding = 0
                }
                if columns[column].alignment == .left { padding += free }
                padding += 2
            }
            return line
        }
    }
}
