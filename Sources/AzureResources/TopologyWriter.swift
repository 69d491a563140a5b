import ManagementAPI
import Topology

/// Writes the topology of one gateway. Its text counts only where no problem was found.
struct TopologyWriter {
    let options: TopologyImport
    let resources: ResourceIndex
    var findings: Findings
    var hasKeys = false
    /// The resources that each site of the topology is made of, for messages.
    private var sites: [String] = []
    private var gateway: ExportedResource?
    var nodeNames = UniqueNames(taken: NodeNames.own, longest: 40)

    init(options: TopologyImport, resources: ResourceIndex, findings: Findings) {
        self.options = options
        self.resources = resources
        self.findings = findings
    }

    mutating func write() -> String {
        let gateways = resources.all(.gateway)
        guard let gateway = gateways.first else {
            findings.missing("virtual network gateway", command: "az network vnet-gateway show -g GROUP -n NAME")
            return ""
        }
        if gateways.count > 1 {
            let names = gateways.map(\.name).joined(separator: ", ")
            findings.problem("found \(gateways.count) gateways, \(names); allowed: the exports of one")
        }
        self.gateway = gateway
        let files = Set(resources.all.flatMap(\.files)).sorted().joined(separator: ", ")
        var lines = ["# Imported from \(YAMLText.comment(files))."]
        lines.append("# The sites' own settings are in no export: policies, selectors and keys are taken to be the same on both sides.")
        lines += ["", "resetlab: 1", "name: \(quoted(options.name ?? UniqueNames.node(gateway.name, longest: 20)))", ""]
        lines += self.lines(of: gateway) + ["", "sites:"]
        for connection in connections(of: gateway) {
            let (place, site) = self.site(of: connection)
            sites.append(place)
            lines += site
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func connections(of gateway: ExportedResource) -> [ExportedResource] {
        var own: [ExportedResource] = []
        var others: Set<String> = []
        for connection in resources.all(.connection) {
            guard let (name, id) = reference(connection["virtualNetworkGateway1"], to: .gateway) else {
                findings.missing("virtualNetworkGateway1", of: connection.description, command: "az network vpn-connection show")
                continue
            }
            if name.lowercased() == gateway.name.lowercased(), gateway.id?.isCompatible(with: id) ?? true {
                own.append(connection)
            } else if reference(connection["virtualNetworkGateway2"], to: .gateway)?.name.lowercased() == gateway.name.lowercased() {
                own.append(connection)
            } else {
                others.insert(name)
                findings.remark("\(connection.description) is of the gateway \(name) and is left out")
            }
        }
        if own.isEmpty {
            let only = others.isEmpty ? "" : ", only of \(others.sorted().joined(separator: ", "))"
            findings.missing("connection of \(gateway.name)\(only)", command: "az network vpn-connection list -g GROUP")
            return []
        }
        let names = Set(own.map { $0.name.lowercased() })
        for name in options.keys.keys.sorted() where !names.contains(name.lowercased()) {
            findings.problem(
                "found a key for \(name), which is no connection of \(gateway.name); allowed: \(own.map(\.name).joined(separator: ", "))")
        }
        let weights = own.map { $0["routingWeight"].value }
        if weights.contains(where: { $0 != weights.first }) {
            findings.remark("the connections' routing weights are left out: each site of a lab has one connection")
        }
        return own
    }

    // MARK: - References

    /// What an id names; nil for none, or for one of something else, which is reported.
    mutating func reference(_ member: Member, to kind: ExportedResource.Kind) -> (name: String, id: ResourceID)? {
        guard let text = member["id"].text(&findings) ?? member.value?.string else { return nil }
        let id = ResourceID(text)
        guard let name = id.name(of: kind) else {
            findings.problem("\(member["id"].place): found no name of one of the \(kind.rawValue); allowed: …/\(kind.rawValue)/NAME")
            return nil
        }
        return (name, id)
    }

    /// - Parameter reference: of `reference`.
    mutating func find(
        _ kind: ExportedResource.Kind, _ reference: (name: String, id: ResourceID), from place: String
    ) -> ExportedResource? {
        let found = resources.find(kind, reference.name, reference.id)
        if found.count > 1 {
            findings.problem("\(place): found \(found.count) of the \(kind.rawValue) called \(reference.name); allowed: one")
        }
        return found.first
    }

    // MARK: - Messages of the format

    /// What the format does not allow, told of the resource that it comes from.
    func problem(_ diagnostic: Diagnostic) -> String {
        var place = gateway?.description ?? diagnostic.file
        var key = diagnostic.key
        if key == "name" {
            place = options.name == nil ? place : "--name"
        } else if key.hasPrefix("sites["), let end = key.firstIndex(of: "]"), let index = Int(key[..<end].dropFirst(6)),
            sites.indices.contains(index)
        {
            place = sites[index]
            key = String(key[end...].dropFirst(2))
        }
        return "\(place): what a lab would have as \(key.isEmpty ? "its site" : key): \(diagnostic.message)"
    }

    // MARK: - Text

    func quoted(_ text: String) -> String { YAMLText.quoted(text) }
    func list(_ texts: [String]) -> String { "[\(texts.map(YAMLText.quoted).joined(separator: ", "))]" }
}

/// Text as YAML takes it, whatever is in it.
enum YAMLText {
    /// In double quotes, all but printable ASCII escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case " "..."~": result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                let length = scalar.value > 0xffff ? 8 : 4
                result += (length == 8 ? "\\U" : "\\u") + String(repeating: "0", count: length - digits.count) + digits
            }
        }
        return result + "\""
    }

    /// On one line.
    static func comment(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { (" "..."~").contains($0) || $0.properties.isAlphabetic ? $0 : "?" }))
    }
}

/// Names of nodes, made from names of resources.
struct UniqueNames {
    private var taken: Set<String>
    private let longest: Int

    init(taken: Set<String>, longest: Int) {
        self.taken = taken
        self.longest = longest
    }

    /// Where the name is taken, with a number at its end.
    mutating func next(_ name: String) -> String {
        var result = Self.node(name, longest: longest)
        var number = 2
        while !taken.insert(result).inserted {
            let suffix = "-\(number)"
            result = Self.node(name, longest: longest - suffix.count) + suffix
            number += 1
        }
        return result
    }

    /// Lower-case letters, digits and hyphens, a letter first.
    static func node(_ name: String, longest: Int) -> String {
        var result = ""
        for scalar in name.lowercased().unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": result.unicodeScalars.append(scalar)
            default: if !result.hasSuffix("-") { result += "-" }
            }
        }
        while result.hasPrefix("-") { result.removeFirst() }
        if result.first.map(\.isNumber) ?? true { result = "n" + result }
        result = String(result.prefix(longest))
        while result.hasSuffix("-") { result.removeLast() }
        return result
    }
}
