import ManagementAPI
import Topology

/// Writes a topology from what the service's tools have exported.
///
///     let importing = TopologyImport(name: "lab", keys: ["VNet1toSite1": "…"])
///     let result = try importing.topology(from: [("gateway.json", bytes), …])
public struct TopologyImport {
    public struct Result: Equatable, Sendable {
        /// YAML; it loads.
        public var text: String
        /// What a lab cannot have, or has another way; without keys.
        public var remarks: [String]
        /// Whether the text has a pre-shared key in it.
        public var hasKeys: Bool
    }

    /// nil for one made from the gateway's name.
    public var name: String?
    /// Pre-shared keys by connection.
    public var keys: [String: String]
    /// Whether connections may be without a key: then the lab makes them.
    public var allowsMissingKeys: Bool

    public init(name: String? = nil, keys: [String: String] = [:], allowsMissingKeys: Bool = false) {
        self.name = name
        self.keys = keys
        self.allowsMissingKeys = allowsMissingKeys
    }

    /// What a lab of these resources is called where it is given no name: like the gateway.
    public static func labName(of resources: [JSONValue]) -> String {
        let gateway = resources.first { $0["type"]?.string?.lowercased().hasSuffix("/virtualnetworkgateways") ?? false }
        return UniqueNames.node(gateway?["name"]?.string ?? "lab", longest: 20)
    }

    /// - Parameter files: in any order; their names are for messages.
    /// - Throws: `ImportError` with everything that is wrong or missing. No key is part of it.
    public func topology(from files: [(name: String, bytes: [UInt8])]) throws(ImportError) -> Result {
        var reader = ExportReader()
        for file in files { reader.read(file.bytes, file: file.name) }
        guard reader.findings.problems.isEmpty else { throw ImportError(reader.findings.problems) }
        var writer = TopologyWriter(options: self, resources: reader.resources, findings: reader.findings)
        let text = writer.write()
        guard writer.findings.problems.isEmpty else { throw ImportError(writer.findings.problems) }
        do {
            _ = try Topology.load(text: text, file: "the imported topology")
        } catch {
            throw ImportError(error.diagnostics.map(writer.problem))
        }
        return Result(text: text, remarks: writer.findings.remarks, hasKeys: writer.hasKeys)
    }
}
