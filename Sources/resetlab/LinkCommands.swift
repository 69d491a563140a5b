import ArgumentParser
import LabPlan
import Topology

/// A link by the node that it leads to.
struct LinkArgument: ParsableArguments {
    @Argument(help: "The link, by the node that it leads to: a site, gateway-0, or gateway-0:inside.")
    var link: String
}

struct CutCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cut", abstract: "Let a link carry nothing, for a time or until it is restored.")

    @OptionGroup var options: ActionOptions
    @OptionGroup var named: LinkArgument

    @Option(name: .customLong("for"), help: ArgumentHelp("How long, such as 30s.", valueName: "duration"), transform: positiveDuration)
    var time: Duration?

    func run() throws {
        let client = try options.lab.connect()
        try options.perform(.cutLink(try client.description.link(named.link), for: time), "Cut of \(named.link)", in: client)
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Let a link carry packets again as it was planned to.")

    @OptionGroup var options: ActionOptions
    @OptionGroup var named: LinkArgument

    func run() throws {
        let client = try options.lab.connect()
        try options.perform(.restoreLink(try client.description.link(named.link)), "Restoring of \(named.link)", in: client)
    }
}

struct FlapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flap", abstract: "Take a link down and up again, several times.")

    @OptionGroup var options: ActionOptions
    @OptionGroup var named: LinkArgument

    @Option(help: ArgumentHelp("How long it is down each time, such as 500ms.", valueName: "duration"), transform: positiveDuration)
    var down: Duration

    @Option(help: ArgumentHelp("How long it is up in between.", valueName: "duration"), transform: positiveDuration)
    var up: Duration

    @Option(help: "How often it goes down.")
    var times: Int

    func validate() throws {
        guard (1...10_000).contains(times) else { throw ValidationError("--times: found \(times); allowed: from 1 to 10000") }
    }

    func run() throws {
        let client = try options.lab.connect()
        let link = try client.description.link(named.link)
        try options.perform(.flapLink(link, down: down, up: up, times: times), "Flapping of \(named.link)", in: client)
    }
}

struct ImpairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "impair",
        abstract: "Let a link delay, lose or slow down packets, for a time or until it is restored.",
        discussion: "It stands in the place of the impairment that the topology has there.")

    enum Direction: String, ExpressibleByArgument, CaseIterable {
        case both
        case to
        case from
    }

    @OptionGroup var options: ActionOptions
    @OptionGroup var named: LinkArgument

    @Option(help: "One-way delay, such as 20ms; at most 60s.", transform: linkDelay)
    var delay: Duration?

    @Option(help: "How much the delay varies, up and down; at most the delay.", transform: linkDelay)
    var jitter: Duration?

    @Option(help: "How many packets are lost, at random, such as 0.1%.", transform: lossShare)
    var loss: Double?

    @Option(help: "The rate that packets are slowed down to, such as 100Mbit.", transform: linkRate)
    var rate: UInt64?

    @Option(help: "Which packets: to the node that the link is called by, from it, or both.")
    var direction: Direction = .both

    @Option(name: .customLong("for"), help: ArgumentHelp("How long, such as 30s.", valueName: "duration"), transform: positiveDuration)
    var time: Duration?

    func validate() throws {
        if delay == nil, jitter == nil, loss == nil, rate == nil {
            throw ValidationError("nothing to do to the link; at least one of --delay, --jitter, --loss and --rate is needed")
        }
        if let jitter, jitter > delay ?? .zero {
            throw ValidationError("--jitter is longer than --delay; allowed: at most the delay itself")
        }
    }

    func run() throws {
        let client = try options.lab.connect()
        let link = try client.description.link(named.link)
        let impairment = Impairment(delay: delay ?? .zero, jitter: jitter ?? .zero, loss: loss ?? 0, rate: rate)
        let direction: LinkDirection =
            switch direction {
            case .both: .both
            case .to: .toNode
            case .from: .fromNode
            }
        try options.perform(.impairLink(link, impairment, direction, for: time), "Impairment of \(named.link)", in: client)
    }
}

// MARK: - Values as topologies have them

@Sendable private func positiveDuration(_ text: String) throws -> Duration {
    guard let duration = Duration(topologyText: text), duration > .zero, duration <= .seconds(86_400) else {
        throw ValidationError("found \(text); allowed: a duration with its unit, such as 500ms, 30s or 5min, at most 24h")
    }
    return duration
}

@Sendable private func linkDelay(_ text: String) throws -> Duration {
    guard let duration = Duration(topologyText: text), duration <= .seconds(60) else {
        throw ValidationError("found \(text); allowed: a duration with its unit, such as 20ms, from 0s to 60s")
    }
    return duration
}

@Sendable private func lossShare(_ text: String) throws -> Double {
    guard let loss = Double(topologyLoss: text) else {
        throw ValidationError("found \(text); allowed: a percentage such as 0.1%, from 0% to 100%")
    }
    return loss
}

@Sendable private func linkRate(_ text: String) throws -> UInt64 {
    guard let rate = UInt64(topologyBitRate: text) else {
        throw ValidationError("found \(text); allowed: a rate such as 512kbit, 100Mbit or 10Gbit, from 1kbit to 1000Gbit")
    }
    return rate
}
