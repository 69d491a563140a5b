import Addressing
import Glibc
import Links
import LinuxKernel
import Measurement
import Netlink
import Probing

/// The link whose outages are known: two namespaces, a veth pair between them, and nothing else.
///
///     [a] 192.0.2.1  eth0 ──────── eth0  192.0.2.2 [b]
///         sends probes                   receives them
///
/// Whatever takes it down takes effect within one request of the sender's side: no carrier that falls later (`linkwatch_event`), no neighbour
/// to be asked for anew.
final class CalibrationLink {
    let means: CalibrationResult.Means
    let sender: ProbeSocket
    let receiver: ProbeSocket

    private static let interface = "eth0"
    private static let addresses = [1, 2].map { IPAddress(family: .v4, value: 0xc000_0200 + $0) }
    private static let macs = [UInt32(1), 2].map { MACAddress.local(block: 0xfd, index: $0) }

    private let thread: NamespaceThread
    private let namespaces: [NetworkNamespace]
    private let journal: Journal?
    private let network: NetworkStack

    /// Builds it. When that fails, what was made is removed again.
    ///
    /// - Parameter means: how it is taken down; nil for a netem where the kernel has one.
    init(payload: Int, means: CalibrationResult.Means?, environment: LabEnvironment) throws {
        if environment.isShared { _ = try Journal.cleanUp() }
        let journal = try environment.isShared ? Journal() : nil
        let thread = try NamespaceThread()
        var made: [NetworkNamespace] = []
        do {
            for end in ["a", "b"] {
                // Unique among all agents on this kernel.
                let name = "rl-calibration-\(getpid())-\(end)"
                try journal?.making(name)
                let namespace = try thread.makeNamespace(named: name)
                made.append(namespace)
                try journal?.made(name, namespace.identity)
            }
            network = try Self.connect(made, on: thread)
            self.means = try means == .linkState ? .linkState : Self.means(of: network)
            sender = try thread.run(in: made[0]) { try ProbeSocket(from: Self.addresses[0], to: Self.addresses[1], payload: payload) }
            receiver = try thread.run(in: made[1]) { try ProbeSocket(from: Self.addresses[1], to: Self.addresses[0], payload: payload) }
        } catch {
            _ = Journal.remove(made, journal)
            throw error
        }
        self.journal = journal
        self.thread = thread
        namespaces = made
    }

    /// - Returns: the sender's network.
    private static func connect(_ namespaces: [NetworkNamespace], on thread: NamespaceThread) throws -> NetworkStack {
        let stacks = try namespaces.map { try NetworkStack(of: $0, on: thread) }
        for namespace in namespaces {
            // Nothing is sent of a node's own accord.
            try KernelSetting.write([KernelSetting("ipv6/conf/all/disable_ipv6", "1")], in: namespace, on: thread)
        }
        let ends = macs.map { VethPair.End(interface: interface, mac: $0) }
        try stacks[0].apply(.addVethPair(VethPair(ends[0], peer: ends[1], in: namespaces[1])))
        for (end, stack) in stacks.enumerated() {
            guard let prefix = IPPrefix("\(addresses[end])/24") else { continue }
            try stack.apply([.setUp("lo"), .setUp(interface), .addAddress(AssignedAddress(prefix, on: interface)), peer(of: end)])
        }
        return stacks[0]
    }

    private static func peer(of end: Int) -> NetworkChange {
        .setNeighbour(NeighbourEntry(addresses[1 - end], on: interface, mac: macs[1 - end]))
    }

    /// A netem where the kernel has one, in place from the start: changed, not made, it takes effect at once (`netem_change`), whereas a new
    /// one waits for the kernel's grace period.
    private static func means(of network: NetworkStack) throws -> CalibrationResult.Means {
        let failures = try network.attempt([.emulate(NetworkEmulation(), on: interface)])
        return failures.isEmpty ? .netem : .linkState
    }

    func takeDown() throws {
        switch means {
        case .netem: try network.apply(.emulate(NetworkEmulation(loss: 1), on: Self.interface))
        case .linkState: try network.apply(.setDown(Self.interface))
        }
    }

    func bringUp() throws {
        switch means {
        case .netem: try network.apply(.emulate(NetworkEmulation(), on: Self.interface))
        // An interface that falls forgets its neighbours (`neigh_ifdown`). Its route comes back with it (`fib_netdev_event`).
        case .linkState: try network.apply([.setUp(Self.interface), Self.peer(of: 0)])
        }
    }

    /// - Returns: what could not be removed.
    func remove() -> [any Error] { Journal.remove(namespaces, journal) }
}
