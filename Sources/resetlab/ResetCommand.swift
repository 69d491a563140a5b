import Addressing
import AgentProtocol
import ArgumentParser
import LabKeeper
import LabPlan
import Preflight
import Report

struct ResetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Reset the gateway or one connection, and tell what it cost.",
        subcommands: [ResetGatewayCommand.self, ResetConnectionCommand.self, ResetClassicGatewayCommand.self])

    func run() throws { throw ValidationError("what is to be reset? resetlab reset gateway, or resetlab reset connection NAME") }
}

struct ResetGatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Restart the active instance, as the real service does.",
        discussion: """
            The standby takes over. A second reset restarts the other, newly active instance. Of an active-active gateway the primary restarts, or \
            the one with the given address. Both sides of every connection are compared before: exit code 1, and no reset, on a difference.
            """)

    @OptionGroup var options: ActionOptions

    @Option(help: ArgumentHelp("Of an active-active gateway, the instance that has this address.", valueName: "address"))
    var address: String?

    @Flag(help: "Reset even when a check says that a connection will not come up again.")
    var skipChecks = false

    func run() throws {
        let client = try options.lab.connect()
        let lab = client.description
        let chosen = try address.map { try instanceAddress($0, lab.plan.gateway) }
        if !skipChecks { try checksBefore(resetOf: nil, in: client) }
        try options.perform(.resetGateway(address: chosen), "Reset of \(lab.gateway)", in: client)
    }

    private func instanceAddress(_ text: String, _ gateway: GatewayPlan) throws -> IPAddress {
        let known = gateway.isActiveActive ? gateway.instances.flatMap(\.addresses) : gateway.virtualAddresses
        guard let address = IPAddress(text), known.contains(address) else {
            throw CommandFailure(
                .badInput, "the gateway \(gateway.name) has no address \(text); it has: \(known.map { "\($0)" }.joined(separator: ", "))")
        }
        return address
    }
}

struct ResetConnectionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connection",
        abstract: "Tear one connection down and agree on it anew; every other one keeps forwarding.")

    @OptionGroup var options: ActionOptions

    @Argument(help: "The connection's name, or its site's.")
    var connection: String

    @Flag(help: "Reset even when a check says that the connection will not come up again.")
    var skipChecks = false

    func run() throws {
        let client = try options.lab.connect()
        let lab = client.description
        let index = try lab.connection(connection)
        if !skipChecks { try checksBefore(resetOf: index, in: client) }
        try options.perform(.resetConnection(index), "Reset of \(lab.connections[index])", in: client)
    }
}

/// As `Reset-AzureVNetGateway` of the classic deployment model, whose result is printed ("Reset a VPN gateway", classic).
struct ResetClassicGatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classic-gateway",
        abstract: "Reset the gateway of a virtual network as the classic deployment model names it, and print that model's result.",
        discussion: """
            Among the labs that stand the one is meant whose gateway has this virtual network: a gateway's name without GW at its end, so that \
            TestVNet1 is TestVNet1GW's. A resource group in the name is not compared: a lab by itself is in none.
            """)

    @Option(
        help: ArgumentHelp(
            "The network's full name in the classic portal: 'Group TestRG1 TestVNet1', or its name alone.", valueName: "name"))
    var vnetName: String

    @Flag(help: "Reset even when a check says that a connection will not come up again.")
    var skipChecks = false

    func run() throws {
        guard let name = ClassicNetworkName(vnetName) else {
            throw CommandFailure(
                .badInput, "--vnet-name: found \(vnetName); allowed: a virtual network's name, or 'Group RESOURCEGROUP NETWORK'")
        }
        let clients = try telling { try LabsFolder().standing().map { try LabClient(folder: $0) } }
        let matching = clients.filter { $0.description.plan.gateway.networkName.lowercased() == name.network.lowercased() }
        guard let client = matching.first else {
            let networks = clients.map(\.description.plan.gateway.networkName).joined(separator: ", ")
            throw CommandFailure(
                .badInput,
                "no lab has a virtual network \(name.network); "
                    + (networks.isEmpty ? "none stands: resetlab up TOPOLOGY" : "those that stand have: \(networks)"))
        }
        guard matching.count == 1 else {
            throw CommandFailure(
                .badInput,
                "several labs have a virtual network \(name.network): \(matching.map(\.description.name).joined(separator: ", ")); resetlab reset "
                    + "gateway --lab resets one of them")
        }
        if !skipChecks { try checksBefore(resetOf: nil, in: client) }
        var generator = SystemRandomNumberGenerator()
        func digits(_ count: Int) -> String {
            String((0..<count).compactMap { _ in "0123456789abcdef".randomElement(using: &generator) })
        }
        guard case .performed(let outcome) = try telling({ try client.ask(.perform(.resetGateway(address: nil))) }) else {
            throw CommandFailure(.failed, "the agent answered the reset with something else")
        }
        let fields = [
            ("Error", outcome.reason ?? ""), ("HttpStatusCode", outcome.succeeded ? "OK" : "InternalServerError"),
            ("Id", [8, 4, 4, 4, 12].map(digits).joined(separator: "-")), ("Status", outcome.succeeded ? "Successful" : "Failed"),
            ("RequestId", digits(32)), ("StatusCode", "OK"),
        ]
        for (name, value) in fields { print(name + String(repeating: " ", count: 14 - name.count) + " : " + value) }
        if !outcome.succeeded { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}

/// What the real service's article asks to be looked at before a reset. The keeper compares both sides: it has the keys, and hands out none.
///
/// - Throws: `ExitCode` 1 on a difference, after it was told.
private func checksBefore(resetOf connection: Int?, in client: LabClient) throws {
    guard case .checked(let checks) = try telling({ try client.ask(.check(connection: connection)) }),
        !checks.allSatisfy(\.differences.isEmpty)
    else { return }
    print(CheckTable(checks, differencesOnly: true, usesColour: standardOutputUsesColour).text, terminator: "")
    standardError("resetlab: what differs does not come up again; nothing was reset, --skip-checks resets anyway")
    throw ExitCode(ExitStatus.expectationFailed.rawValue)
}
