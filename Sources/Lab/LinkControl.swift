import EventLoop
import LabPlan
import Links

/// Makes links carry nothing, worse than planned, or as planned again.
///
/// A cut is a netem that loses everything at both ends of the link. To the network that is a path that has gone away somewhere else: no carrier
/// falls and no route goes, as with an outage in a provider's network, and every packet lost to it is counted.
final class LinkControl {
    enum Change: Equatable {
        case cut
        case impaired(Impairment, LinkDirection)
    }

    /// Links that are not as planned.
    private(set) var changes: [Int: Change] = [:]
    /// Called as a link changes.
    var told: ((_ kind: String, _ link: Int, _ detail: String?) -> Void)?
    /// Called around each change of a queue, whose counters begin anew with it.
    var sample: ((_ nodes: [Int]) -> Void)?
    var failed: ((any Error) -> Void)?

    var plan: LabPlan
    private let loop: EventLoop
    private let network: (_ node: Int) -> NetworkStack
    /// What is still to happen to a link; another action on it comes instead.
    private var timers: [Int: EventLoop.Timer] = [:]

    init(plan: LabPlan, loop: EventLoop, network: @escaping (_ node: Int) -> NetworkStack) {
        self.plan = plan
        self.loop = loop
        self.network = network
    }

    func stop() {
        for timer in timers.values { loop.cancel(timer) }
        timers = [:]
    }

    /// Whether an action on the link has not ended: it is cut or impaired for a time, or flapping.
    func isBusy(_ link: Int) -> Bool { timers[link] != nil }

    /// Whether packets that leave by an interface are lost to a cut.
    func isCut(node: Int, interface: String) -> Bool {
        changes.contains { link, change in
            change == .cut && plan.links[link].ends.contains { $0.node == node && $0.interface == interface }
        }
    }

    func cut(_ link: Int, for duration: Duration?) throws {
        cancel(link)
        try change(link, to: .cut)
        told?("link-cut", link, duration.map { "for \($0.inSeconds)" })
        restoreLater(link, after: duration)
    }

    func impair(_ link: Int, _ impairment: Impairment, _ direction: LinkDirection, for duration: Duration?) throws {
        cancel(link)
        try change(link, to: .impaired(impairment, direction))
        told?("link-impaired", link, impairment.text + (direction == .both ? "" : ", \(direction.rawValue) the node"))
        restoreLater(link, after: duration)
    }

    func restore(_ link: Int) throws {
        cancel(link)
        guard changes[link] != nil else { return }
        try change(link, to: nil)
        told?("link-restored", link, nil)
    }

    func flap(_ link: Int, down: Duration, up: Duration, times: Int) throws {
        try cut(link, for: nil)
        later(link, after: down) { control in
            try control.restore(link)
            guard times > 1 else { return }
            control.later(link, after: up) { try $0.flap(link, down: down, up: up, times: times - 1) }
        }
    }

    private func restoreLater(_ link: Int, after duration: Duration?) {
        guard let duration else { return }
        later(link, after: duration) { try $0.restore(link) }
    }

    private func later(_ link: Int, after duration: Duration, _ body: @escaping (LinkControl) throws -> Void) {
        timers[link] = loop.timer(after: duration) { [unowned self] in
            timers[link] = nil
            do { try body(self) } catch { failed?(error) }
        }
    }

    private func cancel(_ link: Int) { timers.removeValue(forKey: link).map(loop.cancel) }

    // MARK: - The queues

    private func change(_ link: Int, to change: Change?) throws {
        let nodes = plan.links[link].ends.map(\.node)
        sample?(nodes)
        // End b is the node that the link is called by: what end a sends goes towards it.
        try shape(plan.links[link].a, of: link, isTowardsNode: true, change)
        try shape(plan.links[link].b, of: link, isTowardsNode: false, change)
        changes[link] = change
        sample?(nodes)
    }

    private func shape(_ end: Link.End, of link: Int, isTowardsNode: Bool, _ change: Change?) throws {
        let planned = end.impairment.flatMap { $0.isNone ? nil : $0 }
        var wanted = planned
        switch change {
        case nil: break
        case .cut: wanted = Impairment(loss: 1)
        case .impaired(let impairment, let direction):
            if direction == .both || direction == (isTowardsNode ? .toNode : .fromNode) { wanted = impairment.isNone ? nil : impairment }
        }
        let network = network(end.node)
        if let wanted {
            let emulation = NetworkEmulation(wanted, seed: LabBuilder.seed(of: plan.links[link], end, plan))
            try network.apply(.emulate(emulation, on: end.interface))
        } else if planned != nil || changes[link] != nil {
            // There may be none: an impairment of the other direction alone, or of nothing.
            for failure in try network.attempt([.removeQueueDiscipline(on: end.interface)]) {
                guard failure.error.isNotFound || failure.error.errno == .invalidArgument else { throw failure.error }
            }
        }
    }
}

extension Impairment {
    /// In words: `delay 200 ms, loss 30 %`.
    var text: String {
        var parts: [String] = []
        if delay != .zero { parts.append("delay \(delay.inSeconds)" + (jitter != .zero ? " ± \(jitter.inSeconds)" : "")) }
        if loss != 0 { parts.append("loss \((loss * 100).short) %") }
        if let rate { parts.append("rate \(rate) bit/s") }
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }
}

extension Duration {
    /// `1.5 s`.
    var inSeconds: String { "\((Double(nanoseconds) / 1e9).short) s" }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var short: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}
