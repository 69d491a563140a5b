import ArgumentParser
import LabPlan

struct FailCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fail", abstract: "Let an instance of the gateway end without warning.")

    @OptionGroup var options: ActionOptions

    @Argument(help: "gateway-0, gateway-1, active or standby.")
    var instance: String

    func run() throws {
        let client = try options.lab.connect()
        let choice = try client.description.instance(instance)
        try options.perform(.failInstance(choice), "Failure of \(instance)", in: client)
    }
}

struct MaintainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintain", abstract: "Restart an instance of the gateway as planned maintenance does.")

    @OptionGroup var options: ActionOptions

    @Argument(help: "gateway-0, gateway-1, active or standby.")
    var instance: String

    func run() throws {
        let client = try options.lab.connect()
        let choice = try client.description.instance(instance)
        try options.perform(.maintainInstance(choice), "Maintenance of \(instance)", in: client)
    }
}
