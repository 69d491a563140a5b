import EventLoop
import LabPlan
import Links
import LinuxKernel
import Measurement

/// Reads the counters of dropped packets whenever the lab changes, so that a loss can be told from the losses before and after the change.
///
/// What every flow crosses (gateway, internet, virtual network) is read at each change; what belongs to one site alone, at the start, at the
/// end and when that site's own state changes: a site's counters can only explain that site's losses.
final class CounterSampler {
    private var plan: LabPlan
    private var nodes: [LabNode]
    private let shared: [Int]
    private(set) var snapshots: [Measurement.CounterSnapshot] = []
    /// CLOCK_MONOTONIC at the measured part's start; nil while nothing is measured.
    private var start: Int64?
    private(set) var firstError: (any Error)?
    private let loop: EventLoop
    private var sitesToRead: Set<Int> = []
    /// Whether packets that leave a node by an interface are lost to a cut of its link.
    var isCut: ((_ node: Int, _ interface: String) -> Bool)?
    private var pending: EventLoop.Timer?

    init(plan: LabPlan, nodes: [LabNode], loop: EventLoop) {
        self.plan = plan
        self.loop = loop
        self.nodes = nodes
        shared = plan.nodes.indices.filter { plan.nodes[$0].kind != .site }
    }

    /// The plan has got more sites.
    func adopt(_ plan: LabPlan, nodes: [LabNode]) {
        self.plan = plan
        self.nodes = nodes
    }

    /// Begins with a reading of everything.
    func begin(at start: Int64) {
        self.start = start
        snapshots = []
        sample(Array(plan.nodes.indices), queues: true)
    }

    func end() -> [Measurement.CounterSnapshot] {
        pending.map(loop.cancel)
        sample(Array(plan.nodes.indices), queues: true)
        start = nil
        return snapshots
    }

    /// A link of these nodes is about to change, or has just changed.
    func sampleQueues(of nodes: [Int]) { sample(nodes, queues: true) }

    /// The gateway's state is about to change, or has just changed.
    func sampleGateway() { sample(shared, queues: false) }

    /// A connection has its SAs at both ends. Where many have at the same time, one reading serves all of the next tenth of a second: to read
    /// after each would keep the agent from sending its probes.
    func sampleAfterInstallation(of connection: Int) {
        sitesToRead.insert(plan.connections[connection].site)
        guard pending == nil, start != nil else { return }
        pending = loop.timer(after: .milliseconds(100)) { [unowned self] in
            pending = nil
            sample(shared, securityOf: sitesToRead.sorted(), queues: false)
            sitesToRead = []
        }
    }

    /// Every counter, now.
    func readAll() throws -> [CounterReading] {
        var readings: [CounterReading] = []
        for node in plan.nodes.indices { try read(node, queues: true, into: &readings) }
        return readings
    }

    /// - Parameter securityNodes: of which IPsec's counters are read alone: of many sites that have their SAs, all others would take more time than
    ///   the exchanges themselves, and what they count of one site's packets they may as well tell at the end.
    private func sample(_ nodes: [Int], securityOf securityNodes: [Int] = [], queues: Bool) {
        guard let start else { return }
        do {
            var readings: [CounterReading] = []
            for node in nodes { try read(node, queues: queues, into: &readings) }
            for node in securityNodes {
                for (name, value) in try self.nodes[node].counters.readSecurity() {
                    readings.append(.init(CounterKey(node: node, name: name), value))
                }
            }
            snapshots.append(.init(at: SystemClock.monotonic.nanoseconds - start, readings: readings))
        } catch {
            // A ledger without this reading still adds up: what it cannot explain it names so. The first error is told in the result.
            if firstError == nil { firstError = error }
        }
    }

    private func read(_ link: LinkStatus, of node: Int, into readings: inout [CounterReading]) {
        for (name, value) in link.counters.drops { readings.append(.init(CounterKey(node: node, interface: link.name, name: name), value)) }
    }

    private func read(_ node: Int, queues: Bool, into readings: inout [CounterReading]) throws {
        let reader = nodes[node].counters
        for (name, value) in zip(reader.names, try reader.read()) { readings.append(.init(CounterKey(node: node, name: name), value)) }
        if case .gatewayInstance = plan.nodes[node].kind {
            for link in try nodes[node].network.links() { read(link, of: node, into: &readings) }
        }
        // What no port of a bridge may have taken is counted at its spare end: the ledger asks it last.
        for bridge in plan.bridges where bridge.node == node {
            guard let link = try nodes[node].network.link(named: bridge.spareEnd) else { continue }
            readings.append(.init(CounterKey(node: node, interface: link.name, name: "no_instance"), link.counters.otherHostDrops))
        }
        if queues {
            for queue in try nodes[node].network.queueDisciplines() where queue.kind == "netem" {
                let name = isCut?(node, queue.interface) ?? false ? "link_cut" : "qdisc_drops"
                readings.append(.init(CounterKey(node: node, interface: queue.interface, name: name), UInt64(queue.drops)))
            }
        }
    }
}

/// Which counters of a namespace count drops that a probe or its ESP packet can meet.
enum DropCounters {
    static func isDrop(_ name: String, usesIPv6: Bool) -> Bool {
        name.hasPrefix("Xfrm") || ipv4.contains(name) || (usesIPv6 && ipv6.contains(name))
    }

    private static let ipv4: Set<String> = [
        "IpInHdrErrors", "IpInAddrErrors", "IpInDiscards", "IpOutDiscards", "IpOutNoRoutes", "IpExtInNoRoutes", "IcmpOutDestUnreachs",
        "UdpNoPorts", "UdpRcvbufErrors",
    ]
    private static let ipv6: Set<String> = [
        "Ip6InHdrErrors", "Ip6InAddrErrors", "Ip6InDiscards", "Ip6OutDiscards", "Ip6OutNoRoutes", "Ip6InNoRoutes", "Icmp6OutDestUnreachs",
        "Udp6NoPorts", "Udp6RcvbufErrors",
    ]
}

extension LinkStatus.Counters {
    /// The kernel's own names for the reasons why an interface dropped packets.
    fileprivate var drops: [(String, UInt64)] {
        [
            ("rx_dropped", receiveDrops), ("rx_otherhost_dropped", otherHostDrops), ("rx_nohandler", unhandled),
            ("tx_dropped", sendDrops),
        ]
    }
}
