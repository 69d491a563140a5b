import AgentProtocol
import ArgumentParser
import GuestKernel

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "doctor", abstract: "stub")
    func run() throws { for c in try Place.probeHost() { print(c.name.rawValue, c.works, c.detail) } }
}
