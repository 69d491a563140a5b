import ArgumentParser
import LabKeeper
import Report

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the labs that stand.")

    @Option(help: "How the list is printed.")
    var format: TextOrJSON = .text

    func run() throws {
        let standing = try telling { try LabsFolder().standing() }
        switch format {
        case .json: try printJSON(standing.compactMap(\.description).map(LabSummary.init))
        case .text: print(text(standing), terminator: "")
        }
    }

    private func text(_ standing: [LabFolder]) -> String {
        guard !standing.isEmpty else { return "no lab stands; resetlab up TOPOLOGY makes one\n" }
        var table = TerminalTable(
            columns: ["Lab", "Topology", "Where", "Connections", "Since", "Process"].map { .init(title: $0, alignment: .left) })
        for folder in standing {
            guard let lab = folder.description else {
                table.append([.init(folder.lab), .init("is being built"), .init(""), .init(""), .init(""), .init("")])
                continue
            }
            table.append([
                .init(lab.name), .init(lab.topology), .init(lab.backend.rawValue), .init("\(lab.connections.count)"),
                .init(WallClock.text(lab.startedAt)), .init("\(lab.pid)"),
            ])
        }
        return table.lines(style: .standardOutput).joined(separator: "\n") + "\n"
    }
}
