import AgentProtocol
import LabKeeper
import LinuxKernel
import Measurement
import Report

/// A lab's status for a terminal.
struct StatusText {
    private let status: LabStatus
    private let lab: LabDescription
    private let style = TerminalStyle.standardOutput

    init(_ status: LabStatus, of lab: LabDescription) {
        self.status = status
        self.lab = lab
    }

    /// Ends with a newline.
    var text: String {
        let sections = [[heading], instances, tunnels, flows, changes]
        return sections.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    /// One line, for a log: who is active, and each connection's state and loss.
    var line: String {
        let active = status.instances.filter { $0.state == "active" }.map(\.name).joined(separator: ", ")
        let connections = status.connections.map { connection in
            let states = connection.tunnels.map(\.state.rawValue).joined(separator: "/")
            let (lost, sent) = connection.loss.reduce((0, 0)) { ($0.0 + $1.lost, $0.1 + $1.sent) }
            return "\(connection.name) \(states), \(lost) of \(sent) lost"
        }
        let now = WallClock.text(SystemClock.realtime.nanoseconds)
        return ([now, "active: \(active.isEmpty ? "none" : active)"] + connections + status.underWay).joined(separator: "; ") + "\n"
    }

    private var heading: String {
        let age = WallClock.span(SystemClock.realtime.nanoseconds - lab.startedAt)
        return "\(style.apply(.strong, to: lab.name)): \(lab.gateway) of \(lab.topology), \(lab.backend.rawValue), stands for \(age)"
    }

    private var instances: [String] {
        var table = table("Instance", "State", "Addresses")
        for instance in status.instances {
            table.append([
                .init(instance.name), .init(instance.state, instance.state == "active" ? .good : .plain),
                .init(instance.addresses.joined(separator: ", ")),
            ])
        }
        return table.lines(style: style)
    }

    private var tunnels: [String] {
        var table = table("Connection", "Tunnel to", "At", "State", "For", "")
        for connection in status.connections {
            for tunnel in connection.tunnels {
                table.append([
                    .init(connection.name), .init(tunnel.gatewayAddress), .init(tunnel.instance ?? "nobody"),
                    .init(tunnel.state.rawValue, tunnel.state == .connected ? .good : .bad), .init(tunnel.age.map(WallClock.span) ?? ""),
                    .init(tunnel.failure ?? "", .bad),
                ])
            }
        }
        return table.lines(style: style)
    }

    private var flows: [String] {
        var table = TerminalTable(columns: [
            .init(title: "Connection", alignment: .left), .init(title: "Direction", alignment: .left),
            .init(title: "SPI", alignment: .left), .init(title: "Age", alignment: .right), .init(title: "Packets", alignment: .right),
            .init(title: "Bytes", alignment: .right), .init(title: "Lost, last \(WallClock.span(status.lossWindow))", alignment: .right),
        ])
        for connection in status.connections {
            for direction in FlowDirection.allCases {
                let loss = connection.loss.first { $0.direction == direction }
                let associations = connection.tunnels.flatMap(\.associations).filter { $0.direction == direction }
                let lossCell = TerminalTable.Cell(
                    loss.map { "\($0.lost) of \($0.sent)" } ?? "", loss.map { $0.lost > 0 ? .bad : .plain } ?? .plain)
                guard let first = associations.first else {
                    table.append([
                        .init(connection.name), .init(direction.words), .init("none"), .init(""), .init(""), .init(""), lossCell,
                    ])
                    continue
                }
                table.append(row(connection.name, first, lossCell))
                for other in associations.dropFirst() { table.append(row("", other, .init(""))) }
            }
        }
        return table.lines(style: style)
    }

    private func row(
        _ connection: String, _ association: LabStatus.Association, _ loss: TerminalTable.Cell
    ) -> [TerminalTable.Cell] {
        [
            .init(connection), .init(association.direction.words), .init(association.spi), .init(WallClock.span(association.age)),
            .init("\(association.packets)"), .init("\(association.bytes)"), loss,
        ]
    }

    private var changes: [String] {
        status.changedLinks.map { "Link \($0.name): \($0.change)" } + status.underWay.map { "Under way: \($0)" }
    }

    private func table(_ titles: String...) -> TerminalTable {
        TerminalTable(columns: titles.map { .init(title: $0, alignment: .left) })
    }
}
