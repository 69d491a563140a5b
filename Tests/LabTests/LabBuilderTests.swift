import Addressing
import Glibc
import LabPlan
import Links
import LinuxKernel
import TestRequirements
import Testing
import Topology

@testable import Lab

/// On this machine's own kernel, as large labs are built: the rest is in the kernel checks, in a guest with a single processor.
@Suite(.enabled(if: ScratchNamespace.bridges.letTestsRun, "\(ScratchNamespace.bridges.reason)"))
struct LabBuilderTests {
    private let plan: LabPlan

    init() throws {
        let text = """
            resetlab: 1
            name: built
            gateway: {name: BuiltGW, addresses: [203.0.113.10], prefixes: [10.1.0.0/16]}
            sites:
              - {name: site, count: 9, address: 198.18.0.1, prefixes: [10.64.0.0/24], connection: {preSharedKey: "a key for this test"}}
            rehearsal: {duration: 60s, resetAt: 20s, probes: {rate: 10}}
            """
        let name = "test-\(getpid())-\(UInt32.random(in: 0...99_999))"
        // Some kernels have no dummy interfaces.
        plan = try Topology.load(text: text, file: "built.yaml").plan(labName: name, seed: 1).withoutDummies
    }

    /// Builds, and removes what was made whatever happens.
    private func build(_ plan: LabPlan, _ body: ([LabNode], NamespaceThread, (any Error)?) throws -> Void) throws {
        let thread = try NamespaceThread()
        var nodes: [LabNode] = []
        defer { _ = Journal.remove(nodes.map(\.namespace), nil) }
        do {
            try LabBuilder(plan: plan, thread: thread) { _ in }.build(after: []) { nodes.append($0) }
        } catch {
            try body(nodes, thread, error)
            return
        }
        try body(nodes, thread, nil)
    }

    @Test func allIsThere() throws {
        try build(plan) { nodes, thread, error in
            if let error { throw error }
            #expect(nodes.map(\.node.namespace) == plan.nodes.map(\.namespace))
            for address in plan.addresses {
                let found = try nodes[address.node].network.addresses()
                #expect(found.contains { $0.interface == address.interface && $0.address == address.address })
            }
            for end in plan.links.flatMap(\.ends) where end.bridge == nil {
                let namespace = nodes[end.node].namespace
                let name = "ipv4/neigh/\(end.interface)/base_reachable_time_ms"
                #expect(try KernelSetting.read(name, in: namespace, on: thread) == "14400000")
            }
            for node in nodes { #expect(try KernelSetting.read("ipv4/ip_forward", in: node.namespace, on: thread) == "1") }
        }
    }

    @Test func whatWasMadeBeforeAFailureIsTold() throws {
        let taken = plan.nodes[7].namespace
        let foreign = try NamespaceThread().makeNamespace(named: taken)
        defer { _ = try? NetworkNamespace.remove(named: taken, identity: foreign.identity) }
        try build(plan) { nodes, _, error in
            #expect(error.map { "\($0)".contains("\(taken) exists already") } == true)
            #expect(nodes.map(\.node.namespace) == plan.nodes[..<7].map(\.namespace))
        }
        for node in plan.nodes { #expect(NetworkNamespace.exists(named: node.namespace) == (node.namespace == taken)) }
        #expect(try NetworkNamespace.open(named: taken).identity == foreign.identity)
    }

    /// A change that fails while the next nodes are made.
    @Test func whatWasMadeAheadIsTold() throws {
        var plan = plan
        let site = plan.nodes.count - 8
        plan.addresses.append(InterfaceAddress(node: site, interface: "nowhere", address: try #require(IPPrefix("192.0.2.1/32"))))
        try build(plan) { nodes, _, error in
            #expect(error.map { "\($0)".contains("nowhere") } == true)
            #expect(nodes.count > site)
        }
        for node in plan.nodes { #expect(!NetworkNamespace.exists(named: node.namespace)) }
    }
}
