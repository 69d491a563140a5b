import AgentProtocol
import LabPlan

extension ManagedLab {
    /// A connection's IKE SAs with the child SAs in use, as `getikesas` tells them.
    func associations(of index: Int, _ status: LabStatus, _ records: [AssociationRecord]) -> JSONValue {
        guard status.connections.indices.contains(index) else { return [] }
        let connection = plan.connections[index]
        let policy = connection.gatewaySide.policy
        let selectors = connection.gatewaySide.selectors
        return .array(
            status.connections[index].tunnels.filter { $0.state == .connected }.map { tunnel in
                func spi(_ direction: AssociationDirection) -> JSONValue {
                    let text = tunnel.associations.first { ($0.direction == .toGateway) == (direction == .inbound) }?.spi ?? "0x0"
                    return .integer(Int64(text.dropFirst(2), radix: 16) ?? 0)
                }
                let local: JSONValue = .string(tunnel.gatewayAddress)
                let remote: JSONValue = .string(connection.siteAddress.description)
                let age = tunnel.associations.map(\.age).min() ?? 0
                let child: JSONValue = [
                    "localEndpoint": local, "remoteEndpoint": remote, "encryption": .string(policy.encryption.rawValue),
                    "integrity": .string(policy.integrity.rawValue),
                    "pfsGroupId": .string("PFS" + policy.pfsGroup.rawValue.replacing("PFS", with: "")),
                    "inboundSPi": spi(.inbound), "outboundSPi": spi(.outbound),
                    "localTrafficSelectors": .array(selectors.map { .string($0.gateway.description) }),
                    "remoteTrafficSelectors": .array(selectors.map { .string($0.site.description) }),
                    "lifetimeKilobytes": .integer(Int64(clamping: policy.lifetimeKilobytes)),
                    "lifeTimeSeconds": .integer(policy.lifetime.components.seconds), "elapsedTimeInseconds": .integer(age / 1_000_000_000),
                ]
                return [
                    "localEndpoint": local, "remoteEndpoint": remote, "encryption": .string(policy.ikeEncryption.rawValue),
                    "integrity": .string(policy.ikeIntegrity.rawValue), "dhGroup": .string(policy.dhGroup.rawValue),
                    "localUdpEncapsulationPort": 0, "remoteUdpEncapsulationPort": 0, "lifeTimeSeconds": 28_800,
                    "elapsedTimeInseconds": .integer((tunnel.age ?? 0) / 1_000_000_000),
                    "quickModeSa": tunnel.associations.isEmpty ? [] : [child],
                ]
            })
    }

    private enum AssociationDirection {
        case inbound
        case outbound
    }
}
