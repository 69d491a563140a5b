import LabPlan
import ManagementAPI
import Topology

/// Writes a topology from what the service's tools have exported.
///
///     var reader = TopologyImport(name: "lab", keys: ["VNet1toSite1": "…"], allowsMissingKeys: false)
///     let result = try reader.topology(from: [("gateway.json", bytes), …])
public struct TopologyImport {
    public struct Result: Equatable, Sendable {
        /// YAML; it loads.
        public var text: String
        /// What a lab cannot have, or has another way; without keys.
        public var remarks: [String]
    }

    /// nil for one made from the gateway's name.
    public var name: String?
    /// Pre-shared keys by connection.
    public var keys: [String: String]
    /// Whether connections may be without a key: then the lab makes them.
    public var allowsMissingKeys: Bool

    private var problems: [String] = []
    private var remarks: [String] = []
    private var resources: [ExportedResource] = []

    public init(name: String? = nil, keys: [String: String] = [:], allowsMissingKeys: Bool = false) {
        self.name = name
        self.keys = keys
        self.allowsMissingKeys = allowsMissingKeys
    }

    /// - Throws: `ImportError` with everything that is wrong or missing. No key is part of it.
    public func topology(from files: [(name: String, bytes: [UInt8])]) throws -> Result {
        var reader = ExportReader()
        for file in files { try reader.read(file.bytes, file: file.name) }
        var work = self
        work.resources = reader.resources
        work.remarks = reader.remarks
        let text = work.write()
        guard work.problems.isEmpty else { throw ImportError(work.problems) }
        do {
            _ = try Topology.load(text: text, file: "the imported topology")
        } catch {
            // What the format does not allow is told with its place; a key's text is never part of the format's messages.
            throw ImportError(["what was exported is no lab: \(error)"])
        }
        return Result(text: text, remarks: work.remarks)
    }

    // MARK: - Finding

    private func all(_ kind: ExportedResource.Kind) -> [ExportedResource] { resources.filter { $0.kind == kind } }

    private func find(_ kind: ExportedResource.Kind, _ name: String?) -> ExportedResource? {
        guard let name else { return nil }
        return resources.first { $0.kind == kind && $0.name.lowercased() == name.lowercased() }
    }

    private mutating func missing(_ what: String, of resource: String, command: String) {
        problems.append("\(resource): found no \(what); \(command) prints it")
    }

    // MARK: - Writing

    private mutating func write() -> String {
        let gateways = all(.gateway)
        guard let gateway = gateways.first else {
            problems.append("found no virtual network gateway; az network vnet-gateway show -g GROUP -n NAME prints it")
            return ""
        }
        if gateways.count > 1 {
            problems.append(
                "found \(gateways.count) gateways, \(gateways.map(\.name).joined(separator: ", ")); allowed: the exports of one")
        }
        checkGateway(gateway)
        let isActiveActive = gateway["activeActive"]?.bool ?? gateway["active"]?.bool ?? false
        var lines = [
            "# Imported from \(Set(resources.map(\.file)).sorted().joined(separator: ", "))".replacing("\n", with: " "), "", "resetlab: 1",
            "name: \(quoted(name ?? Self.nodeName(gateway.name, longest: 20)))", "", "gateway:", "  name: \(quoted(gateway.name))",
            "  addresses: [\(publicAddresses(of: gateway).map(quoted).joined(separator: ", "))]",
        ]
        if isActiveActive { lines.append("  activeActive: true") }
        lines.append("  prefixes: [\(networkPrefixes(of: gateway).map(quoted).joined(separator: ", "))]")
        lines += ["", "sites:"]
        let connections = all(.connection).filter { isOf($0, gateway) }
        if connections.isEmpty {
            problems.append("found no connection of \(gateway.name); az network vpn-connection list -g GROUP prints them")
        }
        for connection in connections { lines += site(of: connection) }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func checkGateway(_ gateway: ExportedResource) {
        if let type = gateway["gatewayType"]?.string, type.lowercased() != "vpn" {
            problems.append("\(gateway.description): found gatewayType \(type); allowed: Vpn")
        }
        if gateway["enableBgp"]?.bool == true { remarks.append("\(gateway.description): BGP is left out; a lab's routes are static") }
        if let type = gateway["vpnType"]?.string, type.lowercased() == "policybased" {
            remarks.append("\(gateway.description): a lab's gateway is route-based")
        }
        if gateway["vpnClientConfiguration"] != nil { remarks.append("\(gateway.description): point-to-site is left out") }
    }

    private func isOf(_ connection: ExportedResource, _ gateway: ExportedResource) -> Bool {
        guard let name = connection["virtualNetworkGateway1"]?.referencedName else { return true }
        return name.lowercased() == gateway.name.lowercased()
    }

    private mutating func publicAddresses(of gateway: ExportedResource) -> [String] {
        let configurations = gateway["ipConfigurations"]?.elements ?? []
        let peerings = gateway["bgpSettings"]?.member("bgpPeeringAddresses")?.elements ?? []
        var addresses: [String] = []
        for (index, configuration) in configurations.enumerated() {
            let reference = configuration.member("publicIPAddress")
            let resource = find(.publicAddress, reference?.referencedName)
            // Either the address itself is among the files, or the gateway's own list of tunnel addresses has it.
            if let address = resource?["ipAddress"]?.string ?? reference?.member("ipAddress")?.string {
                addresses.append(address)
            } else if index < peerings.count, let address = peerings[index].member("tunnelIpAddresses")?.strings?.first {
                addresses.append(address)
            } else {
                missing(
                    "address of \(reference?.referencedName ?? "its IP configuration \(index + 1)")", of: gateway.description,
                    command: "az network public-ip list -g GROUP")
            }
        }
        if configurations.isEmpty { missing("ipConfigurations", of: gateway.description, command: "az network vnet-gateway show") }
        return addresses
    }

    private mutating func networkPrefixes(of gateway: ExportedResource) -> [String] {
        let subnet = gateway["ipConfigurations"]?.elements?.first?.member("subnet")?.member("id")?.string ?? ""
        let named = Self.network(ofSubnet: subnet)
        let networks = all(.network)
        guard let network = find(.network, named) ?? (networks.count == 1 ? networks.first : nil) else {
            missing("virtual network \(named ?? "")", of: gateway.description, command: "az network vnet list -g GROUP")
            return []
        }
        guard let prefixes = network["addressSpace"]?.member("addressPrefixes")?.strings, !prefixes.isEmpty else {
            missing("addressSpace", of: network.description, command: "az network vnet show")
            return []
        }
        return prefixes
    }

    /// From `…/virtualNetworks/NAME/subnets/…`, or from `[resourceId('…/subnets', 'NAME', …)]`.
    private static func network(ofSubnet id: String) -> String? {
        guard !id.hasPrefix("[") else {
            let quoted = id.split(separator: "'", omittingEmptySubsequences: false).enumerated().filter { !$0.offset.isMultiple(of: 2) }
            return quoted.dropFirst().first.map { String($0.element) }
        }
        let parts = id.split(separator: "/").map(String.init)
        return parts.lastIndex { $0.lowercased() == "virtualnetworks" }.flatMap { parts.indices.contains($0 + 1) ? parts[$0 + 1] : nil }
    }

    // MARK: - Sites

    private mutating func site(of connection: ExportedResource) -> [String] {
        let type = connection["connectionType"]?.string ?? "IPsec"
        guard type.lowercased() == "ipsec" else {
            problems.append("\(connection.description): found connectionType \(type); allowed: IPsec")
            return []
        }
        let reference = connection["localNetworkGateway2"]
        guard let local = find(.localGateway, reference?.referencedName) else {
            missing(
                "local gateway \(reference?.referencedName ?? "")", of: connection.description,
                command: "az network local-gateway list -g GROUP")
            return []
        }
        guard let address = local["gatewayIpAddress"]?.string else {
            let name = local["fqdn"]?.string.map { " (its name \($0) is not looked up)" } ?? ""
            missing("gatewayIpAddress\(name)", of: local.description, command: "az network local-gateway show")
            return []
        }
        let prefixes = local["localNetworkAddressSpace"]?.member("addressPrefixes")?.strings ?? []
        if prefixes.isEmpty { missing("localNetworkAddressSpace", of: local.description, command: "az network local-gateway show") }
        var lines = [
            "  - name: \(quoted(Self.nodeName(local.name, longest: 40)))", "    address: \(quoted(address))",
            "    prefixes: [\(prefixes.map(quoted).joined(separator: ", "))]", "    connection:", "      name: \(quoted(connection.name))",
        ]
        if let key = key(of: connection) { lines.append("      preSharedKey: \(quoted(key))") }
        if let mode = connection["connectionMode"]?.string, mode != "Default" { lines.append("      mode: {gateway: \(quoted(mode))}") }
        if let timeout = connection["dpdTimeoutSeconds"]?.integer, timeout > 0, timeout != 45 {
            lines.append("      deadPeerDetection: {gateway: {timeout: \(timeout)s}}")
        }
        lines += policy(of: connection) + selectors(of: connection)
        if connection["enableBgp"]?.bool == true { remarks.append("\(connection.description): BGP is left out; a lab's routes are static") }
        if let version = connection["connectionProtocol"]?.string, version.lowercased() != "ikev2" {
            remarks.append("\(connection.description): \(version) is rehearsed as IKEv2")
        }
        return lines
    }

    private mutating func key(of connection: ExportedResource) -> String? {
        let own = connection["sharedKey"]?.string
        if let key = keys.first(where: { $0.key.lowercased() == connection.name.lowercased() })?.value { return key }
        if let own, !own.hasPrefix("[") { return own }
        if allowsMissingKeys {
            remarks.append("\(connection.name): has no pre-shared key; the lab makes one from its seed")
        } else {
            problems.append(
                "\(connection.description): found no pre-shared key, which exports never have; --key \(connection.name)=FILE or --key-env "
                    + "\(connection.name)=VARIABLE names it, --without-keys lets the lab make one")
        }
        return nil
    }

    private static let policyMembers = [
        "saLifeTimeSeconds", "saDataSizeKilobytes", "ipsecEncryption", "ipsecIntegrity", "ikeEncryption", "ikeIntegrity", "dhGroup",
        "pfsGroup",
    ]

    private mutating func policy(of connection: ExportedResource) -> [String] {
        guard let policies = connection["ipsecPolicies"]?.elements, let policy = policies.first else { return [] }
        if policies.count > 1 { remarks.append("\(connection.description): the first of \(policies.count) policies is taken") }
        let values = Self.policyMembers.compactMap { name -> String? in
            switch policy.member(name) {
            case .string(let text)?: "\(name): \(quoted(text))"
            case .integer(let number)?: "\(name): \(number)"
            default: nil
            }
        }
        guard values.count == Self.policyMembers.count else {
            problems.append(
                "\(connection.description): found an incomplete entry in ipsecPolicies; needed: \(Self.policyMembers.joined(separator: ", "))"
            )
            return []
        }
        return ["      policy: {\(values.joined(separator: ", "))}"]
    }

    /// Those that a policy-based peer asks for; the site is taken to have the same.
    private mutating func selectors(of connection: ExportedResource) -> [String] {
        let policies = connection["trafficSelectorPolicies"]?.elements ?? []
        if policies.isEmpty {
            if connection["usePolicyBasedTrafficSelectors"]?.bool == true {
                remarks.append("\(connection.description): policy-based selectors are all pairs of prefixes, as a lab's are anyway")
            }
            return []
        }
        let pairs = policies.flatMap { policy -> [String] in
            let local = policy.member("localAddressRanges")?.strings ?? []
            let remote = policy.member("remoteAddressRanges")?.strings ?? []
            return local.flatMap { gateway in remote.map { "{site: \(quoted($0)), gateway: \(quoted(gateway))}" } }
        }
        let list = pairs.joined(separator: ", ")
        return ["      selectors: {site: [\(list)], gateway: [\(list)]}"]
    }

    // MARK: - Words

    /// A name that a namespace may have.
    static func nodeName(_ name: String, longest: Int) -> String {
        var result = ""
        for scalar in name.lowercased().unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": result.unicodeScalars.append(scalar)
            default: if !result.hasSuffix("-") { result += "-" }
            }
        }
        while result.hasPrefix("-") { result.removeFirst() }
        if result.first.map({ $0.isNumber }) ?? true { result = "n" + result }
        result = String(result.prefix(longest))
        while result.hasSuffix("-") { result.removeLast() }
        return result
    }

    /// As JSON has it, which YAML takes.
    private func quoted(_ text: String) -> String { String(decoding: JSONValue.string(text).bytes, as: UTF8.self) }
}
