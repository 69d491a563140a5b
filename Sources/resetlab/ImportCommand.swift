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
            let isInput = file == "-"
            return (name: isInput ? "standard input" : file, bytes: Array(try readFile(isInput ? "/dev/stdin" : file).utf8))
        }
        let result: TopologyImport.Result
        do {
            result = try importing.topology(from: contents)
        } catch {
            throw CommandFailure(.badInput, "nothing was written:\n\(error)")
        }
        for remark in result.remarks { standardError("resetlab: \(remark)") }
        guard let output else { return print(result.text, terminator: "") }
        // What has keys in it is for this user alone.
        if result.hasKeys { return try KeyFile(path: output).write(result.text) }
        try write(Array(result.text.utf8), to: output)
    }

    /// By connection. A key's text is in no message, also where it was given in the place of a variable's name.
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
                // Names of resources are the same in capitals.
                guard !keys.keys.contains(where: { $0.lowercased() == connection.lowercased() }) else {
                    throw CommandFailure(.badInput, "\(option): the key of \(connection) is given twice")
                }
                keys[connection] = option == "--key" ? try fileKey(place) : try environmentKey(place, of: connection)
            }
        }
        return keys
    }

    /// Without the newline at its end, whichever system has written it.
    private func fileKey(_ path: String) throws -> String {
        var text = try readFile(path)
        // "\r\n" is one character.
        if text.last == "\n" || text.last == "\r\n" { text.removeLast() }
        guard !text.isEmpty else { throw CommandFailure(.badInput, "--key: \(path) is empty") }
        return text
    }

    private func environmentKey(_ variable: String, of connection: String) throws -> String {
        guard let value = getenv(variable).map({ String(cString: $0) }), !value.isEmpty else {
            throw CommandFailure(
                .badInput, "--key-env: the environment has no variable of the name that is given for \(connection), or an empty one")
        }
        return value
    }
}
