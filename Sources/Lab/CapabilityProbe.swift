import Addressing
import AgentProtocol
import Glibc
import LabPlan
import Links
import LinuxKernel
import Netlink
import Probing
import XFRM

/// Finds out what this kernel can do by doing it, in two throw-away namespaces.
///
/// What a kernel has compiled in or could load says little: a container may forbid it, a module may be missing. Nothing is left behind.
package enum CapabilityProbe {
    package static func run() -> [Capability] {
        var capabilities: [Capability] = []
        func attempt(_ name: Capability.Name, isRequired: Bool = true, _ body: () throws -> String) {
            do {
                capabilities.append(Capability(name: name, works: true, detail: try body(), isRequired: isRequired))
            } catch {
                capabilities.append(Capability(name: name, works: false, detail: "\(error)", isRequired: isRequired))
            }
        }
        // Unique among all agents on this kernel.
        let names = ["rl-probe-\(getpid())-a", "rl-probe-\(getpid())-b"]
        var made: [NetworkNamespace] = []
        defer { for namespace in made { _ = try? NetworkNamespace.remove(named: namespace.name ?? "", identity: namespace.identity) } }

        var thread: NamespaceThread?
        attempt(.namespaces) {
            let worker = try NamespaceThread()
            for name in names { made.append(try worker.makeNamespace(named: name)) }
            thread = worker
            return "made two namespaces"
        }
        guard let thread, made.count == 2 else { return capabilities + unknown(after: capabilities) }
        let network = Result { try NetworkStack(of: made[0], on: thread) }
        attempt(.veth) {
            let pair = VethPair(
                .init(interface: "probe0", mac: .local(block: 0xfe, index: 1)),
                peer: .init(interface: "probe1", mac: .local(block: 0xfe, index: 2)),
                in: made[1])
            try network.get().apply([.addVethPair(pair), .setUp("probe0")])
            return "made a pair across both"
        }
        attempt(.bridge) {
            try network.get().apply([.addBridge("probebr", mac: .local(block: 0xfe, index: 3)), .setUp("probebr")])
            return "made a bridge"
        }
        attempt(.dummy) {
            try network.get().apply([.addDummy("probedum"), .setUp("probedum")])
            return "made a dummy interface"
        }
        attempt(.ipv6, isRequired: false) {
            try network.get().apply(.addAddress(AssignedAddress(IPPrefix("2001:db8::1/64")!, on: "probe0")))
            return "added an IPv6 address"
        }
        attempt(.netem) {
            let emulation = NetworkEmulation(delay: .milliseconds(1), jitter: .microseconds(100), loss: 0.01, rate: 1_000_000, seed: 1)
            try network.get().apply(.emulate(emulation, on: "probe0"))
            return "set delay, jitter, loss and rate"
        }
        attempt(.packetSockets) {
            _ = try thread.run(in: made[0]) { try ClearTextWatch(.v4) }
            return "opened a packet socket with a filter"
        }
        let security = Result { try thread.run(in: made[0]) { try XFRMSocket() } }
        attempt(.xfrm) {
            let socket = try security.get()
            let selector = XFRM.TrafficSelector(source: IPPrefix("192.0.2.0/24")!, destination: IPPrefix("198.51.100.0/24")!)!
            let template = SecurityPolicy.Template(source: IPAddress("192.0.2.1")!, destination: IPAddress("198.51.100.1")!)
            let policy = SecurityPolicy(direction: .outbound, selector: selector, templates: [template])
            try socket.add(policy)
            try socket.delete(policy.id)
            return "installed a policy"
        }
        for (name, suite, addresses, isRequired) in associations {
            attempt(name, isRequired: isRequired) {
                let socket = try security.get()
                let keys = XFRM.KeyMaterial((0..<suite.keyMaterialLength).map { UInt8(truncatingIfNeeded: $0) })
                guard let transform = suite.transform(keyMaterial: keys) else { throw LabError("no transform for \(suite)") }
                let association = SecurityAssociation(
                    source: addresses.0, destination: addresses.1, spi: SPI(rawValue: 0x1000), transform: transform)
                try socket.add(association)
                try socket.delete(association.id)
                return "installed an SA"
            }
        }
        return capabilities
    }

    private static let associations: [(Capability.Name, ESPSuite, (IPAddress, IPAddress), Bool)] = {
        let v4 = (IPAddress("192.0.2.1")!, IPAddress("198.51.100.1")!)
        let v6 = (IPAddress("2001:db8::1")!, IPAddress("2001:db8::2")!)
        return [
            (.espGCM, .gcm(.bits256), v4, true), (.espCBC, .cbc(.bits256, .sha256), v4, false),
            (.espOverIPv6, .gcm(.bits256), v6, false),
        ]
    }()

    /// Everything that needs a namespace, after none could be made.
    private static func unknown(after known: [Capability]) -> [Capability] {
        Capability.Name.allCases.filter { name in !known.contains { $0.name == name } }
            .map { Capability(name: $0, works: false, detail: "not tried, for want of a namespace", isRequired: true) }
    }
}
