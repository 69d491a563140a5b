import Addressing
import AgentProtocol
import LabPlan
import Measurement

/// A lab as resources of a resource group: one gateway, its virtual network and public addresses, and for each site a local gateway and a
/// connection.
public struct ManagedLab: Sendable {
    public let resourceGroup: String
    public let backend: any LabBackend
    let identity: ServiceIdentity
    /// What clients have called resources that a topology has no names for, or others.
    var names = ResourceNames()

    /// Names that resources were created with; where there are none, they follow from the topology.
    struct ResourceNames: Sendable {
        var network: String?
        var publicAddresses: [String] = []
        /// By connection.
        var localGateways: [Int: String] = [:]
        /// Connections whose local gateway was deleted, after the connection itself; their sites stand on.
        var deletedLocalGateways: Set<Int> = []
    }

    public init(resourceGroup: String, backend: any LabBackend, identity: ServiceIdentity) {
        self.resourceGroup = resourceGroup
        self.backend = backend
        self.identity = identity
    }

    var plan: LabPlan { backend.plan }
    public var gatewayName: String { plan.gateway.name }
    public var networkName: String { names.network ?? plan.gateway.networkName }
    /// Indices of the connections that the gateway has.
    public var connectionIndices: [Int] { plan.connections.indices.filter { plan.connections[$0].existsAtGateway } }
    /// Indices of the connections whose local gateways there are.
    var localGatewayIndices: [Int] { plan.connections.indices.filter { !names.deletedLocalGateways.contains($0) } }

    func localGatewayName(_ index: Int) -> String { names.localGateways[index] ?? plan.nodes[plan.connections[index].site].name }

    /// In the order of the instances, or of the virtual addresses.
    var publicAddresses: [(name: String, address: IPAddress)] {
        let addresses = plan.gateway.isActiveActive ? plan.gateway.instances.flatMap(\.addresses) : plan.gateway.virtualAddresses
        return addresses.enumerated().map { index, address in
            (names.publicAddresses.indices.contains(index) ? names.publicAddresses[index] : "\(gatewayName)IP\(index + 1)", address)
        }
    }

    func id(_ type: String, _ name: String) -> String {
        "/subscriptions/\(identity.subscription)/resourceGroups/\(resourceGroup)/providers/Microsoft.Network/\(type)/\(name)"
    }

    /// Of the gateway's IP configuration for a public address. Unique: two families make four of an active-active gateway.
    private func configurationName(_ index: Int) -> String {
        switch index {
        case 0: "default"
        case 1: "activeActive"
        default: "activeActive\(index)"
        }
    }

    /// Of one that the gateway has.
    public func connectionIndex(named name: String) -> Int? {
        connectionIndices.first { plan.connections[$0].name.lowercased() == name.lowercased() }
    }

    func localGatewayIndex(named name: String) -> Int? {
        localGatewayIndices.first { localGatewayName($0).lowercased() == name.lowercased() }
    }

    private func resource(_ type: String, _ name: String, _ properties: [String: JSONValue]) -> JSONValue {
        var properties = properties
        properties["provisioningState"] = properties["provisioningState"] ?? "Succeeded"
        return [
            "id": .string(id(type, name)), "name": .string(name), "type": .string("Microsoft.Network/\(type)"),
            "location": .string(identity.location), "properties": .object(properties), "tags": [:],
        ]
    }

    private func reference(_ type: String, _ name: String) -> JSONValue { ["id": .string(id(type, name))] }

    // MARK: - Resources

    /// What there is of each lab.
    public static let types = ["virtualNetworkGateways", "connections", "localNetworkGateways", "virtualNetworks", "publicIPAddresses"]

    /// All resources of a type, without the state that only a lab that stands has; nil for a type that there is none of.
    ///
    /// - Parameter isUpdating: whether an operation on the resource with this id is under way.
    public func resources(_ type: String, isUpdating: (String) -> Bool = { _ in false }) -> [JSONValue]? {
        switch type.lowercased() {
        case "virtualnetworkgateways": [gateway(isUpdating: isUpdating(id("virtualNetworkGateways", gatewayName)))]
        case "virtualnetworks": [network()]
        case "publicipaddresses": publicAddresses.indices.map { publicAddress($0) }
        case "localnetworkgateways": localGatewayIndices.map { localGateway($0) }
        case "connections":
            connectionIndices.map { index in
                connection(index, status: nil, isUpdating: isUpdating(id("connections", plan.connections[index].name)))
            }
        default: nil
        }
    }

    /// - Parameter isUpdating: whether an operation on it is under way.
    func gateway(isUpdating: Bool = false) -> JSONValue {
        let configurations: [JSONValue] = publicAddresses.enumerated().map { index, address in
            let name = configurationName(index)
            return [
                "name": .string(name), "id": .string(id("virtualNetworkGateways", gatewayName) + "/ipConfigurations/\(name)"),
                "properties": [
                    "privateIPAllocationMethod": "Dynamic", "provisioningState": "Succeeded",
                    "publicIPAddress": reference("publicIPAddresses", address.name),
                    "subnet": ["id": .string(id("virtualNetworks", networkName) + "/subnets/GatewaySubnet")],
                ],
            ]
        }
        let peerings: [JSONValue] = publicAddresses.enumerated().map { index, address in
            [
                "ipconfigurationId": .string(
                    id("virtualNetworkGateways", gatewayName) + "/ipConfigurations/\(configurationName(index))"),
                "tunnelIpAddresses": [.string(address.address.description)], "defaultBgpIpAddresses": [], "customBgpIpAddresses": [],
            ]
        }
        return resource(
            "virtualNetworkGateways", gatewayName,
            [
                "gatewayType": "Vpn", "vpnType": "RouteBased", "vpnGatewayGeneration": "Generation2", "enableBgp": false,
                "activeActive": .bool(plan.gateway.isActiveActive), "active": .bool(plan.gateway.isActiveActive),
                "sku": ["name": "VpnGw2AZ", "tier": "VpnGw2AZ", "capacity": 2], "ipConfigurations": .array(configurations),
                "bgpSettings": ["asn": 65_515, "peerWeight": 0, "bgpPeeringAddresses": .array(peerings)],
                "provisioningState": .string(isUpdating ? "Updating" : "Succeeded"),
            ])
    }

    func network() -> JSONValue {
        resource(
            "virtualNetworks", networkName,
            [
                "addressSpace": ["addressPrefixes": .array(plan.gateway.prefixes.map { .string($0.description) })],
                "subnets": [
                    [
                        "name": "GatewaySubnet", "id": .string(id("virtualNetworks", networkName) + "/subnets/GatewaySubnet"),
                        "properties": ["provisioningState": "Succeeded"],
                    ]
                ],
            ])
    }

    func publicAddress(_ index: Int) -> JSONValue {
        let (name, address) = publicAddresses[index]
        return resource(
            "publicIPAddresses", name,
            [
                "ipAddress": .string(address.description), "publicIPAllocationMethod": "Static",
                "publicIPAddressVersion": .string(address.family == .v4 ? "IPv4" : "IPv6"),
                "ipConfiguration": [
                    "id": .string(
                        id("virtualNetworkGateways", gatewayName) + "/ipConfigurations/\(configurationName(index))")
                ],
            ])
    }

    func localGateway(_ index: Int) -> JSONValue {
        let connection = plan.connections[index]
        return resource(
            "localNetworkGateways", localGatewayName(index),
            [
                // As the gateway has it, whatever the site's own is.
                "gatewayIpAddress": .string(connection.gatewayConfiguration.siteAddress.description),
                "localNetworkAddressSpace": ["addressPrefixes": .array(sitePrefixes(index).map { .string($0.description) })],
            ])
    }

    /// Whether selectors are what they are by themselves: every prefix of the site with every one behind the gateway of its family.
    private func hasAllPairs(_ selectors: [ConnectionPlan.Selectors]) -> Bool {
        let sites = Set(selectors.map(\.site))
        let all = sites.flatMap { site in
            plan.gateway.prefixes.filter { $0.address.family == site.address.family }.map {
                ConnectionPlan.Selectors(site: site, gateway: $0)
            }
        }
        return Set(all) == Set(selectors)
    }

    private func sitePrefixes(_ index: Int) -> [IPPrefix] {
        var seen: Set<IPPrefix> = []
        return plan.connections[index].gatewaySide.selectors.map(\.site).filter { seen.insert($0).inserted }
    }

    /// - Parameter status: of the lab; nil where it is not known, as in a list.
    func connection(_ index: Int, status: LabStatus.Connection?, isUpdating: Bool) -> JSONValue {
        let connection = plan.connections[index]
        let side = connection.gatewaySide
        var properties: [String: JSONValue] = [
            "connectionType": "IPsec", "connectionProtocol": "IKEv2", "enableBgp": false, "routingWeight": 0,
            "connectionMode": .string(side.mode.rawValue), "usePolicyBasedTrafficSelectors": .bool(!hasAllPairs(side.selectors)),
            "trafficSelectorPolicies": hasAllPairs(side.selectors)
                ? []
                : .array(
                    side.selectors.map { pair in
                        [
                            "localAddressRanges": [.string(pair.gateway.description)],
                            "remoteAddressRanges": [.string(pair.site.description)],
                        ]
                    }),
            "virtualNetworkGateway1": reference("virtualNetworkGateways", gatewayName),
            "localNetworkGateway2": reference("localNetworkGateways", localGatewayName(index)),
            "ipsecPolicies": side.policy == .routeBasedDefault ? [] : [side.policy.json],
            "dpdTimeoutSeconds": .integer(side.deadPeerDetection.map { $0.timeout.components.seconds } ?? 0),
            "provisioningState": .string(isUpdating ? "Updating" : "Succeeded"),
        ]
        if let status {
            let associations = status.tunnels.flatMap(\.associations)
            func bytes(_ associations: [LabStatus.Association], _ direction: FlowDirection) -> JSONValue {
                .integer(Int64(clamping: associations.filter { $0.direction == direction }.reduce(0) { $0 + $1.bytes }))
            }
            properties["connectionStatus"] = .string(status.serviceStatus)
            // Seen from the gateway.
            properties["ingressBytesTransferred"] = bytes(associations, .toGateway)
            properties["egressBytesTransferred"] = bytes(associations, .toSite)
            properties["tunnelConnectionStatus"] = .array(
                status.tunnels.map { tunnel in
                    var members: [String: JSONValue] = [
                        "tunnel": .string("\(connection.name)_\(tunnel.gatewayAddress)"),
                        "connectionStatus": .string(tunnel.state.rawValue),
                        "ingressBytesTransferred": bytes(tunnel.associations, .toGateway),
                        "egressBytesTransferred": bytes(tunnel.associations, .toSite),
                    ]
                    if let age = tunnel.age {
                        members["lastConnectionEstablishedUtcTime"] = .string(Timestamp.text(nanoseconds: Timestamp.now - age))
                    }
                    return .object(members)
                })
        }
        return resource("connections", connection.name, properties)
    }
}

extension LabStatus.Connection {
    /// Connected while one of its tunnels is.
    public var serviceStatus: String {
        let states = tunnels.map(\.state)
        if states.contains(.connected) { return "Connected" }
        return states.contains(.connecting) ? "Connecting" : "NotConnected"
    }
}

extension IPsecPolicy {
    var json: JSONValue {
        [
            "saLifeTimeSeconds": .integer(lifetime.components.seconds), "saDataSizeKilobytes": .integer(Int64(clamping: lifetimeKilobytes)),
            "ipsecEncryption": .string(encryption.rawValue), "ipsecIntegrity": .string(integrity.rawValue),
            "ikeEncryption": .string(ikeEncryption.rawValue), "ikeIntegrity": .string(ikeIntegrity.rawValue),
            "dhGroup": .string(dhGroup.rawValue), "pfsGroup": .string(pfsGroup.rawValue),
        ]
    }
}
