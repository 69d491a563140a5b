import AgentProtocol
import ManagementAPI
import Measurement

/// A lab's status as the live pages take it.
enum LiveStatus {
    static func json(_ status: LabStatus, _ lab: ManagedLab) -> JSONValue {
        [
            "instances": .array(
                status.instances.map { instance in
                    [
                        "name": .string(instance.name), "state": .string(instance.state),
                        "addresses": .string(instance.addresses.joined(separator: ", ")),
                    ]
                }),
            "connections": .array(lab.connections(of: status).map(connection)),
            "underWay": .string(status.underWay.joined(separator: "; ")),
        ]
    }

    private static func connection(_ connection: LabStatus.Connection) -> JSONValue {
        [
            "name": .string(connection.name), "status": .string(connection.serviceStatus),
            "ingress": .string(bytes(connection, .toGateway)), "egress": .string(bytes(connection, .toSite)),
            "toGateway": loss(connection, .toGateway), "toSite": loss(connection, .toSite),
        ]
    }

    /// Lost probes of the last seconds, in percent.
    private static func loss(_ connection: LabStatus.Connection, _ direction: FlowDirection) -> JSONValue {
        guard let loss = connection.loss.first(where: { $0.direction == direction }), loss.sent > 0 else { return .null }
        return .integer(Int64(loss.lost * 100 / loss.sent))
    }

    static func lossText(_ connection: LabStatus.Connection, _ direction: FlowDirection) -> String {
        guard case .integer(let percent) = loss(connection, direction) else { return "–" }
        return "\(percent) %"
    }

    /// What the SAs in use have carried, seen from the gateway.
    static func bytes(_ connection: LabStatus.Connection, _ direction: FlowDirection) -> String {
        let count = connection.tunnels.flatMap(\.associations).filter { $0.direction == direction }.reduce(UInt64(0)) { $0 + $1.bytes }
        switch count {
        case ..<10_000: return "\(count) B"
        case ..<10_000_000: return "\(count / 1_000) kB"
        default: return "\(count / 1_000_000) MB"
        }
    }
}

extension ManagedLab {
    /// What is known of the connections that the gateway has.
    func connections(of status: LabStatus) -> [LabStatus.Connection] {
        connectionIndices.filter(status.connections.indices.contains).map { status.connections[$0] }
    }
}
