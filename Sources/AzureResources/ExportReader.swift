import ManagementAPI
import Report

/// Takes exports apart into resources.
struct ExportReader {
    private(set) var resources = ResourceIndex()
    var findings = Findings()

    private static let allowed = "what az … show, az … list or an exported template prints"
    /// Parts of other resources, of which nothing is needed.
    private static let parts: Set<String> = ["microsoft.network/virtualnetworks/subnets"]

    mutating func read(_ bytes: [UInt8], file: String) {
        let text = String(decoding: bytes, as: UTF8.self)
        // PowerShell begins files with a byte order mark.
        let content = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
        guard let value = try? JSONValue(parsing: Array(content.utf8)) else {
            if let violation = JSONSyntax.violation(in: content) {
                findings.problem(
                    "\(file):\(violation.line):\(violation.column): found no JSON, or only a part of it: \(violation.found), where "
                        + "\(violation.allowed) should be; allowed: \(Self.allowed)")
            } else {
                findings.problem("\(file): found a number or a text that cannot be read; allowed: \(Self.allowed)")
            }
            return
        }
        if collect(value, file: file) == 0 {
            findings.problem(
                "\(file): found no gateway, connection, local gateway, virtual network or public address; allowed: \(Self.allowed)")
        }
    }

    /// - Returns: how many resources that were.
    private mutating func collect(_ value: JSONValue, file: String) -> Int {
        switch value {
        case .array(let elements): return elements.reduce(0) { $0 + collect($1, file: file) }
        case .object(let members):
            if let kind = Self.kind(of: value) { return add(value, as: kind, file: file) }
            if let type = value["type"]?.string {
                if !Self.parts.contains(type.lowercased()) {
                    findings.remark("\(file): \(type) \(value["name"]?.string ?? "") has no part in a lab and is left out")
                }
                return 0
            }
            if let list = value["value"]?.elements {
                if value["nextLink"]?.isSet == true { findings.problem("\(file): found the first part of a list; allowed: all of it") }
                return list.reduce(0) { $0 + collect($1, file: file) }
            }
            if value["resources"] != nil { return collect(template: value, file: file) }
            return collect(lists: members, file: file)
        default:
            findings.remark("\(file): found \(value.found) among the resources, which is left out")
            return 0
        }
    }

    private mutating func collect(template: JSONValue, file: String) -> Int {
        var values = TemplateValues(of: template)
        let resources: [JSONValue]
        switch template["resources"] {
        case .array(let elements)?: resources = elements
        // With symbolic names (languageVersion 2.0).
        case .object(let members)?: resources = members.sorted { $0.key < $1.key }.map(\.value)
        default: return 0
        }
        var count = 0
        for resource in resources {
            let value = values.resolved(resource)
            if value["condition"] == .bool(false) {
                findings.remark("\(file): \(value["name"]?.string ?? "a resource") is left out: its condition is false")
                continue
            }
            count += collect(value, file: file)
        }
        return count
    }

    /// Lists by type, as `resetlab export --form resources` writes them.
    private mutating func collect(lists: [String: JSONValue], file: String) -> Int {
        let known = lists.sorted { $0.key < $1.key }.filter { ExportedResource.Kind(name: $0.key) != nil }
        var count = 0
        for (name, list) in known {
            guard let kind = ExportedResource.Kind(name: name) else { continue }
            for element in list.elements ?? [] { count += add(element, as: Self.kind(of: element) ?? kind, file: file) }
        }
        if known.isEmpty { findings.remark("\(file): found an object that is no resource, which is left out") }
        return count
    }

    private mutating func add(_ value: JSONValue, as kind: ExportedResource.Kind, file: String) -> Int {
        guard let name = value["name"]?.string, !name.isEmpty else {
            findings.problem("\(file): \(kind.rawValue): name: found \((value["name"] ?? .null).found); allowed: a name")
            return 1
        }
        resources.add(ExportedResource(kind, name: name, value: value, file: file), &findings)
        return 1
    }

    /// By its type; without one by what only one of them has.
    private static func kind(of value: JSONValue) -> ExportedResource.Kind? {
        if let type = value["type"]?.string {
            let parts = type.split(separator: "/")
            guard parts.count == 2, parts[0].lowercased() == "microsoft.network" else { return nil }
            return ExportedResource.Kind(name: String(parts[1]))
        }
        let root = Member(value, of: "")
        func has(_ name: String) -> Bool { root[name].value != nil }
        if has("gatewayType") { return .gateway }
        if has("connectionType") { return .connection }
        if has("localNetworkAddressSpace") || has("gatewayIpAddress") { return .localGateway }
        if root["addressSpace"]["addressPrefixes"].value != nil { return .network }
        if has("publicIPAllocationMethod") { return .publicAddress }
        return nil
    }
}
