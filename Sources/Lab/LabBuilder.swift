import AgentProtocol
import Glibc
import LabPlan
import Links
import LinuxKernel

/// Builds the plan's network, one node after the other: its namespace with its settings, the links to nodes that are there already, then what is on
/// them; impairments last, once all links are up.
///
/// A node is finished while the kernel has it at hand: its settings' folder is one of as many of one name as there are namespaces, and the
/// kernel finds the newest first (`__d_lookup`). All changes of one step go out as one batch, and ask for no interface's number: the plan gives them.
package struct LabBuilder {
    let plan: LabPlan
    let thread: NamespaceThread
    let journal: Journal?
    let report: (Progress) -> Void
    /// nil for the whole plan.
    private var addition: LabPlan.Addition?

    package init(plan: LabPlan, thread: NamespaceThread, journal: Journal? = nil, report: @escaping (Progress) -> Void) {
        self.plan = plan
        self.thread = thread
        self.journal = journal
        self.report = report
    }

    /// The same for what a plan has more than this one's.
    func adding(_ addition: LabPlan.Addition, of plan: LabPlan) -> LabBuilder {
        var builder = LabBuilder(plan: plan, thread: thread, journal: journal, report: report)
        builder.addition = addition
        return builder
    }

    /// The same for all of its plan.
    var whole: LabBuilder { LabBuilder(plan: plan, thread: thread, journal: journal, report: report) }

    /// Builds the plan's nodes, or those of the addition, and everything that is there between them and those that stand.
    ///
    /// - Parameters:
    ///   - standing: the nodes that are there, none for a whole plan.
    ///   - add: told each node that there is, so that what was made can be removed if the rest fails.
    func build(after standing: [LabNode], add: (LabNode) -> Void) throws {
        var nodes = standing
        var namespaces = standing.map(\.namespace)
        let work = LabWork(plan, addition)
        let supply = try nodeSupply(work)
        // The next ones may be there already when one fails.
        defer { supply.end().forEach(add) }
        for (done, index) in work.nodes.enumerated() {
            let node = try supply.next()
            nodes.append(node)
            namespaces.append(node.namespace)
            add(node)
            for step in work.steps(completing: index, namespaces) { try carry(out: step, nodes) }
            // Each costs a message: a few show that it goes on.
            let part = Self.reports * (done + 1) / work.nodes.count
            guard part > Self.reports * done / work.nodes.count else { continue }
            report(Progress(phase: "building", done: Double(part), total: Double(Self.reports)))
        }
        for step in work.impairments { try carry(out: step, nodes) }
    }

    private static let reports = 20

    /// With several processors, a thread of its own makes the next nodes while one's links are made: two thirds of the time by hand, and each is
    /// about half of the work. With a single one, that of a guest, it would only take time away.
    private func nodeSupply(_ work: LabWork) throws -> MadeAhead<LabNode> {
        let ahead = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1 && work.nodes.count > 1 ? try NamespaceThread() : nil
        let maker = LabNodeMaker(plan: plan, thread: ahead ?? thread, journal: journal)
        let settings = work.settings
        return MadeAhead(work.nodes, by: ahead) { try maker.make($0, settings: settings) }
    }

    private func carry(out step: BuildStep, _ nodes: [LabNode]) throws {
        switch step.work {
        case .settings(let settings): try KernelSetting.write(settings, in: nodes[step.node].namespace, on: thread)
        case .changes(let changes, let numbers): try nodes[step.node].network.apply(changes, numbers: numbers)
        }
    }

    /// An instance's own addresses and routes, which the kernel has dropped with its links.
    func restore(_ node: Int, on network: NetworkStack) throws {
        // IPv4 addresses outlive a link's fall, IPv6 ones do not: what is there already is no failure.
        for failure in try network.attempt(LabWork.addressesAndRoutes(of: node, in: plan)) where !failure.error.isAlreadyExists {
            throw failure.error
        }
    }

    /// What randomness one end of a link has.
    static func seed(of link: Link, _ end: Link.End, _ plan: LabPlan) -> UInt64 {
        RandomSeed.derive(plan.seed, "netem \(link.name) \(end.interface)")
    }
}

extension NetworkEmulation {
    init(_ impairment: Impairment, seed: UInt64) {
        self.init(delay: impairment.delay, jitter: impairment.jitter, loss: impairment.loss, rate: impairment.rate, seed: seed)
    }
}

/// Seeds for different purposes from the plan's one.
enum RandomSeed {
    /// FNV-1a over the seed's bytes and the purpose, stirred by SplitMix64's finaliser: alike labels give unlike seeds.
    static func derive(_ seed: UInt64, _ purpose: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in withUnsafeBytes(of: seed.littleEndian, Array.init) + Array(purpose.utf8) {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        return hash ^ (hash >> 31)
    }
}
