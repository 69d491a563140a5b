import ArgumentParser
import AzureResources
import LabKeeper

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a topology, or a lab that stands, as the real service's resources.",
        discussion: """
            As a template whose keys, and GatewaySubnet's prefix, are parameters without a value; or as the resources that the API would list.
            """)

    enum Form: String, ExpressibleByArgument, CaseIterable {
        case armTemplate = "arm-template"
        case resources
    }

    @Argument(help: "The topology file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var topology: String?

    @Option(
        help: ArgumentHelp(
            "Export a lab that stands, as it is now, with what was added and changed since it was started.", valueName: "name"))
    var lab: String?

    @Option(help: "What is written.")
    var form: Form = .armTemplate

    @Option(help: ArgumentHelp("The resource group. Default: the topology's name.", valueName: "name"))
    var resourceGroup: String?

    @Option(help: ArgumentHelp("The subscription's id.", valueName: "guid"))
    var subscription = "00000000-0000-0000-0000-000000000001"

    @Option(help: "Where the resources are.")
    var location = "westeurope"

    @Option(name: .shortAndLong, help: "Write to this file. Default: standard output.", completion: .file())
    var output: String?

    /// As the service has them: an id is made of them.
    func validate() throws {
        guard (topology == nil) != (lab == nil) else {
            throw ValidationError("found \(lab == nil ? "neither" : "both"); allowed: a topology file, or --lab with the name of a lab")
        }
        for (option, value) in [("--resource-group", resourceGroup ?? "lab"), ("--subscription", subscription), ("--location", location)] {
            guard (1...90).contains(value.utf8.count), value.utf8.allSatisfy(Self.isAllowed) else {
                throw ValidationError(
                    "\(option): found \(value.isEmpty ? "nothing" : "\"\(value)\""); allowed: letters, digits, \".\", \"_\", \"-\" and "
                        + "parentheses, at most 90")
            }
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "._-()".utf8.contains(byte)
        }
    }

    func run() throws {
        if let output { try checkWritable(output) }
        let plan = try topology.map { try TopologyFile.load($0).plan(seed: 1) } ?? telling { try LabClient(lab: lab) }.description.plan
        let export = ResourceExport(
            plan: plan, resourceGroup: resourceGroup ?? plan.name, subscription: subscription, location: location)
        for remark in export.remarks { standardError("resetlab: \(remark)") }
        let bytes = (form == .armTemplate ? export.template : export.resources).indented
        guard let output else { return print(String(decoding: bytes, as: UTF8.self), terminator: "") }
        try write(bytes, to: output)
    }
}
