/// Text in aligned columns.
package struct TerminalTable {
    package enum Alignment {
        case left
        case right
    }

    package struct Column {
        package var title: String
        package var alignment: Alignment

        package init(title: String, alignment: Alignment) {
            self.title = title
            self.alignment = alignment
        }
    }

    package struct Cell {
        package var text: String
        package var style: TerminalStyle.Weight

        package init(_ text: String, _ style: TerminalStyle.Weight = .plain) {
            self.text = text
            self.style = style
        }
    }

    package var columns: [Column]
    private var rows: [[Cell]] = []

    package init(columns: [Column]) { self.columns = columns }

    /// - Parameter cells: one a column.
    package mutating func append(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// The lines, the titles first, without spaces at their ends. Columns are two spaces apart.
    package func lines(style: TerminalStyle) -> [String] {
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
