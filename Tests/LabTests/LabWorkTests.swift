import Addressing
import LabPlan
import Links
import LinuxKernel
import Testing
import Topology

@testable import Lab

/// What building a plan consists of: everything once, and nothing before what it needs.
struct LabWorkTests {
    private static let text = """
        resetlab: 1
        name: work
        gateway:
          name: WorkGW
          addresses: [203.0.113.10]
          prefixes: [10.1.0.0/16]
        sites:
          - name: site
            count: 3
            address: 198.18.0.1
            prefixes: [10.64.0.0/24]
            link: {delay: 10ms}
            connection: {preSharedKey: "a key for this test"}
        rehearsal: {duration: 60s, resetAt: 20s, probes: {rate: 10}}
        """

    private let plan: LabPlan

    init() throws { plan = try Topology.load(text: Self.text, file: "work.yaml").plan(seed: 1) }

    private func changes() throws -> [(node: Int, change: NetworkChange)] {
        let work = LabWork(plan, nil)
        let namespaces = try plan.nodes.map { _ in try NetworkNamespace.ofThisThread() }
        let steps = work.nodes.flatMap { work.steps(completing: $0, Array(namespaces[...$0])) } + work.impairments
        return steps.flatMap { step -> [(node: Int, change: NetworkChange)] in
            guard case .changes(let changes, _) = step.work else { return [] }
            return changes.map { (step.node, $0) }
        }
    }

    @Test func everythingIsMadeOnce() throws {
        let descriptions = try changes().map { "\($0.node): \($0.change)" }
        #expect(Set(descriptions).count == descriptions.count)
        let made = try changes().map(\.change)
        func count(_ isCounted: (NetworkChange) -> Bool) -> Int { made.count { isCounted($0) } }
        #expect(count { if case .addVethPair = $0 { true } else { false } } == plan.links.count + plan.bridges.count)
        #expect(count { if case .addDummy = $0 { true } else { false } } == plan.dummies.count)
        #expect(count { if case .addAddress = $0 { true } else { false } } == plan.addresses.count)
        #expect(count { if case .addRoute = $0 { true } else { false } } == plan.routes.count)
        #expect(
            count { if case .emulate = $0 { true } else { false } }
                == plan.links.flatMap(\.ends).count { $0.impairment.map { !$0.isNone } ?? false })
    }

    /// Whoever changes an interface by its number must have the right one.
    @Test func numbersAreUniqueInANode() {
        for numbers in InterfaceNumbers(plan: plan).byNode { #expect(Set(numbers.values).count == numbers.count) }
    }
}
