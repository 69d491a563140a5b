import ArgumentParser
import LabKeeper

struct DownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Take a lab down; its health history stays.")

    @OptionGroup var lab: LabOption

    @Flag(help: "Every lab that stands.")
    var all = false

    func validate() throws {
        if all, lab.lab != nil { throw ValidationError("--all and --lab: one of them says which labs are meant") }
    }

    func run() throws {
        guard all else { return try takeDown(try lab.connect()) }
        let standing = try telling { try LabsFolder().standing() }
        if standing.isEmpty { print("no lab stands") }
        for folder in standing { try takeDown(try telling { try LabClient(folder: folder) }) }
    }

    private func takeDown(_ client: LabClient) throws {
        _ = try telling { try client.ask(.down) }
        client.awaitEnd()
        print("lab \(client.description.name) is down")
    }
}
