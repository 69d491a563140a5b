import Addressing
import EventLoop
import KeyExchange
import LabPlan
import Links
import LinuxKernel
import Measurement

/// What the kernel itself tells of a failover while it is measured: security associations that were added, and neighbours that have learned
/// where a moved address is now. Timed when it is read, within the event loop's turn.
final class KernelNotices {
    var plan: LabPlan
    private let loop: EventLoop
    private var sockets: [(node: Int, socket: NeighbourEventSocket)] = []
    private var watches: [EventLoop.Watch] = []
    /// What each node knew last of the addresses that can move.
    private var known: [Int: [IPAddress: MACAddress]] = [:]
    private let movable: Set<IPAddress>
    private var notices: [TimelineEvent] = []
    /// CLOCK_MONOTONIC at the measured part's start; nil while nothing is measured.
    private var start: Int64?
    var failed: ((any Error) -> Void)?

    init(plan: LabPlan, loop: EventLoop) {
        self.plan = plan
        self.loop = loop
        let gateway = plan.gateway
        movable = Set(
            gateway.virtualAddresses + gateway.insideNextHops + gateway.instances.flatMap { $0.addresses + $0.insideNextHops })
    }

    /// Opens a socket for a node whose neighbours the gateway's instances are. To be called in the node's namespace.
    func openSocket(of node: Int) throws { sockets.append((node, try NeighbourEventSocket())) }

    func listen() throws {
        for (node, socket) in sockets {
            watches.append(try loop.watch(socket.fileDescriptor) { [unowned self] _ in receive(socket, of: node) })
        }
    }

    func stop() {
        for watch in watches { loop.cancel(watch) }
        watches = []
        sockets = []
    }

    func begin(at start: Int64) {
        self.start = start
        notices = []
    }

    /// The notices since the beginning, timed from it.
    func end() -> [TimelineEvent] {
        start = nil
        return notices
    }

    /// The kernel has told of an SA of a tunnel's end.
    func associationAdded(_ end: TunnelEndID, at node: Int) {
        let kind: KernelNotice = end.side == .site ? .siteAssociationAdded : .gatewayAssociationAdded
        record(kind, plan.connections[end.tunnel.connection].name, plan.nodes[node].name)
    }

    private func receive(_ socket: NeighbourEventSocket, of node: Int) {
        do {
            for event in try socket.receiveEvents() where movable.contains(event.address) {
                let before = known[node, default: [:]].updateValue(event.mac ?? MACAddress(value: 0), forKey: event.address)
                guard let mac = event.mac, mac != before else { continue }
                record(.neighbourUpdated, plan.nodes[node].name, "\(event.address) is at \(mac)")
            }
        } catch {
            failed?(error)
        }
    }

    private func record(_ kind: KernelNotice, _ subject: String, _ detail: String) {
        guard let start else { return }
        notices.append(TimelineEvent(at: SystemClock.monotonic.nanoseconds - start, kind: kind.rawValue, subject: subject, detail: detail))
    }
}
