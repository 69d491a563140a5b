import ArgumentParser
import AzureResources
import Glibc

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write a topology from what the real service's tools export.",
        discussion: """
            It takes the JSON of az network vnet-gateway show, vpn-connection list, local-gateway list, vnet list and public-ip list, of the REST API and \
            SDKs, and exported templates; any number of files in any order. What a lab needs and they do not have is told, nothing is made up. Keys \
            are in no export: they are asked for by --key or --key-env.
            """)

    @Argument(help: "JSON files; - for standard input.", completion: .file(extensions: ["json"]))
    var files: [String]

    @Option(help: ArgumentHelp("What the lab is called. Default: made from the gateway's name.", valueName: "lab"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "A connection's pre-shared key is in this file; a newline at its end does not count.", valueName: "connection=file"))
    var key: [String] = []

    @Option(help: ArgumentHelp("A connection's pre-shared key is in this environment variable.", valueName: "connection=variable"))
    var keyEnv: [String] = []

    @Flag(help: "Leave keys out that are not given: the lab makes them from its seed.")
    var withoutKeys = false

    @Option(name: .shortAndLong, help: "Write the topology to this file. Default: standard output.", completion: .file())
    var output: String?

    func validate() throws { if files.isEmpty { throw ValidationError("Missing expected argument '<files> ...'") } }

    func run() throws {
        if let output { try checkWritable(output) }
        let importing = TopologyImport(name: name, keys: try keys(), allowsMissingKeys: withoutKeys)
        let contents = try files.map { file in
            file == "-"
                ? ("standard input", Array(try readFile("/dev/stdin").utf8))
                : (file.split(separator: "/").last.map(String.init) ?? file, Array(try readFile(file).utf8))
        }
        let result: TopologyImport.Result
        do {
            result = try importing.topology(from: contents.map { (name: $0.0, bytes: $0.1) })
        } catch let error as ImportError {
            throw CommandFailure(.badInput, "nothing was written:\n\(error)")
        }
        for remark in result.remarks { standardError("resetlab: \(remark)") }
        guard let output else { return print(result.text, terminator: "") }
        try write(Array(result.text.utf8), to: output)
    }

    /// By connection. A key's text is in no message.
    private func keys() throws -> [String: String] {
        var keys: [String: String] = [:]
        for (option, arguments) in [("--key", key), ("--key-env", keyEnv)] {
            for argument in arguments {
                guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex, argument.index(after: sign) != argument.endIndex
                else {
                    throw CommandFailure(
                        .badInput,
                        "\(option): found no \"=\" with something on both its sides; allowed: CONNECTION=\(option == "--key" ? "FILE" : "VARIABLE")"
                    )
                }
                let connection = String(argument[..<sign])
                let place = String(argument[argument.index(after: sign)...])
                guard keys[connection] == nil else { throw CommandFailure(.badInput, "\(option): the key of \(connection) is given twice") }
                keys[connection] = option == "--key" ? try fileKey(place) : try environmentKey(place)
            }
        }
        return keys
    }

    private func fileKey(_ path: String) throws -> String {
        var text = try readFile(path)
        if text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw CommandFailure(.badInput, "--key: \(path) is empty") }
        return text
    }

    private func environmentKey(_ variable: String) throws -> String {
        guard let value = getenv(variable).map({ String(cString: $0) }), !value.isEmpty else {
            throw CommandFailure(.badInput, "--key-env: the environment has no \(variable)")
        }
        return value
    }
}

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a topology as the real service's resources.",
        discussion:
            "As a template that could be deployed, its keys parameters without a value; or as the resources that the API would list.")

    enum Form: String, ExpressibleByArgument, CaseIterable {
        case armTemplate = "arm-template"
        case resources
    }

    @Argument(help: "The topology file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var topology: String

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

    func run() throws {
        if let output { try checkWritable(output) }
        let plan = try TopologyFile.load(topology).plan(seed: 1)
        let export = ResourceExport(
            plan: plan, resourceGroup: resourceGroup ?? plan.name, subscription: subscription, location: location)
        let bytes = (form == .armTemplate ? export.template : export.resources).indented
        guard let output else { return print(String(decoding: bytes, as: UTF8.self), terminator: "") }
        try write(bytes, to: output)
    }
}
